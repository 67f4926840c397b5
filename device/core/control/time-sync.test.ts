import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createTimeSync,
  DRIFT_MAX,
  offsetNow,
  offsetOf,
  PROBES_PER_BURST,
  type TimeSync,
} from '#device/core/control/time-sync';
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
    const known = sync.offset();
    expect(known?.offsetUs).toBe(7_000_000);
    // As wrong as its probe could be, and as far as clocks can have drifted apart since.
    expect(known?.errorUs).toBeGreaterThan(1_000);
    expect(known?.errorUs).toBeLessThan(1_000 + 2_000_000 * DRIFT_MAX);
    sync.stop();
    expect(clock.timers()).toEqual([]);
    expect(sync.offset()).not.toBeNull();
  });

  it('is asked for ever more rarely once it is known well, and stays known', async () => {
    const clock = new VirtualClock();
    const ppm = 40;
    const probes: number[] = [];
    const sync = createTimeSync(clock, (probe) => {
      probes.push(clock.nowUs() / 1_000_000);
      clock.setTimer('there and back', ms(2), () => {
        const bridgeUs = us(Math.round((clock.nowUs() - 1_000) * (1 + ppm * 1e-6)));
        sync.replied({ ...probe, kind: 'timeReply', t2Us: bridgeUs, t3Us: bridgeUs });
      });
    });
    sync.start();
    for (let second = 0; second < 300; second += 1) {
      await clock.advance(ms(1_000));
      const offset = sync.offset();
      expect(Math.abs((offset?.offsetUs ?? 0) - clock.nowUs() * ppm * 1e-6)).toBeLessThan(offset?.errorUs ?? 0);
      expect(offset?.errorUs).toBeLessThan(4_000);
    }
    const bursts = probes.filter((_, place) => place % PROBES_PER_BURST === 0).map((at) => Math.round(at));
    expect(bursts).toEqual([0, 10, 30, 70, 130, 190, 250]);
    expect(sync.offset()?.errorUs).toBeLessThan(3_000);
    sync.stop();
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

  it('is known from the first reply on, and not from before the link', async () => {
    const clock = new VirtualClock();
    const { sync } = network(clock, 7_000_000, [[2, 2]]);
    sync.start();
    await clock.advance(ms(4));
    expect(sync.offset()).toEqual({ offsetUs: 7_000_000, errorUs: 2_000 });
    sync.stop();
    sync.start();
    expect(sync.offset()).toBeNull();
    sync.stop();
  });

  it('is had from an older burst while the network is busy, and from none that has become worse', () => {
    const good = { offsetUs: us(500), errorUs: us(100), atUs: us(0) };
    const spoilt = { offsetUs: us(20_000), errorUs: us(30_000), atUs: us(10_000_000) };
    expect(offsetNow([good, spoilt], us(10_000_000))).toEqual({ offsetUs: 500, errorUs: 1_100 });
    expect(offsetNow([{ ...good, errorUs: us(29_500) }, spoilt], us(10_000_000))?.offsetUs).toBe(20_000);
    expect(offsetNow([], us(0))).toBeNull();
  });

  it('follows a drift, and stays right to within its error', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.nat(2_000)), { minLength: 1, maxLength: 9 }),
        (ppm, bursts) => {
          const truth = (atUs: number) => 1_000 + ppm * 1e-6 * atUs;
          const samples = bursts.map(([off, more], place) => {
            const atUs = us(place * 10_000_000);
            return { atUs, offsetUs: us(Math.round(truth(atUs) + off)), errorUs: us(Math.abs(off) + more + 1) };
          });
          const nowUs = us(samples.length * 10_000_000);
          const known = offsetNow(samples, nowUs);
          expect(Math.abs((known?.offsetUs ?? 0) - truth(nowUs))).toBeLessThanOrEqual((known?.errorUs ?? 0) + 2);
        },
      ),
    );
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
