import { describe, expect, it } from 'vitest';
import { isTooSlow, type SlowRequestView } from './give-up-slow.ts';

/** Eight segments of 160 kbit/s, of which one has come. */
const VIEW: SlowRequestView = {
  elapsedMs: 1_000,
  speedKbps: 1_000,
  nextBytes: 20_000,
  leftBytes: 140_000,
  leftSegments: 7,
  segmentMs: 1_000,
  bufferMs: 3_000,
  lowerSegmentBytes: [3_200, 12_300],
  firstByteMs: 100,
};

describe('a request that comes slowly', () => {
  it.each([
    ['is let be while it comes fast enough', {}, false],
    ['is let be while the buffer lasts', { speedKbps: 130 }, false],
    ['is given up when sound would end before the next segment', { speedKbps: 40 }, true],
    ['is given up when sound would end before the last one', { speedKbps: 90 }, true],
    ['is let be in its first moments', { speedKbps: 40, elapsedMs: 400 }, false],
    ['is let be when there is nothing lower', { speedKbps: 40, lowerSegmentBytes: [] }, false],
    [
      'is let be when a lower quality would come no sooner',
      { speedKbps: 40, nextBytes: 3_000, leftBytes: 3_000, leftSegments: 1, bufferMs: 500 },
      false,
    ],
    ['is given up when nothing comes any more', { speedKbps: 0 }, true],
    [
      'is let be when it is nearly there',
      { speedKbps: 60, nextBytes: 1_000, leftBytes: 1_000, leftSegments: 1, bufferMs: 0 },
      false,
    ],
  ] as const)('%s', (_, view, expected) => {
    expect(isTooSlow({ ...VIEW, ...view })).toBe(expected);
  });
});
