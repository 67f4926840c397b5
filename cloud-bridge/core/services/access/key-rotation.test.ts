import { describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { KEY_LIFE_S, KeyRotation } from './key-rotation.ts';

const HOUR = ms(3_600_000);

function bench() {
  const clock = new VirtualClock();
  const used: number[] = [];
  const state = { since: clock.wallMs() / 1000, rotations: 0, isFull: false };
  const signer = {
    keys: () => [],
    signingSinceS: () => state.since,
    rotate: async () => {
      if (state.isFull) throw new Error('no space');
      state.rotations += 1;
      state.since = clock.wallMs() / 1000;
    },
  };
  const useKeys = async () => {
    used.push(state.rotations);
  };
  return { clock, used, state, rotation: new KeyRotation({ clock, logger: silentLogger, signer, useKeys }) };
}

describe('signing keys', () => {
  it('are in use at once, and replaced when they are old, also at a start', async () => {
    const { clock, used, state, rotation } = bench();
    await rotation.start();
    expect(used).toEqual([0]);
    clock.setWallMs((state.since + KEY_LIFE_S) * 1000);
    await clock.advance(HOUR);
    expect([state.rotations, used]).toEqual([1, [0, 1]]);
    await clock.advance(HOUR);
    expect([state.rotations, used]).toEqual([1, [0, 1, 1]]);
    rotation.stop();
    await clock.advance(HOUR);
    expect(used).toHaveLength(3);
    const late = bench();
    late.state.since = 0;
    await late.rotation.start();
    expect([late.state.rotations, late.used]).toEqual([1, [1]]);
    late.rotation.stop();
  });

  it('go on when another cannot be written, and are tried again an hour later', async () => {
    const { clock, used, state, rotation } = bench();
    state.since = 0;
    state.isFull = true;
    await rotation.start();
    expect([state.rotations, used]).toEqual([0, [0]]);
    state.isFull = false;
    await clock.advance(HOUR);
    expect(state.rotations).toBe(1);
    rotation.stop();
  });
});
