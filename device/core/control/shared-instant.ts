/**
 * Instants that the bridge names on its clock, as ours: believed only where its clock is known well, and where they are
 * near, since a speaker that waited for a wrong one would be silent, or late. Spec section 5.4.3.
 */
import { type Us, us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { BridgeTime, ClockOffset } from './time-sync.ts';

/** A clock that is known worse than this is not known: what is heard of two speakers would be heard as two. */
export const ERROR_MAX_US = us(20_000);
/** Longer ahead no hand-over is agreed on; also what is let pass of one that is over. */
const AHEAD_MAX_US = 5_000_000;

/** What we take the bridge's clock to be; null while it is not known well enough to name an instant. */
export function bridgeTimeAt(offset: ClockOffset | null, nowUs: Us): BridgeTime | null {
  if (offset === null || offset.errorUs > ERROR_MAX_US) return null;
  return { nowUs: us(nowUs + offset.offsetUs), errorUs: offset.errorUs };
}

/** @returns the instant that a command names, on our clock; nothing where it names none, or none that can be believed */
export function instantOf(body: CommandBody, offset: ClockOffset | null, nowUs: Us): { readonly instantUs?: Us } {
  const atUs = body.kind === 'commit' || body.kind === 'release' ? body.atUs : undefined;
  if (atUs === undefined || bridgeTimeAt(offset, nowUs) === null || offset === null) return {};
  const instantUs = us(atUs - offset.offsetUs);
  return Math.abs(instantUs - nowUs) <= AHEAD_MAX_US ? { instantUs } : {};
}
