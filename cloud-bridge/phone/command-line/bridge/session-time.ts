/**
 * When the position that a phone shows was true, on its own clock. An event says when it was made on the bridge's clock, of
 * which only differences mean anything; the event with the shortest way tells how the two clocks lie, so one that was long
 * on its way is known to be old. Spec section 10.3.
 */
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { HouseholdEvent } from '#protocol/wire/household';

export interface SessionTime {
  /** @param arrived on our clock @returns on our clock, when the session that is known now was true */
  heard(event: Pick<HouseholdEvent, 'kind' | 'atMs' | 'session'>, arrived: Ms): Ms;
}

export function createSessionTime(): SessionTime {
  let leastMs = Number.POSITIVE_INFINITY;
  let made: { readonly clock: 'bridge' | 'own'; readonly atMs: number } = { clock: 'own', atMs: 0 };
  return {
    heard: ({ kind, atMs, session }, arrived) => {
      if (kind === 'householdSnapshot') leastMs = Number.POSITIVE_INFINITY;
      if (atMs !== undefined) leastMs = Math.min(leastMs, arrived - atMs);
      if (session !== undefined) {
        made = atMs === undefined ? { clock: 'own', atMs: arrived } : { clock: 'bridge', atMs };
      }
      return ms(Math.max(0, made.clock === 'own' ? made.atMs : made.atMs + leastMs));
    },
  };
}
