/**
 * A command as it comes over MQTT, made into a wish. Two forms of payload: JSON with an id, which is answered and may
 * come twice, and a bare value, for what cannot make ids (buttons of Home Assistant). Pure. Spec section 14.2.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms, percent } from '#protocol/vocabulary/units';
import { BUS_COMMAND_LENGTH_MAX, type BusCommand, type BusCommandName, busCommandSchema } from '#protocol/wire/bus';
import { parseValue } from '#protocol/wire/schema';
import type { PhoneRequest } from '../../ports/household.ts';

export type BusValue = BusCommand['value'];

/** Who asks for what; without an id nobody hears of it. */
export interface BusCommandParts {
  readonly id: BusCommand['id'] | null;
  readonly value: BusValue;
  readonly expiresAtMs: number | null;
}

export type BusWish =
  | { readonly kind: 'request'; readonly request: PhoneRequest }
  /** Plays where it stands still, and the other way round. */
  | { readonly kind: 'toggle' }
  | { readonly kind: 'mute'; readonly isMuted: boolean }
  /** A URI, or the name of a source. */
  | { readonly kind: 'media'; readonly name: string };

/** @returns `input.too-large`, or `input.invalid` naming the field */
export function parseBusPayload(text: string): Result<BusCommandParts, TonearmError> {
  if (text.length > BUS_COMMAND_LENGTH_MAX) {
    return refused(new TonearmError('input.too-large', `command: more than ${BUS_COMMAND_LENGTH_MAX} characters`));
  }
  if (!text.trimStart().startsWith('{')) return ok({ id: null, value: text.trim(), expiresAtMs: null });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refused(new TonearmError('input.invalid', 'command: not JSON'));
  }
  // As the media players of Home Assistant write it.
  if (typeof json === 'object' && json !== null && 'media_id' in json && typeof json.media_id === 'string') {
    return ok({ id: null, value: json.media_id, expiresAtMs: null });
  }
  const parsed = parseValue(busCommandSchema, json, 'command');
  if (!parsed.ok) return parsed;
  const { id, value, expiresAtMs } = parsed.value;
  return ok({ id, value, expiresAtMs: expiresAtMs ?? null });
}

/** @param speakerId null: the active speaker */
export function wishOf(
  name: BusCommandName,
  value: BusValue,
  speakerId: SpeakerId | null,
): Result<BusWish, TonearmError> {
  switch (name) {
    case 'play':
      return request({ kind: 'resume', speakerId });
    case 'pause':
    case 'next':
    case 'previous':
      return request({ kind: name, speakerId });
    case 'toggle':
      return ok({ kind: 'toggle' });
    case 'seek':
      return numberIn(value, DAY_MS, (it) => request({ kind: 'seek', speakerId, positionMs: ms(it) }));
    case 'volume':
      return numberIn(value, 100, (it) => request({ kind: 'setVolume', speakerId, volume: percent(Math.round(it)) }));
    case 'level':
      return numberIn(value, 1, (it) =>
        request({ kind: 'setVolume', speakerId, volume: percent(Math.round(it * 100)) }),
      );
    case 'mute':
      return switchOf(value, (isMuted) => ok({ kind: 'mute', isMuted }));
    case 'shuffle':
      return switchOf(value, (isOn) => request({ kind: 'setShuffle', speakerId, isOn }));
    case 'repeat':
      return value === 'off' || value === 'context' || value === 'track'
        ? request({ kind: 'setRepeat', speakerId, mode: value })
        : invalid('must be off, context or track');
    case 'media':
    case 'source':
      return typeof value === 'string' && value !== ''
        ? ok({ kind: 'media', name: value })
        : invalid('must name music: a URI, or a source');
    case 'transfer':
      return speakerId === null
        ? invalid('is asked of a speaker, not of the session')
        : request({ kind: 'transfer', speakerId, isPlaying: undefined });
  }
}

const DAY_MS = 86_400_000;
const YES: readonly BusValue[] = [true, 'true', 'on', 'ON', 'mute'];
const NO: readonly BusValue[] = [false, 'false', 'off', 'OFF', 'unmute'];

function request(wish: PhoneRequest): Result<BusWish, TonearmError> {
  return ok({ kind: 'request', request: wish });
}

function numberIn(
  value: BusValue,
  most: number,
  use: (value: number) => Result<BusWish, TonearmError>,
): Result<BusWish, TonearmError> {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= most
    ? use(number)
    : invalid(`must be a number from 0 to ${most}`);
}

function switchOf(
  value: BusValue,
  use: (value: boolean) => Result<BusWish, TonearmError>,
): Result<BusWish, TonearmError> {
  if (YES.includes(value)) return use(true);
  return NO.includes(value) ? use(false) : invalid('must be true or false');
}

function invalid(rule: string): Result<never, TonearmError> {
  return refused(new TonearmError('input.invalid', `value ${rule}`, { field: 'value' }));
}
