/** Turns what a person typed into queries of SQLite's full-text index that can never be malformed. */
import { foldWord } from '#bridge/core/services/catalogue/spelling';

/** Words looked for; more would only slow the search down. */
const SEARCH_WORDS_MAX = 12;
/** Letters, digits and the marks that belong to them: what the index's tokenizer keeps. */
const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** The words looked for, as the index keeps them. */
export function searchWords(text: string): readonly string[] {
  const words = text.match(WORD)?.slice(0, SEARCH_WORDS_MAX) ?? [];
  return words.map(foldWord).filter((word) => word !== '');
}

/** Every word as it is, all required. */
export function exactQuery(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(' ');
}

/** Every word as the beginning of one, all required. */
export function prefixQuery(words: readonly string[]): string {
  return words.map((word) => `"${word}"*`).join(' ');
}

/** Every word as the beginning of one, or one of those that may have been meant; all required. */
export function meantQuery(words: readonly { readonly typed: string; readonly meant: readonly string[] }[]): string {
  return words
    .map(({ typed, meant }) => `(${[`"${typed}"*`, ...meant.map((word) => `"${word}"`)].join(' OR ')})`)
    .join(' AND ');
}
