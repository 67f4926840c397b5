import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { addThroughput, kbpsOf, type Throughput, TRUSTED_BYTES, UNKNOWN_THROUGHPUT } from './throughput.ts';
import { STALE_MS, ThroughputMeter } from './throughput-meter.ts';

/** Samples of one second each. */
function seen(...kbps: number[]): Throughput {
  return kbps.reduce((known, rate) => addThroughput(known, (rate * 1000) / 8, 1000), UNKNOWN_THROUGHPUT);
}

describe('the estimate of throughput', () => {
  it('is not known before enough was seen, and is exact from the first real sample on', () => {
    expect(kbpsOf(UNKNOWN_THROUGHPUT)).toBeNull();
    expect(kbpsOf(addThroughput(UNKNOWN_THROUGHPUT, TRUSTED_BYTES - 1, 1))).toBeNull();
    expect(kbpsOf(seen(800))).toBeCloseTo(800);
  });

  it('falls within seconds and rises slower', () => {
    const good = new Array<number>(60).fill(1_000);
    const [fallen, risen] = [seen(...good, 100, 100, 100), seen(...good.map(() => 100), 1_000, 1_000, 1_000)];
    expect(kbpsOf(fallen)).toBeCloseTo(550, -1);
    // 125 kB in a second weigh as 1.9 s.
    expect(kbpsOf(risen)).toBeCloseTo(100 + 900 * (1 - 2 ** ((-3 * 1.907) / 9)), -1);
  });

  it('believes a moment of a cache little, and several of them, since the link may have recovered', () => {
    const slow = seen(...new Array<number>(20).fill(200));
    const moment = (known: Throughput) => addThroughput(known, 2_000, 2);
    expect(kbpsOf(moment(slow))).toBeLessThan(230);
    let known = slow;
    for (let count = 0; count < 50; count += 1) known = moment(known);
    expect(kbpsOf(known)).toBeGreaterThan(800);
  });

  it('lies between the slowest and the fastest sample', () => {
    const rates = fc.array(fc.integer({ min: 20, max: 100_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rates, (all) => {
        const estimate = kbpsOf(seen(...all));
        expect(estimate).toBeGreaterThanOrEqual(Math.min(...all) - 0.001);
        expect(estimate).toBeLessThanOrEqual(Math.max(...all) + 0.001);
      }),
    );
  });
});

describe('the meter of throughput', () => {
  async function transfer(meter: ThroughputMeter, clock: VirtualClock, kbps: number, seconds: number): Promise<void> {
    const request = meter.begin();
    for (let step = 0; step < seconds * 20; step += 1) {
      await clock.advance(ms(50));
      request.arrived((kbps * 50) / 8);
    }
    request.ended();
  }

  it('does not count the time between requests', async () => {
    const clock = new VirtualClock();
    const meter = new ThroughputMeter(clock);
    await transfer(meter, clock, 400, 2);
    await clock.advance(ms(15_000));
    await transfer(meter, clock, 400, 2);
    expect(meter.estimateKbps()).toBeGreaterThan(380);
    expect(meter.estimateKbps()).toBeLessThan(420);
    expect(meter.fetchedBytes).toBe((400 * 4_000) / 8);
  });

  it('counts what comes side by side together', async () => {
    const clock = new VirtualClock();
    const meter = new ThroughputMeter(clock);
    const [one, other] = [meter.begin(), meter.begin()];
    for (let step = 0; step < 40; step += 1) {
      await clock.advance(ms(50));
      one.arrived((300 * 50) / 8);
      other.arrived((300 * 50) / 8);
    }
    one.ended();
    other.ended();
    expect(meter.estimateKbps()).toBeGreaterThan(570);
    expect(meter.estimateKbps()).toBeLessThan(650);
  });

  it('takes a round trip for no lack of bandwidth, and an outage for one', async () => {
    const clock = new VirtualClock();
    const meter = new ThroughputMeter(clock);
    for (let count = 0; count < 10; count += 1) {
      const request = meter.begin();
      await clock.advance(ms(150));
      request.arrived(1_000);
      await clock.advance(ms(100));
      request.arrived(10_000);
      request.ended();
    }
    expect(meter.estimateKbps()).toBeGreaterThan(750);
    const request = meter.begin();
    await clock.advance(ms(3_000));
    expect(meter.estimateKbps()).toBeLessThan(500);
    request.ended();
    request.ended();
    expect(meter.estimateKbps()).toBeLessThan(500);
  });

  it('begins anew where it is told what the link has become', async () => {
    const clock = new VirtualClock();
    const meter = new ThroughputMeter(clock);
    await transfer(meter, clock, 4_000, 10);
    meter.restartAt(5_000, 500);
    expect(meter.estimateKbps()).toBeCloseTo(80);
  });

  it('does not vouch for what it saw long ago', async () => {
    const clock = new VirtualClock();
    const meter = new ThroughputMeter(clock);
    await transfer(meter, clock, 400, 2);
    await clock.advance(ms(STALE_MS - 1));
    expect(meter.estimateKbps()).toBeGreaterThan(380);
    await clock.advance(ms(1));
    expect(meter.estimateKbps()).toBeNull();
    meter.begin();
    expect(meter.estimateKbps()).toBeGreaterThan(380);
  });
});
