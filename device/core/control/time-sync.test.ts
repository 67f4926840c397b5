import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTimeSync, offsetOf, PROBES_PER_BURST, type TimeSync } from '#device/core/control/time-sync';
import { ms, us } from '#protocol/vocabulary/units';
import type { TimeProbe, TimeReply } from '#protocol/wire/heartbeat';
import { VirtualClock } from '#sim/world/virtual-clock';

/** A bridge whose clock is ahead by `offsetUs`, over a network that takes each probe's own time there and back. */
function network(clock: VirtualClock, offsetUs: number, delaysMs: readonly [there: number, back: number][]) {
  const probes: TimeProbe[] = [];
  let sync: TimeSync | null = null;
  const send = (probe: TimeProbe) => {
    const [there, back] = delaysMs[probes.length % delaysMs.length] ?? [1, 1];
    probes.push(probe);
    clock.setTimer('there', ms(there), () => {
      const t2Us = us(clock.nowUs() + offsetUs);
      const reply: TimeReply = { ...probe, kind: 'timeReply', t2Us, t3Us: t2Us };
      clock.setTimer('back', ms(back), () => sync?.replied(reply));
    });
  };
  sync = createTimeSync(clock, send);
  return { sync, probes };
}

describe('the bridge’s clock', () => {
  it('is known from the probe of a burst that could be least wrong', async () => {
    const clock = new VirtualClock();
    const { sync, probes } = network(clock, 7_000_000, [
      [5, 50],
      [30, 2],
      [1, 1],
      [80, 80],
    ]);
    sync.start();
    expect(sync.offset()).toBeNull();
    await clock.advance(ms(2_000));
    expect(probes).toHaveLength(PROBES_PER_BURST);
    expect(sync.offset()).toEqual({ offsetUs: 7_000_000, errorUs: 1_000 });
    sync.stop();
    expect(clock.timers()).toEqual([]);
    expect(sync.offset()).not.toBeNull();
  });

  it('is asked for again every ten seconds, also when no reply ever comes', async () => {
    const clock = new VirtualClock();
    let asked = 0;
    const sync = createTimeSync(clock, () => {
      asked += 1;
    });
    sync.start();
    await clock.advance(ms(60_000));
    expect(asked).toBeGreaterThan(PROBES_PER_BURST * 3 - 1);
    expect(asked).toBeLessThan(PROBES_PER_BURST * 5);
    expect(sync.offset()).toBeNull();
    sync.stop();
  });

  it('does not believe a reply that is late, or that nobody asked for', async () => {
    const clock = new VirtualClock();
    const probes: TimeProbe[] = [];
    const sync = createTimeSync(clock, (probe) => probes.push(probe));
    sync.replied({ kind: 'timeReply', sequence: 0, t1Us: us(0), t2Us: us(9), t3Us: us(9) });
    sync.start();
    const [first] = probes;
    await clock.advance(ms(1_500));
    expect(probes).toHaveLength(2);
    if (first !== undefined) sync.replied({ ...first, kind: 'timeReply', t2Us: us(9), t3Us: us(9) });
    expect(probes).toHaveLength(2);
    sync.stop();
  });

  it('is never further off than the error that is given', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (offset, there, back, thinking) => {
        const t1Us = us(1_000);
        const t2Us = us(t1Us + there + offset);
        const t3Us = us(t2Us + thinking);
        const t4Us = us(t3Us - offset + back);
        const { offsetUs, errorUs } = offsetOf({ kind: 'timeReply', sequence: 0, t1Us, t2Us, t3Us }, t4Us);
        // Half a microsecond on each is lost to rounding.
        expect(Math.abs(offsetUs - offset)).toBeLessThanOrEqual(errorUs + 1);
      }),
    );
  });
});
