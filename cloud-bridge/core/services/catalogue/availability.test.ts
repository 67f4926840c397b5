import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AvailabilityRules } from '#bridge/core/ports/availability-rules';
import { AVAILABLE_EVERYWHERE, isAvailable, isAvailableByAll } from './availability.ts';

const rules = (change: Partial<AvailabilityRules>): AvailabilityRules => ({ ...AVAILABLE_EVERYWHERE, ...change });

describe('availability', () => {
  it.each([
    ['no rule', {}, 'DE', 5, true],
    ['no rule, country unknown', {}, null, 5, true],
    ['a listed country', { countries: ['AT', 'DE'] }, 'DE', 5, true],
    ['a listed country in lower case', { countries: ['AT', 'DE'] }, 'de', 5, true],
    ['a country that is not listed', { countries: ['AT', 'DE'] }, 'FR', 5, false],
    ['a list, country unknown', { countries: ['AT'] }, null, 5, false],
    ['an empty list', { countries: [] }, 'AT', 5, false],
    ['the moment before it begins', { fromMs: 10 }, 'AT', 9, false],
    ['the moment it begins', { fromMs: 10 }, 'AT', 10, true],
    ['the moment before it ends', { untilMs: 10 }, 'AT', 9, true],
    ['the moment it ends', { untilMs: 10 }, 'AT', 10, false],
  ] as const)('%s', (_, change, country, nowMs, expected) => {
    expect(isAvailable(rules(change), country, nowMs)).toBe(expected);
  });

  it('needs the leave of track and album alike', () => {
    const country = fc.constantFrom('AT', 'DE', 'FR');
    const rule = fc.record({
      countries: fc.option(fc.subarray(['AT', 'DE', 'FR'])),
      fromMs: fc.option(fc.nat(20)),
      untilMs: fc.option(fc.nat(20)),
    });
    fc.assert(
      fc.property(rule, rule, country, fc.nat(20), (one, other, where, nowMs) => {
        const both = isAvailable(one, where, nowMs) && isAvailable(other, where, nowMs);
        expect(isAvailableByAll([one, other], where, nowMs)).toBe(both);
      }),
    );
  });
});
