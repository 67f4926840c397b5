/** What every program reads the same way from its flags and variables; what is wrong is named by where it came from. */
import { join, resolve } from 'node:path';
import { LOG_LEVELS, type LogLevel } from '#protocol/kit/json-logger';
import { TonearmError } from '#protocol/vocabulary/errors';

const PORT_MAX = 65_535;
const HOST = /^[0-9a-zA-Z.:_-]{1,255}$/;
/** As names travel (`wire/schema`), without loading the schemas: a program reads its flags before it loads anything. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const NAME = /^[^\u0000-\u001f\u007f]{1,64}$/;

/** One value as it was given. */
export interface Given {
  readonly text: string;
  /** The flag or the variable, as the person wrote it. */
  readonly from: string;
}

/** What the machine says of itself. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly homeFolder: string;
}

/** A kind of folder that people can move as a whole, by the XDG base directory specification. */
export interface BaseFolder {
  readonly variable: string;
  /** Below the home folder. */
  readonly path: string;
}

export const DATA_HOME: BaseFolder = { variable: 'XDG_DATA_HOME', path: '.local/share' };
export const CACHE_HOME: BaseFolder = { variable: 'XDG_CACHE_HOME', path: '.cache' };

/** @param program whose folder it is when none is given: `BASE/tonearm/PROGRAM` */
export function readFolder(given: Given | null, around: Surroundings, base: BaseFolder, program: string): string {
  if (given !== null) return given.text === '' ? fail(given, 'must name a folder') : resolve(given.text);
  const moved = around.env[base.variable];
  const home = moved === undefined || moved === '' ? join(around.homeFolder, base.path) : moved;
  return join(home, 'tonearm', program);
}

/** A name for people. @param otherwise when nothing was given */
export function readName(given: Given | null, otherwise: string): string {
  if (given === null || NAME.test(given.text)) return given?.text ?? otherwise;
  return fail(given, 'must have 1 to 64 characters and no control characters');
}

/** @param range both ends are allowed */
export function readWholeNumber(
  given: Given | null,
  otherwise: number,
  range: { readonly least: number; readonly most: number },
): number {
  if (given === null) return otherwise;
  const value = /^\d{1,9}$/.test(given.text) ? Number(given.text) : Number.NaN;
  if (value >= range.least && value <= range.most) return value;
  return fail(given, `must be a whole number from ${range.least} to ${range.most}, not ${JSON.stringify(given.text)}`);
}

/** One of a few words. @param otherwise when nothing was given */
export function readChoice<Word extends string>(given: Given | null, otherwise: Word, words: readonly Word[]): Word {
  if (given === null) return otherwise;
  const word = words.find((it) => it === given.text);
  return word ?? fail(given, `must be one of ${words.join(', ')}, not ${JSON.stringify(given.text)}`);
}

/** Off unless it is said. */
export function readSwitch(given: Given | null): boolean {
  return readChoice(given, 'off', ['on', 'off']) === 'on';
}

export function readPort(given: Given | null, otherwise: number): number {
  return readWholeNumber(given, otherwise, { least: 0, most: PORT_MAX });
}

/** An address to listen on. */
export function readHost(given: Given | null, otherwise: string): string {
  if (given === null || HOST.test(given.text)) return given?.text ?? otherwise;
  return fail(given, `must be an address of this machine, not ${JSON.stringify(given.text)}`);
}

export function readLogLevel(given: Given | null): LogLevel {
  return readChoice(given, 'info', LOG_LEVELS);
}

/** `1` and `true` are yes, nothing at all is no. */
export function isTrue(given: Given | null): boolean {
  if (given === null || given.text === '0' || given.text === 'false') return false;
  if (given.text === '1' || given.text === 'true') return true;
  return fail(given, `must be 1 or 0, not ${JSON.stringify(given.text)}`);
}

/** @throws TonearmError `config.invalid` that names where it came from */
export function fail(given: Given, rule: string): never {
  throw new TonearmError('config.invalid', `${given.from} ${rule}`, { field: given.from });
}
