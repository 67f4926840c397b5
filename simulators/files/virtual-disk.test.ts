/** What is left on a virtual disk, after a kill, after a power cut, and when it takes nothing more. */
import { describe, expect, it } from 'vitest';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualProcess } from '#sim/world/virtual-process';
import { VirtualDisk } from './virtual-disk.ts';

const SEEDS = 30;

function rig(seed = 1, slack = 0) {
  const clock = new VirtualClock();
  const disk = new VirtualDisk(clock, new SeededRandom(seed), slack);
  const file: number[] = [];
  const write = (number: number, isForced = false, takes: Ms = ms(2)): Promise<void> =>
    disk.write(clock, {
      name: 'write',
      takes,
      isForced,
      perform: () => file.push(number),
      lose: () => file.splice(file.indexOf(number), 1),
    });
  return { clock, disk, file, write };
}

describe('a virtual disk', () => {
  it('loses with a process what was under way, and nothing that was done', async () => {
    const { clock, disk, file } = rig();
    const process = createVirtualProcess(clock);
    const write = (number: number) =>
      disk.write(process.clock, { name: 'write', takes: ms(2), isForced: false, perform: () => file.push(number) });
    void write(1);
    await clock.advance(ms(5));
    void write(2);
    process.kill();
    await clock.advance(ms(5));
    expect(file).toEqual([1]);
  });

  it('keeps of a power cut’s last moments the first part, as the seed says, and all that was forced or written back', async () => {
    const left = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { clock, disk, file, write } = rig(seed);
      void write(1);
      await clock.advance(ms(6_000));
      void write(2, true);
      for (const number of [3, 4, 5]) void write(number);
      await clock.advance(ms(10));
      disk.losePower();
      const kept = file.join();
      left.add(kept);
      disk.losePower();
      expect(file.join(), 'after a second cut').toBe(kept);
    }
    expect(left).toEqual(new Set(['1,2', '1,2,3', '1,2,3,4', '1,2,3,4,5']));
  });

  it('keeps what was there when it was told to force all of it', async () => {
    const { clock, disk, file, write } = rig();
    void write(1);
    await clock.advance(ms(10));
    disk.force();
    disk.losePower();
    expect(file).toEqual([1]);
  });

  it('refuses by name what it cannot take, and takes it again afterwards', async () => {
    const { clock, disk, file, write } = rig();
    for (const [mood, code] of [
      ['full', 'storage.full'],
      ['failing', 'storage.failed'],
    ] as const) {
      disk.mood = mood;
      const refused = expect(write(1)).rejects.toMatchObject({ code });
      await clock.advance(ms(10));
      await refused;
      expect(disk.writeNow({ name: 'now', isForced: false, perform: () => file.push(2) })).toBe(false);
    }
    disk.mood = 'good';
    void write(3);
    await clock.advance(ms(10));
    expect(disk.writeNow({ name: 'now', isForced: false, perform: () => file.push(4) })).toBe(true);
    expect(file).toEqual([3, 4]);
  });

  it('may be slower than it must, so that two writes end in either order', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { clock, file, write } = rig(seed, 2);
      void write(1, false, ms(2));
      void write(2, false, ms(3));
      await clock.advance(ms(20));
      orders.add(file.join());
    }
    expect(orders).toEqual(new Set(['1,2', '2,1']));
  });
});
