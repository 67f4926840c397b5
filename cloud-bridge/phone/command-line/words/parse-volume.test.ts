import { describe, expect, it } from 'vitest';
import { percent } from '#protocol/vocabulary/units';
import { parseVolume, volumeFrom } from './parse-volume.ts';

function from(text: string, current: number) {
  const change = parseVolume(text);
  return change.ok ? volumeFrom(change.value, percent(current)) : `${change.error.code} ${change.error.field}`;
}

describe('parseVolume', () => {
  it.each([
    ['0', 50, 0],
    ['100', 50, 100],
    ['40%', 50, 40],
    ['+5', 50, 55],
    ['-5', 50, 45],
    ['+60', 50, 100],
    ['-60', 50, 0],
  ])('%s from %i is %i', (text, current, volume) => {
    expect(from(text, current)).toBe(volume);
  });

  it.each(['101', '-101', '', 'loud', '5.5', '1000', '++5'])('%s is refused by name', (text) => {
    expect(from(text, 50)).toBe('input.invalid VOLUME');
  });
});
