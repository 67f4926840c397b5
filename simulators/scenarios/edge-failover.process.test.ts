/** The edge that music comes from is killed in the middle of a track, with everything real; see the bench for how. */
import { expect, it } from 'vitest';
import { measureFailover } from '#sim/bench/delivery/failover';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';

const SWITCH_MS_MAX = 2_000;

it.runIf(missingForPulseaudio() === null)(
  'plays on without a gap when the edge in use is killed, from the other one',
  { timeout: 180_000 },
  async () => {
    const [gap, switched] = await measureFailover({ isSmoke: true, say: () => {} });
    expect(gap?.value).toBe(0);
    // A loaded machine's time; the bench has the bar.
    expect(switched?.value).toBeLessThan(SWITCH_MS_MAX);
  },
);
