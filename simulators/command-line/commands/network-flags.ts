/** Flags that the simulations of networks and of edges share. */
import { readWholeNumber } from '#protocol/adapters/flag-values';
import { type Endpoint, parseEndpoint } from '#sim/proxy/endpoint';

const SEED_MAX = 999_999_999;
const MINUTES_MAX = 7 * 24 * 60;
const LOOPBACK = '127.0.0.1';

export function readSeed(text: string): number {
  return readWholeNumber({ text, from: '--seed' }, 0, { least: 0, most: SEED_MAX });
}

/** @returns null: until it is interrupted */
export function readMinutes(text: string | undefined): number | null {
  if (text === undefined) return null;
  return readWholeNumber({ text, from: '--minutes' }, 1, { least: 1, most: MINUTES_MAX });
}

/** A port alone is one of this machine only. */
export function readControl(text: string): Endpoint {
  return parseEndpoint(/^\d{1,5}$/.test(text) ? `${LOOPBACK}:${text}` : text, '--control', true);
}
