/** What the virtual air adds to the contract: deaths without goodbye, and places out of earshot. */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualAir } from './virtual-discovery.ts';

function rig() {
  const clock = new VirtualClock();
  const air = createVirtualAir(clock);
  const seen: string[] = [];
  air.discoveryAt('phone', '10.0.0.9').browse('tonearm', {
    found: ({ name }) => seen.push(`+${name}`),
    lost: (name) => seen.push(`-${name}`),
  });
  const advertise = (place: string, name: string): void =>
    air
      .discoveryAt(place, '10.0.0.1')
      .advertise({ type: 'tonearm', name, port: 1, txt: {} }, { announced: () => {}, failed: () => {} })
      .start();
  return { clock, air, seen, advertise };
}

const KITCHEN = { type: 'tonearm', name: 'Kitchen', port: 1, txt: {} };

describe('virtual air', () => {
  it('believes in one that died without a goodbye until its record runs out', async () => {
    const { clock, air, seen, advertise } = rig();
    advertise('speaker', 'Kitchen');
    await clock.advance(ms(2_000));
    air.kill('speaker');
    await clock.advance(ms(100_000));
    expect(seen).toEqual(['+Kitchen']);
    await clock.advance(ms(21_000));
    expect(seen).toEqual(['+Kitchen', '-Kitchen']);
  });

  it('lets one that comes back before that keep its name, and does not lose it afterwards', async () => {
    const { clock, air, seen, advertise } = rig();
    advertise('speaker', 'Kitchen');
    await clock.advance(ms(2_000));
    air.kill('speaker');
    advertise('speaker', 'Kitchen');
    await clock.advance(ms(200_000));
    expect(air.names('tonearm')).toEqual(['Kitchen']);
    expect(seen).toEqual(['+Kitchen', '+Kitchen']);
  });

  it('finds nothing new from a place that is cut, until it heals', async () => {
    const { clock, air, seen, advertise } = rig();
    air.cut('speaker');
    advertise('speaker', 'Kitchen');
    await clock.advance(ms(5_000));
    expect(seen).toEqual([]);
    air.heal('speaker');
    await clock.advance(ms(100));
    expect(seen).toEqual(['+Kitchen']);
  });

  it('gives one whose name is taken by force another, and tells of both', async () => {
    const { clock, air, seen } = rig();
    const names: string[] = [];
    air
      .discoveryAt('speaker', '10.0.0.1')
      .advertise(KITCHEN, { announced: (name) => names.push(name), failed: () => {} })
      .start();
    await clock.advance(ms(2_000));
    const leave = air.squat(KITCHEN, '10.0.0.66');
    await clock.advance(ms(2_000));
    expect(names).toEqual(['Kitchen', 'Kitchen (2)']);
    expect(seen).toEqual(['+Kitchen', '+Kitchen', '+Kitchen (2)']);
    leave();
    await clock.advance(ms(2_000));
    expect(seen.at(-1)).toBe('-Kitchen');
    expect(air.names('tonearm')).toEqual(['Kitchen (2)']);
  });

  it('lets two that took one name out of earshot of one another keep one of it each, once they hear', async () => {
    const { clock, air, advertise } = rig();
    air.cut('left');
    advertise('left', 'Kitchen');
    advertise('right', 'Kitchen');
    await clock.advance(ms(2_000));
    expect(air.names('tonearm')).toEqual(['Kitchen']);
    air.heal('left');
    await clock.advance(ms(2_000));
    expect(air.names('tonearm').sort()).toEqual(['Kitchen', 'Kitchen (2)']);
  });

  it('believes in one whose goodbye was not heard until its record runs out', async () => {
    const { clock, air, seen } = rig();
    const advertiser = air
      .discoveryAt('speaker', '10.0.0.1')
      .advertise(KITCHEN, { announced: () => {}, failed: () => {} });
    advertiser.start();
    await clock.advance(ms(2_000));
    air.isDeafToGoodbyes = true;
    void advertiser.stop();
    await clock.advance(ms(100_000));
    expect(seen).toEqual(['+Kitchen']);
    await clock.advance(ms(21_000));
    expect(seen).toEqual(['+Kitchen', '-Kitchen']);
  });

  it('tells late what was lost, and all of it in the end', async () => {
    const { clock, air, seen, advertise } = rig();
    air.lossRate = 0.8;
    for (let place = 1; place <= 5; place += 1) advertise(`speaker-${place}`, `Room ${place}`);
    await clock.advance(ms(1_000));
    const heardSoon = seen.length;
    await clock.advance(ms(70_000));
    expect(heardSoon).toBeLessThan(5);
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5].map((place) => `+Room ${place}`));
  });
});
