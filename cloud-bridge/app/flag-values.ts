/** What every app reads the same way from its flags and variables; what is wrong is named by where it came from. */
import { LOG_LEVELS, type LogLevel } from '#protocol/kit/json-logger';
import { TonearmError } from '#protocol/vocabulary/errors';

const PORT_MAX = 65_535;
const HOST = /^[0-9a-zA-Z.:_-]{1,255}$/;

/** One value as it was given. */
export interface Given {
  readonly text: string;
  /** The flag or the variable, as the person wrote it. */
  readonly from: string;
}

/** @param otherwise when nothing was given */
export function readPort(given: Given | null, otherwise: number): number {
  if (given === null) return otherwise;
  const port = /^\d{1,5}$/.test(given.text) ? Number(given.text) : Number.NaN;
  if (port <= PORT_MAX) return port;
  return fail(given, `must be a whole number from 0 to ${PORT_MAX}, not ${JSON.stringify(given.text)}`);
}

/** An address to listen on. */
export function readHost(given: Given | null, otherwise: string): string {
  if (given === null || HOST.test(given.text)) return given?.text ?? otherwise;
  return fail(given, `must be an address of this machine, not ${JSON.stringify(given.text)}`);
}

export function readLogLevel(given: Given | null): LogLevel {
  if (given === null) return 'info';
  const level = LOG_LEVELS.find((it) => it === given.text);
  return level ?? fail(given, `must be one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(given.text)}`);
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

/** Node's own message names the flag; its first sentence is enough for one line. */
export function usageError(thrown: unknown): TonearmError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const [sentence = text] = text.split(/\. |\n/, 1);
  const flag = /--?[a-z][a-z-]*/i.exec(text)?.[0];
  return new TonearmError('config.invalid', `${sentence}; see --help`, flag === undefined ? {} : { field: flag });
}
