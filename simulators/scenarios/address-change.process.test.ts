/** A speaker's machine is given another address while it plays, as by a router: it is back at once, and nobody hears it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MovingSpeaker } from '#sim/processes/moving-speaker';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';
import { missingForRooms } from '#sim/rooms/network-rooms';

const missing = missingForPulseaudio() ?? missingForRooms();
if (missing !== null) console.warn(`address-change is not run: ${missing}`);

/** Two seconds are asked of it; half as much again for a machine that does other things too. */
const BACK_WITHIN_MS = 3_000;
/** A machine that stood still for longer: what is heard then says nothing of the network. */
const STALL_MAX_MS = 100;

describe.runIf(missing === null)('a speaker that is given another address', { timeout: 120_000 }, () => {
  let moving: MovingSpeaker;

  beforeAll(async () => {
    moving = await MovingSpeaker.open();
  }, 120_000);

  afterAll(() => moving?.close());

  it.each(['another', 'its old one'])('%s, is back within seconds and is heard on', async () => {
    const { backAfterMs, heard, stallMs } = await moving.readdress();
    expect(backAfterMs).toBeLessThan(BACK_WITHIN_MS);
    const { jumps, lostFrames, quietFrames, foreign } = heard;
    if (stallMs <= STALL_MAX_MS) {
      expect({ jumps, lostFrames, quietFrames, foreign }).toEqual({
        jumps: 0,
        lostFrames: 0,
        quietFrames: 0,
        foreign: 0,
      });
    }
  });
});
