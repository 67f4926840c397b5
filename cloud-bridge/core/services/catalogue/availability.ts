/**
 * Where and when music may be played, as a value and one pure decision. Whoever sets no rule allows everywhere and
 * always: a private library needs none.
 */

import type { AvailabilityRules } from '#bridge/core/ports/availability-rules';

/** What holds when nobody has said anything. */
export const AVAILABLE_EVERYWHERE: AvailabilityRules = { countries: null, fromMs: null, untilMs: null };

/** There are 249 assigned codes; a list may hold each of them. */
export const AVAILABILITY_COUNTRIES_MAX = 249;

/**
 * @param country of the listener, ISO 3166-1 alpha-2; null when nobody knows: a rule that lists countries then says no
 * @param nowMs milliseconds since 1970
 */
export function isAvailable(rules: AvailabilityRules, country: string | null, nowMs: number): boolean {
  if (rules.fromMs !== null && nowMs < rules.fromMs) return false;
  if (rules.untilMs !== null && nowMs >= rules.untilMs) return false;
  if (rules.countries === null) return true;
  return country !== null && rules.countries.includes(country.toUpperCase());
}

/** Both must allow: a track never becomes more available than its album. */
export function isAvailableByAll(all: readonly AvailabilityRules[], country: string | null, nowMs: number): boolean {
  return all.every((rules) => isAvailable(rules, country, nowMs));
}
