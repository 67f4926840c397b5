/** How releases go, as it is kept: who is to get which, and what each speaker has said. Values, and what changes them. */
import { parseValue } from '#protocol/wire/schema';
import {
  ROLLOUTS_KEPT_MAX,
  type Rollout,
  type RolloutRecord,
  rolloutRecordSchema,
  SPEAKERS_KEPT_MAX,
  type SpeakerWord,
} from '#protocol/wire/update-records';

/** So many have to fail, and such a part of those that came to an end, before nobody else gets it. */
export const HALT_FAILURES = 3;
export const HALT_SHARE = 0.2;

/** Of a bridge that has published nothing. */
export const EMPTY_RECORD: RolloutRecord = { format: 1, rollouts: [], words: [] };

/** @returns an empty one for what is none: speakers say again what they run */
export function parseRecord(text: string | null): RolloutRecord {
  try {
    const parsed = parseValue(rolloutRecordSchema, JSON.parse(text ?? ''), 'the record of rollouts');
    return parsed.ok ? parsed.value : EMPTY_RECORD;
  } catch {
    return EMPTY_RECORD;
  }
}

/** In the place of what was said of that version. */
export function withRollout(record: RolloutRecord, rollout: Rollout): RolloutRecord {
  const others = record.rollouts.filter(({ version }) => version !== rollout.version);
  return { ...record, rollouts: [...others, rollout].slice(-ROLLOUTS_KEPT_MAX) };
}

/** In the place of what that speaker said before. */
export function withWord(record: RolloutRecord, word: SpeakerWord): RolloutRecord {
  const others = record.words.filter(({ speakerId }) => speakerId !== word.speakerId);
  return { ...record, words: [...others, word].slice(-SPEAKERS_KEPT_MAX) };
}

export interface Tally {
  readonly good: number;
  readonly failed: number;
}

/** How many speakers a version has worked on, and how many it has not. A network that failed says nothing of a version. */
export function tallyOf({ words }: RolloutRecord, version: string): Tally {
  const own = words.map(({ report }) => report).filter((report) => report.version === version);
  const isFailure = ({ stage, reason }: SpeakerWord['report']) =>
    stage === 'rolled-back' || (stage === 'failed' && reason?.startsWith('update.') === true);
  return { good: own.filter(({ stage }) => stage === 'good').length, failed: own.filter(isFailure).length };
}

/** Whether it goes on to nobody else. */
export function isTooBad({ good, failed }: Tally): boolean {
  return failed >= HALT_FAILURES && failed / (failed + good) >= HALT_SHARE;
}
