/** When the addresses are looked at, and when not: that is what it costs. */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualNetworkEar } from '#sim/network/virtual-network-ear';
import { VirtualClock } from '#sim/world/virtual-clock';
import { COMPARE_AFTER_MS, COMPARE_ANYWAY_EVERY_MS, createInterfaceWatch, POLL_EVERY_MS } from './interface-watch.ts';

const MINUTE = ms(60_000);
/** The instant before. */
const justBefore = (span: number) => ms(span - 1);

function watched(isDeaf = false) {
  const clock = new VirtualClock();
  const ear = new VirtualNetworkEar();
  ear.isDeaf = isDeaf;
  const seen = { looks: 0, changes: 0 };
  let address = '10.0.0.1';
  const watch = createInterfaceWatch(clock, ear, () => {
    seen.looks += 1;
    return [address];
  });
  const watching = watch.watch(() => {
    seen.changes += 1;
  });
  seen.looks = 0;
  const readdress = (next: string) => {
    address = next;
  };
  return { clock, ear, seen, watching, readdress };
}

describe('a watch of the interfaces that hears the kernel', () => {
  it('looks once in a minute where nothing happens', async () => {
    const { clock, seen } = watched();
    await clock.advance(ms(10 * MINUTE));
    expect(seen).toEqual({ looks: 10, changes: 0 });
    expect(clock.timers()).toEqual(['network-watch']);
  });

  it('looks a pause after its word, and tells of the change', async () => {
    const { clock, ear, seen, readdress } = watched();
    readdress('10.0.0.2');
    ear.say();
    await clock.advance(justBefore(COMPARE_AFTER_MS));
    expect(seen).toEqual({ looks: 0, changes: 0 });
    await clock.advance(ms(1));
    expect(seen).toEqual({ looks: 1, changes: 1 });
  });

  it('tells once of an address that goes while another comes, in a hundred words', async () => {
    const { clock, ear, seen, readdress } = watched();
    readdress('');
    for (let word = 0; word < 100; word += 1) {
      ear.say();
      if (word === 50) readdress('10.0.0.2');
    }
    await clock.advance(COMPARE_AFTER_MS);
    expect(seen).toEqual({ looks: 1, changes: 1 });
  });

  it('is not kept from looking by words that do not end', async () => {
    const { clock, ear, seen, readdress } = watched();
    readdress('10.0.0.2');
    for (let word = 0; word < 20; word += 1) {
      ear.say();
      await clock.advance(ms(10));
    }
    expect(seen).toEqual({ looks: 2, changes: 1 });
  });

  it('tells nothing of a word after which the addresses are the same', async () => {
    const { clock, ear, seen } = watched();
    ear.say();
    await clock.advance(COMPARE_AFTER_MS);
    expect(seen).toEqual({ looks: 1, changes: 0 });
  });

  it('sees what no word came of within a minute', async () => {
    const { clock, seen, readdress } = watched();
    readdress('10.0.0.2');
    await clock.advance(justBefore(COMPARE_ANYWAY_EVERY_MS));
    expect(seen.changes).toBe(0);
    await clock.advance(ms(1));
    expect(seen.changes).toBe(1);
  });

  it('looks all the time from when no more words will come', async () => {
    const { clock, ear, seen, readdress } = watched();
    await clock.advance(ms(1_000));
    ear.end();
    expect(ear.openCount).toBe(0);
    readdress('10.0.0.2');
    await clock.advance(POLL_EVERY_MS);
    expect(seen).toEqual({ looks: 1, changes: 1 });
    await clock.advance(MINUTE);
    expect(seen.looks).toBe(1 + MINUTE / POLL_EVERY_MS);
    expect(clock.timers()).toEqual(['network-watch']);
  });

  it('closes it and leaves no timer when it is stopped, in a pause too', async () => {
    const { clock, ear, seen, watching, readdress } = watched();
    readdress('10.0.0.2');
    ear.say();
    expect(ear.openCount).toBe(1);
    watching.stop();
    watching.stop();
    expect(ear.openCount).toBe(0);
    expect(clock.timers()).toEqual([]);
    await clock.advance(MINUTE);
    expect(seen).toEqual({ looks: 0, changes: 0 });
  });
});

describe('a watch of the interfaces that cannot hear the kernel', () => {
  it('looks twice a second, until it is stopped', async () => {
    const { clock, seen, watching, readdress } = watched(true);
    await clock.advance(MINUTE);
    expect(seen).toEqual({ looks: MINUTE / POLL_EVERY_MS, changes: 0 });
    readdress('10.0.0.2');
    await clock.advance(POLL_EVERY_MS);
    expect(seen.changes).toBe(1);
    watching.stop();
    expect(clock.timers()).toEqual([]);
  });
});
