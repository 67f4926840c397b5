import { expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { household, session } from '../household.fixture.ts';
import { createSessionTime } from './session-time.ts';

const news = { kind: 'householdDifference' } as const;
const withSession = { ...news, session: session({ playback: 'playing' }) };

it('an event that was long on its way is known to be old, and a position from before it to be older still', () => {
  const time = createSessionTime();
  expect(time.heard({ ...household(), atMs: ms(1_000) }, ms(51_030))).toBe(51_030);
  // 20 ms faster than the snapshot: the clocks are known better, also for what came before.
  expect(time.heard({ ...news, atMs: ms(2_000) }, ms(52_010))).toBe(51_010);
  expect(time.heard({ ...withSession, atMs: ms(3_000) }, ms(57_000))).toBe(53_010);
  // News of a speaker says nothing of where the music is.
  expect(time.heard({ ...news, atMs: ms(8_000) }, ms(58_010))).toBe(53_010);
});

it('without instants an event is taken to be from when it arrived, and each snapshot begins anew', () => {
  const time = createSessionTime();
  expect(time.heard({ ...household(), atMs: ms(5) }, ms(100))).toBe(100);
  expect(time.heard({ ...household(), atMs: ms(9_000_000) }, ms(200))).toBe(200);
  expect(time.heard(withSession, ms(300))).toBe(300);
  expect(time.heard(news, ms(400))).toBe(300);
});
