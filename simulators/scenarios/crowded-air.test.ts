/**
 * The air of a network with very many on it (fault 17): two hundred that want the same name, and links that come and go.
 * Each ends up with a name of its own, and is found again whenever it can be heard.
 */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { createVirtualAir } from '#sim/network/virtual-discovery';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';

const TYPE = 'tonearm';
const RESPONDERS = 200;
/** Each name is asked for three times, 250 ms apart, and two hundred stand in each other's way. */
const NAMED_WITHIN = ms(600_000);

function air() {
  const clock = new VirtualClock();
  const random = new SeededRandom(17);
  const virtual = createVirtualAir(clock);
  const found = new Set<string>();
  virtual.discoveryAt('phone', '10.0.0.9').browse(TYPE, {
    found: ({ name }) => found.add(name),
    lost: (name) => found.delete(name),
  });
  const announced = new Map<string, string>();
  const advertise = (place: string, name: string) =>
    virtual
      .discoveryAt(place, '10.0.0.1')
      .advertise(
        { type: TYPE, name, port: 4_000 + announced.size, txt: { id: place } },
        { announced: (taken) => announced.set(place, taken), failed: () => announced.set(place, 'failed') },
      )
      .start();
  return { clock, random, virtual, found, announced, advertise };
}

describe('a crowded air', () => {
  it('gives each of two hundred of one name a name of its own, and all are found', async () => {
    const { clock, random, found, announced, advertise } = air();
    for (let n = 0; n < RESPONDERS; n += 1) {
      advertise(`speaker-${n}`, 'Kitchen');
      await clock.advance(ms(random.fraction() * 500));
    }
    await clock.runUntil(() => new Set(announced.values()).size === RESPONDERS, NAMED_WITHIN);
    const names = [...announced.values()];
    expect(new Set(names).size).toBe(RESPONDERS);
    expect(names).toContain('Kitchen');
    await clock.advance(ms(5_000));
    expect([...found].sort()).toEqual(names.sort());
  });

  it('finds who comes and goes again, under the same name, each time it can be heard', async () => {
    const { clock, virtual, found, announced, advertise } = air();
    advertise('speaker-1', 'Kitchen');
    await clock.advance(ms(2_000));
    for (let flap = 0; flap < 20; flap += 1) {
      virtual.cut('speaker-1');
      await clock.advance(ms(700));
      virtual.heal('speaker-1');
      await clock.advance(ms(1_300));
      expect([...found]).toEqual(['Kitchen']);
    }
    expect(announced.get('speaker-1')).toBe('Kitchen');
  });
});
