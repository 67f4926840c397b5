/** What a speaker tells a hook program of, and how each event is written: README of the speaker's flags has the table. */
import type { HookCall } from '#device/core/ports/hook-runner';

export type HookEvent =
  | { readonly event: 'playing' | 'paused'; readonly trackId: string }
  | { readonly event: 'stopped' | 'disconnected' }
  | { readonly event: 'track-changed'; readonly trackId: string }
  | { readonly event: 'volume'; readonly volume: number }
  | { readonly event: 'pairing-code'; readonly code: string }
  | { readonly event: 'connected'; readonly bridge: string; readonly address: string }
  /** `state` as in the log: `fetching`, `testing`, `waiting`, `switching`, `trying`, `idle` … */
  | { readonly event: 'update'; readonly state: string }
  /** `code` as in the protocol's list of errors. */
  | { readonly event: 'error'; readonly code: string; readonly message: string };

/** Characters of one value; an environment is no place for more. */
const VALUE_LENGTH_MAX = 500;
const EVENT_VARIABLE = 'TONEARM_EVENT';

/** `TONEARM_EVENT=volume TONEARM_EVENT_VOLUME=40`, and the same as JSON. */
export function hookCallOf(event: HookEvent, speaker: { readonly name: string }): HookCall {
  const fields = { ...event, speaker: speaker.name };
  const environment: Record<string, string> = {};
  for (const [key, value] of Object.entries(fields)) {
    const name = key === 'event' ? EVENT_VARIABLE : `${EVENT_VARIABLE}_${snakeCase(key)}`;
    environment[name] = presentable(value);
  }
  return { environment, line: JSON.stringify(fields) };
}

/** No control characters: a NUL cannot be in an environment, and a line break would be two lines to a careless script. */
function presentable(value: string | number): string {
  return String(value)
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, VALUE_LENGTH_MAX);
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
