/** What people say of a crowd on the command line, checked: what is wrong is refused by the name of its flag. */
import { parseBridgeAddress } from '#bridge/phone/command-line/bridge/bridge-address';
import { readWholeNumber } from '#protocol/adapters/flag-values';
import { TonearmError } from '#protocol/vocabulary/errors';
import { S_PER_HOUR } from './listening-model.ts';

/** As many as a bridge lets in (`SPEAKER_LINKS_MAX`); one address has ports for not many more. */
export const SPEAKERS_MAX = 20_000;
/** More than any bridge lets in (256), so that the refusal can be seen. */
export const PHONES_MAX = 1_000;
const SEED_MAX = 999_999_999;
export const MINUTES_MAX = 7 * 24 * 60;
const MINUTES_DEFAULT = 10;
export const PACE_MAX = 1_000;
/** What is planned beforehand: a month. */
const PLANNED_MINUTES_MAX = 31 * 24 * 60;
/** When the evening begins. */
const FROM_DEFAULT = '18:00';
const S_PER_MINUTE = 60;

/** As the parser of the command line hands them over. */
export interface CrowdFlags {
  readonly count?: string;
  readonly bridge?: string;
  readonly seed?: string;
  readonly minutes?: string;
  readonly pace?: string;
  readonly from?: string;
}

export interface CrowdRun {
  readonly count: number;
  /** `http://host:port` */
  readonly url: string;
  /** `ws://host:port` */
  readonly address: string;
  readonly seed: number;
  /** In real seconds. */
  readonly durationS: number;
  /** How many times faster than they live. */
  readonly pace: number;
  /** Seconds since midnight at which the run begins. */
  readonly fromS: number;
  /** As they were given, to run it again. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** @throws TonearmError `input.invalid`, `config.invalid` */
export function readCrowdFlags(flags: CrowdFlags, countMax: number): CrowdRun {
  const count = readCount(flags.count, countMax);
  if (flags.bridge === undefined) throw invalid('--bridge', 'where the bridge is, e.g. http://127.0.0.1:4747');
  const parsed = parseBridgeAddress(flags.bridge);
  if (!parsed.ok) throw parsed.error;
  const seed = readWholeNumber({ text: flags.seed ?? '1', from: '--seed' }, 0, { least: 0, most: SEED_MAX });
  const minutes = readMinutes(flags.minutes ?? String(MINUTES_DEFAULT));
  const pace = readPace(flags.pace ?? 'real');
  if (minutes * pace > PLANNED_MINUTES_MAX) {
    throw invalid('--pace', `${minutes} minutes at that pace are more than a month of their lives`);
  }
  const from = flags.from ?? FROM_DEFAULT;
  const url = parsed.value;
  return {
    ...{ count, url, address: url.replace(/^http/, 'ws'), seed, pace, fromS: readTime(from) },
    durationS: minutes * S_PER_MINUTE,
    parameters: { count, bridge: url, seed, minutes, pace: pace === 1 ? 'real' : `fast:${pace}`, from },
  };
}

/** @throws TonearmError `input.invalid`, `config.invalid` */
export function readCount(text: string | undefined, most: number): number {
  if (text === undefined) throw invalid('--count', `how many, from 1 to ${most}`);
  return readWholeNumber({ text, from: '--count' }, 0, { least: 1, most });
}

function readMinutes(text: string): number {
  const value = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= MINUTES_MAX) return value;
  throw invalid('--minutes', `must be above 0 and at most ${MINUTES_MAX}, not ${JSON.stringify(text)}`);
}

function readPace(text: string): number {
  if (text === 'real') return 1;
  const found = /^fast:(\d{1,4})$/.exec(text);
  const value = Number(found?.[1] ?? Number.NaN);
  if (value >= 1 && value <= PACE_MAX) return value;
  throw invalid('--pace', `must be real or fast:K with K from 1 to ${PACE_MAX}, not ${JSON.stringify(text)}`);
}

function readTime(text: string): number {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (found === null) throw invalid('--from', `must be a time of day such as 18:00, not ${JSON.stringify(text)}`);
  return Number(found[1]) * S_PER_HOUR + Number(found[2]) * S_PER_MINUTE;
}

export function invalid(flag: string, why: string): TonearmError {
  return new TonearmError('input.invalid', `${flag}: ${why}`, { field: flag });
}
