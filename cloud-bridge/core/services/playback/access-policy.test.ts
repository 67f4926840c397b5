import { describe, expect, it } from 'vitest';
import type { Account } from '#bridge/core/ports/access-store';
import type { AvailabilityRules } from '#bridge/core/ports/availability-rules';
import { kbps } from '#protocol/vocabulary/units';
import { decideAccess, orderQualities } from './access-policy.ts';

const premium: Account = { id: 'a', name: 'A', tier: 'premium', country: 'AT', revokedSinceS: null };
const free: Account = { ...premium, tier: 'free' };
const nowhere: Account = { ...premium, country: null };
const revoked: Account = { ...premium, revokedSinceS: 1 };
const NOW = 1_000;
const inAustria: AvailabilityRules = { countries: ['AT', 'CH'], fromMs: null, untilMs: null };
const inGermany: AvailabilityRules = { countries: ['DE'], fromMs: null, untilMs: null };
const soon: AvailabilityRules = { countries: null, fromMs: NOW + 1, untilMs: null };
const over: AvailabilityRules = { countries: ['AT'], fromMs: null, untilMs: NOW };

describe('who may play what', () => {
  const table: readonly (readonly [string, Account, boolean, readonly AvailabilityRules[], string])[] = [
    ['premium', premium, false, [], 'up to 510'],
    ['free', free, false, [], 'up to 160'],
    ['no country and no rule', nowhere, false, [], 'up to 510'],
    ['a rule of its country', premium, false, [inAustria], 'up to 510'],
    ['a rule of another country', premium, false, [inGermany], 'not-available-here'],
    ['one rule for it and one against', premium, false, [inAustria, inGermany], 'not-available-here'],
    ['a rule of countries and none known', nowhere, false, [inAustria], 'not-available-here'],
    ['before its date', premium, false, [soon], 'not-available-now'],
    ['after its date', premium, false, [over], 'not-available-now'],
    ['a revoked account before all', revoked, true, [inGermany], 'account-revoked'],
    ['a revoked speaker before rules', premium, true, [inGermany], 'speaker-revoked'],
  ];
  it.each(table)('%s', (_, account, isSpeakerRevoked, rules, expected) => {
    const decision = decideAccess({ account, isSpeakerRevoked }, rules, NOW);
    expect(decision.kind === 'allowed' ? `up to ${decision.maxKbps}` : decision.reason).toBe(expected);
  });
});

describe('the qualities of a manifest', () => {
  const ladder = [24, 96, 160, 320].map((rate) => ({ bitrateKbps: kbps(rate) }));
  const table: readonly (readonly [string, number, number | null, number | null, readonly number[]])[] = [
    ['all, best first', 510, null, null, [320, 160, 96, 24]],
    ['up to the tier', 160, null, null, [160, 96, 24]],
    ['those that the connection carries first', 510, 200, null, [96, 24, 160, 320]],
    ['a connection that just carries it', 510, 160 / 0.7, null, [160, 96, 24, 320]],
    ['the smallest first on a connection that carries none', 510, 10, null, [24, 96, 160, 320]],
    ['up to what the speaker wants', 510, null, 100, [96, 24]],
    ['the smallest when it wants less than there is', 510, null, 8, [24]],
    ['tier and connection', 160, 120, null, [24, 96, 160]],
    ['none when the tier may hear none', 8, null, null, []],
  ];
  it.each(table)('%s', (_, allowed, network, max, expected) => {
    const hints = {
      networkKbps: network === null ? null : kbps(network),
      maxKbps: max === null ? null : kbps(max),
    };
    expect(orderQualities(ladder, kbps(allowed), hints).map((file) => file.bitrateKbps)).toEqual(expected);
    expect(orderQualities([...ladder].reverse(), kbps(allowed), hints).map((it) => it.bitrateKbps)).toEqual(expected);
  });
});
