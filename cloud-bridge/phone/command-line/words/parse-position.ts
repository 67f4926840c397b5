/** What people type for a place in a track: `90`, `1:30`, `1:02:03`, `+10`, `-10`, `+1:00`. */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';

export type Position =
  | { readonly kind: 'absolute'; readonly positionMs: Ms }
  /** Forward when positive. */
  | { readonly kind: 'relative'; readonly byMs: number };

/** Longer than any track: a day. */
const POSITION_MS_MAX = 24 * 3_600_000;
const FORM = /^([+-]?)(?:(\d{1,2}):)?(?:(\d{1,4}):)?(\d{1,6}(?:\.\d{1,3})?)$/;

export function parsePosition(text: string): Result<Position, TonearmError> {
  const match = FORM.exec(text.trim());
  if (match === null) return refused(invalid(text, 'expected seconds (90), minutes (1:30), or a step (+10, -10)'));
  const [, sign = '', first, second, last = ''] = match;
  const [hours, minutes] = second === undefined ? [0, Number(first ?? 0)] : [Number(first), Number(second)];
  const seconds = Number(last);
  if (first !== undefined && seconds >= 60) return refused(invalid(text, 'seconds after a colon go to 59'));
  if (second !== undefined && minutes >= 60) return refused(invalid(text, 'minutes between colons go to 59'));
  const totalMs = Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
  if (totalMs > POSITION_MS_MAX) return refused(invalid(text, 'no track is longer than a day'));
  if (sign === '') return ok({ kind: 'absolute', positionMs: ms(totalMs) });
  return ok({ kind: 'relative', byMs: sign === '-' ? -totalMs : totalMs });
}

function invalid(text: string, why: string): TonearmError {
  return new TonearmError('input.invalid', `not a position: ${JSON.stringify(text.slice(0, 40))}; ${why}`, {
    field: 'POSITION',
  });
}

/** Where a position leads from `nowMs`; never before the start, and the track's end is the last place. */
export function positionFrom(position: Position, nowMs: Ms, durationMs: Ms): Ms {
  const wanted = position.kind === 'absolute' ? position.positionMs : nowMs + position.byMs;
  return ms(Math.round(Math.max(0, Math.min(wanted, durationMs))));
}
