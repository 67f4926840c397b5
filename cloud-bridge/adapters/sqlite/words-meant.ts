/**
 * Which words of the search index somebody may have meant who typed one that is not there. The index is in alphabetical
 * order, so only stretches of it can be looked at: those of the first two letters, where almost all slips lie (swapped
 * letters among them), and for a first letter that is wrong or missing every word that is right but for it.
 */
import type { DatabaseSync } from 'node:sqlite';
import { slipsBetween, slipsForgiven } from '#bridge/core/services/catalogue/spelling';
import { numberOf, textOf } from './rows.ts';
import { statement } from './statement.ts';

/** Words of one stretch compared with the one that was typed. */
const WORDS_COMPARED_MAX = 20_000;
/** Letters and digits that words begin with, tried in place of the first one; a library in two alphabets has some eighty. */
const INITIALS_MAX = 128;
export const WORDS_MEANT_MAX = 8;

interface Near {
  readonly word: string;
  readonly slips: number;
  /** How many tracks have it. */
  readonly documents: number;
}

/** Nearest and then commonest first, `WORDS_MEANT_MAX` at most; empty for words so short that all are alike. */
export function wordsMeantBy(database: DatabaseSync, typed: string): readonly string[] {
  const most = slipsForgiven(typed.length);
  if (most === 0) return [];
  const letters = [...typed];
  const near = new Map<string, Near>();
  for (const letter of new Set(letters.slice(0, 2))) {
    for (const word of wordsNear(database, typed, letter, most)) near.set(word.word, word);
  }
  const rest = letters.slice(1).join('');
  for (const initial of initialsOf(database)) {
    for (const word of [initial + rest, initial + typed]) {
      if (word === typed || near.has(word)) continue;
      const row = statement(database, 'SELECT doc FROM track_words WHERE term = ?').get(word);
      if (row !== undefined) near.set(word, { word, slips: 1, documents: numberOf(row, 'doc') });
    }
  }
  return [...near.values()]
    .sort(
      (one, other) => one.slips - other.slips || other.documents - one.documents || (one.word < other.word ? -1 : 1),
    )
    .slice(0, WORDS_MEANT_MAX)
    .map(({ word }) => word);
}

/** Those that begin with this letter and are one to `most` slips away. */
function wordsNear(database: DatabaseSync, typed: string, letter: string, most: number): readonly Near[] {
  const rows = database
    .prepare(
      `SELECT term, doc FROM track_words WHERE term >= ?1 AND term < ?2 AND length(term) BETWEEN ?3 AND ?4
       LIMIT ${WORDS_COMPARED_MAX}`,
    )
    .iterate(letter, `${letter}\u{10ffff}`, typed.length - most, typed.length + most);
  const near: Near[] = [];
  for (const row of rows) {
    const word = textOf(row, 'term');
    const slips = slipsBetween(typed, word, most);
    if (slips > 0 && slips <= most) near.push({ word, slips, documents: numberOf(row, 'doc') });
  }
  return near;
}

/** What words begin with, by leaping from each to the first word that begins otherwise. */
function* initialsOf(database: DatabaseSync): Generator<string> {
  const next = statement(database, 'SELECT term FROM track_words WHERE term > ? LIMIT 1');
  let after = '';
  for (let seen = 0; seen < INITIALS_MAX; seen += 1) {
    const row = next.get(after);
    if (row === undefined) return;
    const [initial = ''] = textOf(row, 'term');
    yield initial;
    after = `${initial}\u{10ffff}`;
  }
}
