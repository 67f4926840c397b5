import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import {
  applyEdgeEvent,
  type EdgeEvent,
  type EdgeHealth,
  firstByteMsAt,
  OVERLOAD_RETRY,
  QUARANTINE,
  RETRY_AFTER_MAX_MS,
  standingAt,
  successRateAt,
  UNKNOWN_EDGE,
} from './edge-health.ts';

const ANSWERED = { kind: 'answered', firstByteMs: ms(20), totalMs: ms(120), sizeBytes: 100_000 } as const;
const SECOND_US = 1_000_000;

function healthAfter(events: readonly EdgeEvent[], nowUs = 0, fraction = 0.5): EdgeHealth {
  return events.reduce((health, event) => applyEdgeEvent(health, event, nowUs, fraction), UNKNOWN_EDGE);
}

describe('an edge’s health', () => {
  it('is trusted until it fails, and then left alone for longer each time', () => {
    expect(standingAt(UNKNOWN_EDGE, 0)).toBe('trusted');
    let health = UNKNOWN_EDGE;
    for (const untilMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      health = applyEdgeEvent(health, { kind: 'failed' }, 0, 0.5);
      expect(standingAt(health, untilMs * 1000 - 1)).toBe('resting');
      expect(standingAt(health, untilMs * 1000)).toBe('due');
    }
  });

  it('is tried by one request when its time has come, whose outcome decides', () => {
    const failed = healthAfter([{ kind: 'failed' }]);
    const probed = applyEdgeEvent(failed, { kind: 'asked' }, SECOND_US, 0.5);
    expect(standingAt(probed, 99 * SECOND_US)).toBe('resting');
    expect(standingAt(applyEdgeEvent(probed, ANSWERED, 2 * SECOND_US, 0.5), 2 * SECOND_US)).toBe('trusted');
    const again = applyEdgeEvent(probed, { kind: 'failed' }, 2 * SECOND_US, 0.999);
    expect(standingAt(again, 3.9 * SECOND_US)).toBe('resting');
    // Who was not waited for has shown nothing, and may be tried again at once.
    expect(standingAt(applyEdgeEvent(probed, { kind: 'abandoned' }, 2 * SECOND_US, 0.5), 2 * SECOND_US)).toBe('due');
  });

  it('is not hurt by having too much to do, but not asked until it says', () => {
    const shed = healthAfter([ANSWERED, { kind: 'shed', retryAfterMs: ms(7_000) }], 0, 0);
    expect(standingAt(shed, 7 * SECOND_US - 1)).toBe('shedding');
    expect(standingAt(shed, 7 * SECOND_US)).toBe('trusted');
    expect(shed.failuresInRow).toBe(0);
    const forYears = healthAfter([{ kind: 'shed', retryAfterMs: ms(1e9) }], 0, 0);
    expect(standingAt(forYears, RETRY_AFTER_MAX_MS * 1000)).toBe('trusted');
  });

  it('is asked again later than it says, by up to a minute when it keeps having too much to do', () => {
    const shed = { kind: 'shed', retryAfterMs: ms(7_000) } as const;
    const twice = healthAfter([shed, shed], 0, 0.5);
    expect(standingAt(twice, 8 * SECOND_US - 1)).toBe('shedding');
    expect(standingAt(twice, 8 * SECOND_US)).toBe('trusted');
    const always = healthAfter(
      Array.from({ length: 40 }, () => shed),
      0,
      0.5,
    );
    expect(standingAt(always, 37 * SECOND_US - 1)).toBe('shedding');
    expect(standingAt(always, 37 * SECOND_US)).toBe('trusted');
    expect(applyEdgeEvent(always, ANSWERED, 40 * SECOND_US, 0.5).shedInRow).toBe(0);
  });

  it('blends measurements, and forgets what is old', () => {
    const once = healthAfter([ANSWERED]);
    expect(firstByteMsAt(once, 0)).toBe(20);
    expect(once.bytesPerSecond).toBe(1_000_000);
    const twice = applyEdgeEvent(once, { ...ANSWERED, firstByteMs: ms(120) }, 0, 0.5);
    expect(firstByteMsAt(twice, 0)).toBeCloseTo(50);
    expect(firstByteMsAt(twice, 400 * SECOND_US)).toBeNull();
    const bad = healthAfter([{ kind: 'failed' }, { kind: 'failed' }]);
    expect(successRateAt(bad, 0)).toBeCloseTo(0.49);
    expect(successRateAt(bad, 60 * SECOND_US)).toBeCloseTo(0.745);
  });

  it('takes what comes at once for as fast as the whole request, and no faster', () => {
    const health = healthAfter([{ kind: 'answered', firstByteMs: ms(10), totalMs: ms(10), sizeBytes: 10_000 }]);
    expect(health.bytesPerSecond).toBe(1_000_000);
  });

  it('is never left alone for longer than the cap, whatever happens', () => {
    const event: fc.Arbitrary<EdgeEvent> = fc.constantFrom<EdgeEvent>(
      { kind: 'asked' },
      { kind: 'failed' },
      { kind: 'abandoned' },
      { kind: 'shed', retryAfterMs: ms(1e7) },
      ANSWERED,
    );
    const steps = fc.array(fc.tuple(event, fc.nat(5_000_000), fc.double({ min: 0, max: 0.999, noNaN: true })));
    fc.assert(
      fc.property(steps, (all) => {
        let [health, nowUs, isOpen]: [EdgeHealth, number, boolean] = [UNKNOWN_EDGE, 0, false];
        for (const [it, laterUs, fraction] of all) {
          nowUs += laterUs;
          health = applyEdgeEvent(health, it, nowUs, fraction);
          isOpen = health.standing.kind === 'probed';
          expect(successRateAt(health, nowUs)).toBeGreaterThanOrEqual(0);
          expect(successRateAt(health, nowUs)).toBeLessThanOrEqual(1);
        }
        const settled = isOpen ? applyEdgeEvent(health, { kind: 'failed' }, nowUs, 0.999) : health;
        const longestMs = Math.max(QUARANTINE.capMs, RETRY_AFTER_MAX_MS + OVERLOAD_RETRY.capMs);
        expect(['trusted', 'due']).toContain(standingAt(settled, nowUs + longestMs * 1000));
      }),
    );
  });
});
