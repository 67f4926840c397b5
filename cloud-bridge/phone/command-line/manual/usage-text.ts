/**
 * What the `--help` of a program of ours says, taken apart: each has a line of usage, what it is, its flags, and notes. Man
 * pages and completions are made from it, so that they cannot say anything else than `--help`. Pure.
 */

export interface UsageEntry {
  /** `--port N`. */
  readonly term: string;
  readonly text: string;
}

export interface UsageText {
  /** Without the word "Usage". */
  readonly usage: string;
  /** Paragraphs above the flags. */
  readonly about: readonly string[];
  readonly entries: readonly UsageEntry[];
  /** Paragraphs below the flags. */
  readonly notes: readonly string[];
}

const USAGE = /^Usage: /;
/** Flags stand two characters in; what is further in goes on from the line above. */
const ENTRY = /^ {2}(?=\S)/;
const GOES_ON = /^ {3,}(?=\S)/;
const COLUMN_GAP = / {2,}/;

export function parseUsage(text: string): UsageText {
  let usage = '';
  const about: string[] = [];
  const notes: string[] = [];
  const entries: { term: string; text: string }[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const last = entries.at(-1);
    if (USAGE.test(line)) usage = line.replace(USAGE, '').trim();
    else if (GOES_ON.test(line) && last !== undefined) last.text = joined(last.text, line);
    else if (ENTRY.test(line)) {
      const [term = '', ...rest] = line.trim().split(COLUMN_GAP);
      entries.push({ term, text: rest.join(' ') });
    } else (entries.length === 0 ? about : notes).push(line.trim());
  }
  return { usage, about, entries, notes };
}

/** `--port N` → `--port`; none for what is no flag. Two in one entry are two. */
export function flagsOf({ term }: UsageEntry): readonly string[] {
  return [...term.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);
}

function joined(before: string, line: string): string {
  return `${before} ${line.trim().split(COLUMN_GAP).join(' ')}`.trim();
}
