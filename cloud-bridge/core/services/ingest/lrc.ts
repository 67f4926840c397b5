/**
 * Reads lyrics: LRC with its stamps, offsets, several stamps to a line and word stamps (which are dropped), or plain
 * text. There is no standard; this takes what players write.
 */
import type { Lyrics, TimedLine } from '#bridge/core/ports/lyrics';
import { repairUtf8 } from './tag-spelling.ts';

/** Characters looked at: an opera has fewer. */
export const LYRICS_LENGTH_MAX = 256 * 1024;
const LINES_MAX = 2_000;
const LINE_LENGTH_MAX = 500;
/** A track may last a day, and so may its words. */
const START_MS_MAX = 86_400_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_SECOND = 1_000;

/** `[mm:ss]`, `[mm:ss.x]` to `[mm:ss.xxx]`, `[mm:ss:xx]`, at the start of what is left of a line. */
const STAMP = /^\s*\[(\d{1,4}):([0-5]?\d)(?:[.:](\d{1,3}))?\]/;
/** `[ar:Artist]`: about the text, none of it. */
const HEADER = /^\s*\[([a-z#][a-z0-9_]*):(.*)\]\s*$/i;
/** `<mm:ss.xx>` before each word. */
const WORD_STAMPS = /<\d{1,4}:[0-5]?\d(?:[.:]\d{1,3})?>\s?/g;

/** @returns null when there are no words in it */
export function parseLyrics(text: string): Lyrics | null {
  const rows = repairUtf8(text.slice(0, LYRICS_LENGTH_MAX).replace(/^\uFEFF/, ''))
    .split(/\r\n|\r|\n/)
    .slice(0, LINES_MAX * 2);
  const timed: TimedLine[] = [];
  const plain: string[] = [];
  let offsetMs = 0;
  for (const row of rows) {
    const { starts, rest } = takeStamps(row);
    const header = starts.length === 0 ? HEADER.exec(row) : null;
    if (header !== null) {
      if (header[1]?.toLowerCase() === 'offset') offsetMs = offsetOf(header[2] ?? '');
    } else {
      const words = tidyLine(rest);
      for (const startMs of starts) timed.push({ startMs, text: words });
      if (starts.length === 0) plain.push(words);
    }
  }
  return timed.length > 0 ? timedLyrics(timed, offsetMs) : plainLyrics(plain);
}

/** Lines whose moments are known already, as SYLT has them, in any order. @returns null when there are no words */
export function timedLyrics(lines: readonly TimedLine[], offsetMs = 0): Lyrics | null {
  const shifted = lines.map(({ startMs, text }) => ({
    startMs: Math.min(START_MS_MAX, Math.max(0, Math.round(startMs - offsetMs))),
    text: tidyLine(text),
  }));
  if (shifted.every((line) => line.text === '')) return null;
  shifted.sort((one, other) => one.startMs - other.startMs);
  return { kind: 'timed', lines: shifted.slice(0, LINES_MAX) };
}

function plainLyrics(lines: readonly string[]): Lyrics | null {
  const first = lines.findIndex((line) => line !== '');
  if (first < 0) return null;
  const last = lines.findLastIndex((line) => line !== '');
  return { kind: 'plain', lines: lines.slice(first, last + 1).slice(0, LINES_MAX) };
}

function takeStamps(row: string): { readonly starts: readonly number[]; readonly rest: string } {
  const starts: number[] = [];
  let rest = row;
  for (let stamp = STAMP.exec(rest); stamp !== null && starts.length < LINES_MAX; stamp = STAMP.exec(rest)) {
    const [whole, minutes = '0', seconds = '0', fraction = ''] = stamp;
    const partMs = Number(fraction.padEnd(3, '0'));
    starts.push(Number(minutes) * MS_PER_MINUTE + Number(seconds) * MS_PER_SECOND + partMs);
    rest = rest.slice(whole.length);
  }
  return { starts, rest };
}

/** Positive: the words come sooner. What is no whole number of milliseconds is none. */
function offsetOf(text: string): number {
  return /^\s*[+-]?\d{1,7}\s*$/.test(text) ? Number(text) : 0;
}

function tidyLine(text: string): string {
  return text
    .replace(WORD_STAMPS, '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LINE_LENGTH_MAX)
    .toWellFormed()
    .trim();
}
