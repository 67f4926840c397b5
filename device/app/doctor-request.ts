/** The flags of `tonearm speaker doctor` beside those that every speaker takes. */
import { resolve } from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

export interface DoctorRequest {
  readonly isJson: boolean;
  /** Plays two notes where no speaker runs that would be disturbed. */
  readonly hasTone: boolean;
  /** Where a bundle is to be written; null: nowhere. */
  readonly bundle: string | null;
}

export interface DoctorWords {
  readonly request: DoctorRequest;
  /** For the speaker's own flags. */
  readonly rest: readonly string[];
}

/** @returns `config.invalid` for a bundle without a name */
export function parseDoctorWords(words: readonly string[]): Result<DoctorWords, TonearmError> {
  const isOwn = (word: string) => word === '--json' || word === '--no-tone' || word.startsWith('--bundle=');
  const at = words.indexOf('--bundle');
  // As one word, so that it is taken out like the others.
  const joined = at < 0 ? words : [...words.slice(0, at), `--bundle=${words[at + 1] ?? ''}`, ...words.slice(at + 2)];
  const given = joined.findLast((word) => word.startsWith('--bundle='))?.slice('--bundle='.length) ?? null;
  if (given === '') {
    return refused(new TonearmError('config.invalid', '--bundle must name a file', { field: '--bundle' }));
  }
  const bundle = given === null ? null : resolve(given);
  const request = { isJson: joined.includes('--json'), hasTone: !joined.includes('--no-tone'), bundle };
  return ok({ request, rest: joined.filter((word) => !isOwn(word)) });
}
