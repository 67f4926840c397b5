/**
 * The bridge is killed with -9, or ended as at an upgrade, and started again while music plays: nobody hears it, and what
 * was asked for is done once.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KilledBridge } from '#sim/processes/killed-bridge';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';
import { SeededRandom } from '#sim/world/seeded-random';

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`killed-bridge is not run: ${missing}`);
/** A machine that stood still for longer: what is heard then says nothing of the bridge. */
const STALL_MAX_MS = 100;

describe.runIf(missing === null)('a bridge that is killed while music plays', { timeout: 180_000 }, () => {
  let killed: KilledBridge;
  const random = new SeededRandom(3);

  beforeAll(async () => {
    killed = await KilledBridge.open();
  }, 120_000);

  afterAll(() => killed?.close());

  it.each(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const)(
    '%s: is not heard, and all is done once',
    async (signal) => {
      const round = await killed.round(random, signal);
      expect([round.lostCommands, round.doubledCommands]).toEqual([0, 0]);
      const { jumps, lostFrames, quietFrames, foreign } = round.heard;
      if (round.stallMs <= STALL_MAX_MS) {
        expect({ jumps, lostFrames, quietFrames, foreign }).toEqual({
          jumps: 0,
          lostFrames: 0,
          quietFrames: 0,
          foreign: 0,
        });
      }
    },
  );
});
