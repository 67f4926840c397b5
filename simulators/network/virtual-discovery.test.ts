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
});
