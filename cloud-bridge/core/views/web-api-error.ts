/**
 * An error in the shape that clients of the Web-API player read: `{error: {status, message, reason}}`, and our own code
 * and field beside it for clients that know us.
 */
import type { ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { statusOf } from '../perimeter/error-status.ts';

/** The player's reasons, as far as ours have one. */
const REASON_BY_CODE: Partial<Record<ErrorCode, string>> = {
  'session.no-active-speaker': 'NO_ACTIVE_DEVICE',
  'session.speaker-not-found': 'DEVICE_NOT_CONTROLLABLE',
  'session.no-next-track': 'NO_NEXT_TRACK',
  'session.no-previous-track': 'NO_PREV_TRACK',
  'session.nothing-to-play': 'NO_SPECIFIC_TRACK',
  'session.not-playing': 'NOT_PLAYING_TRACK',
  'access.rate-limited': 'RATE_LIMITED',
};
const REASON_OTHERWISE = 'UNKNOWN';

export interface WebApiError {
  readonly error: {
    readonly status: number;
    readonly message: string;
    readonly reason?: string;
    readonly code: ErrorCode;
    readonly field?: string;
  };
}

/** @param isPlayer of a player route, whose errors have a reason */
export function viewWebApiError(error: TonearmError, isPlayer: boolean): WebApiError {
  const reason = isPlayer ? { reason: REASON_BY_CODE[error.code] ?? REASON_OTHERWISE } : {};
  return { error: { status: statusOf(error), ...reason, ...error.toBody() } };
}
