/** The edge that music comes from is killed in the middle of a track, with everything real; see the bench for how. */
import { expect, it } from 'vitest';
import { measureFailover } from '#sim/bench/delivery/failover';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';

it.runIf(missingForPulseaudio() === null)(
  'plays on without a gap when the edge in use is killed, from the other one',
  { timeout: 180_000 },
  async () => {
    // How soon the other edge answers is for the bench: a loaded machine's time says nothing.
    const [gap] = await measureFailover({ isSmoke: true, say: () => {} });
    expect(gap?.value).toBe(0);
  },
);
