/**
 * Who may play what and in which qualities, as pure decisions. A refusal names its reason, because "it does not play" is
 * what people call about.
 */

import type { Tier } from '#bridge/core/ports/access-store';
import type { AvailabilityRules } from '#bridge/core/ports/availability-rules';
import type { Asker } from '#bridge/core/services/access/access-control';
import { isAvailableByAll } from '#bridge/core/services/catalogue/availability';
import { type Kbps, kbps } from '#protocol/vocabulary/units';

/** What each tier may hear at most. */
const TIER_MAX_KBPS: Readonly<Record<Tier, Kbps>> = { free: kbps(160), premium: kbps(510) };
/** How much of a connection the music may take before it stalls: the rest is for what else goes over it. */
const NETWORK_SHARE = 0.7;

export type AccessRefusal =
  | 'account-revoked'
  | 'speaker-revoked'
  | 'not-available-here'
  | 'not-available-now'
  | 'no-quality-for-tier';

export type AccessDecision =
  | { readonly kind: 'allowed'; readonly maxKbps: Kbps }
  | { readonly kind: 'refused'; readonly reason: AccessRefusal };

/** What people are told. */
export const REFUSAL_MESSAGES: Readonly<Record<AccessRefusal, string>> = {
  'account-revoked': 'this account may not play for now',
  'speaker-revoked': 'this speaker may not play for now',
  'not-available-here': 'this track may not be played in the country of this account',
  'not-available-now': 'this track may not be played at this date',
  'no-quality-for-tier': 'this track has no quality that this account may hear',
};

/**
 * @param rules of the track and its album; all must allow
 * @param nowMs milliseconds since 1970
 */
export function decideAccess(asker: Asker, rules: readonly AvailabilityRules[], nowMs: number): AccessDecision {
  const { account, isSpeakerRevoked } = asker;
  if (account.revokedSinceS !== null) return { kind: 'refused', reason: 'account-revoked' };
  if (isSpeakerRevoked) return { kind: 'refused', reason: 'speaker-revoked' };
  if (!isAvailableByAll(rules, account.country, nowMs)) {
    const everywhere = rules.map((rule) => ({ ...rule, countries: null }));
    const isNow = isAvailableByAll(everywhere, account.country, nowMs);
    return { kind: 'refused', reason: isNow ? 'not-available-here' : 'not-available-now' };
  }
  return { kind: 'allowed', maxKbps: TIER_MAX_KBPS[account.tier] };
}

/** What a speaker says of itself when it asks. */
export interface QualityHints {
  /** What its connection carries; null: it has not said. */
  readonly networkKbps: Kbps | null;
  /** The most it wants, on a metered connection say; null: anything. */
  readonly maxKbps: Kbps | null;
}

/**
 * Which qualities are offered, best first for this speaker now. All that it may hear and wants are there, so that it
 * can step down without asking again: those that its connection carries from the highest, then the others from the
 * lowest. Who wants less than there is gets the lowest.
 * @returns empty when it may hear none
 */
export function orderQualities<File extends { readonly bitrateKbps: Kbps }>(
  files: readonly File[],
  allowedKbps: Kbps,
  hints: QualityHints,
): readonly File[] {
  const may = files.filter((file) => file.bitrateKbps <= allowedKbps).sort((a, b) => a.bitrateKbps - b.bitrateKbps);
  const wanted = may.filter((file) => file.bitrateKbps <= (hints.maxKbps ?? Number.POSITIVE_INFINITY));
  const offered = wanted.length > 0 ? wanted : may.slice(0, 1);
  const carried = hints.networkKbps === null ? Number.POSITIVE_INFINITY : hints.networkKbps * NETWORK_SHARE;
  const fits = offered.filter((file) => file.bitrateKbps <= carried).reverse();
  return [...fits, ...offered.filter((file) => file.bitrateKbps > carried)];
}
