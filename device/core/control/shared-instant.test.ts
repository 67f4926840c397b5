import { describe, expect, it } from 'vitest';
import { type Us, us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import { bridgeTimeAt, ERROR_MAX_US, instantOf } from './shared-instant.ts';

const offset = (errorUs: number) => ({ offsetUs: us(5_000), errorUs: us(errorUs) });
const release = (atUs?: Us): CommandBody => ({ kind: 'release', ...(atUs === undefined ? {} : { atUs }) });
const NOW = us(60_000_000);

describe('an instant that the bridge names', () => {
  it('is had on our clock', () => {
    expect(instantOf(release(us(60_405_000)), offset(100), NOW)).toEqual({ instantUs: 60_400_000 });
    expect(bridgeTimeAt(offset(100), NOW)).toEqual({ nowUs: 60_005_000, errorUs: 100 });
  });

  it.each([
    ['none is named', release(), offset(100)],
    ['the clock is not known', release(us(60_405_000)), null],
    ['the clock is known badly', release(us(60_405_000)), offset(ERROR_MAX_US + 1)],
    ['it is far ahead', release(us(70_000_000)), offset(100)],
    ['it is long gone', release(us(50_000_000)), offset(100)],
    ['it is no such command', { kind: 'pause' }, offset(100)],
  ] as const)('is not waited for when %s', (_, body, known) => {
    expect(instantOf(body, known, NOW)).toEqual({});
  });

  it('is not to be named where the clock is not known', () => {
    expect(bridgeTimeAt(null, NOW)).toBeNull();
    expect(bridgeTimeAt(offset(ERROR_MAX_US + 1), NOW)).toBeNull();
  });
});
