import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { clockTime } from '../screen/describe-session.ts';
import { parsePosition, positionFrom } from './parse-position.ts';

function parsed(text: string) {
  const result = parsePosition(text);
  return result.ok ? result.value : result.error.code;
}

describe('parsePosition', () => {
  it.each([
    ['0', 0],
    ['90', 90_000],
    ['1:30', 90_000],
    ['1:02:03', 3_723_000],
    ['2.5', 2_500],
    [' 7 ', 7_000],
  ])('%s is a place', (text, positionMs) => {
    expect(parsed(text)).toEqual({ kind: 'absolute', positionMs });
  });

  it.each([
    ['+10', 10_000],
    ['-10', -10_000],
    ['-1:30', -90_000],
    ['+0:05', 5_000],
  ])('%s is a step', (text, byMs) => {
    expect(parsed(text)).toEqual({ kind: 'relative', byMs });
  });

  it.each(['', 'abc', '1:60', '1:2:3:4', '1:60:00', '--1', '1e3', '99999999', '86401', '1::2', '٣'])(
    '%s is refused by name',
    (text) => {
      const result = parsePosition(text);
      expect(result.ok ? 'taken' : [result.error.code, result.error.field]).toEqual(['input.invalid', 'POSITION']);
    },
  );

  it('reads back every time that a display shows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_399 }), (seconds) => {
        expect(parsed(clockTime(ms(seconds * 1000)))).toEqual({ kind: 'absolute', positionMs: seconds * 1000 });
      }),
    );
  });
});

describe('positionFrom', () => {
  it('stays within the track', () => {
    expect(positionFrom({ kind: 'relative', byMs: -10_000 }, ms(4_000), ms(60_000))).toBe(0);
    expect(positionFrom({ kind: 'relative', byMs: 10_000 }, ms(4_000), ms(60_000))).toBe(14_000);
    expect(positionFrom({ kind: 'absolute', positionMs: ms(90_000) }, ms(0), ms(60_000))).toBe(60_000);
  });
});
