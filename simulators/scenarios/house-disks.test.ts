/**
 * Disks of a whole house that fill, fail, and lose with the power what was not written back: people go on, the music goes
 * on, what is torn is never heard, and in the end all agree.
 */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import type { VirtualDisk } from '#sim/files/virtual-disk';
import type { World, WorldOptions } from '#sim/world/world';
import {
  between,
  expectBeginsAt,
  expectUnbroken,
  heardRuns,
  must,
  nth,
  playEverything,
  playRequest,
  sounding,
  tracksOf,
} from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = {
  speakers: 2,
  phones: 2,
  tracks: tracksOf(300, 200, 400),
  sound: 'modelled',
  scheduling: 'seeded',
};
const HEARD: WorldOptions = { ...HOUSE, speakers: 1, phones: 1, tracks: tracksOf(5, 6, 40), sound: 'real' };
/** A half-open peer is given up by phones after 60 s; then everybody comes back. */
const ALL_IS_WELL_AFTER = ms(75_000);

function disksOf(world: World): readonly VirtualDisk[] {
  return [world.bridge.medium, ...world.speakers.map(({ medium }) => medium)];
}

describe('disks of a house', () => {
  it.each(['full', 'failing'] as const)(
    'all %s: the music plays on, and people still pause, seek and skip',
    async (mood) => {
      await withSeeds(
        HOUSE,
        async (world) => {
          const speaker = await playEverything(world);
          await world.run(between(world, 0, 5_000));
          for (const disk of disksOf(world)) disk.mood = mood;
          await world.run(between(world, 500, 20_000));
          expect(speaker.isSounding(), 'the music plays on').toBe(true);
          const phone = nth(world.phones, 1);
          const requests = ['pause', 'resume', 'next'] as const;
          for (const kind of requests) await world.settled(kind, phone.ask({ kind, speakerId: null }));
          await world.settled('seek', phone.ask({ kind: 'seek', speakerId: null, positionMs: ms(20_000) }));
          await world.run(between(world, 100, 20_000));
          expect(speaker.view(), 'it has not died of it').not.toBeNull();
          expect(world.bridge.household(), 'nor has the bridge').not.toBeNull();
          for (const disk of disksOf(world)) disk.mood = 'good';
          await must(world, phone, playRequest(world, speaker));
          await sounding(world, speaker);
          await world.quiet();
        },
        { seeds: 20 },
      );
    },
  );

  it('and the whole house’s power goes: it comes back with what was there before or after, and is of use', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        for (let presses = world.random.between(0, 4); presses > 0; presses -= 1) {
          void nth(world.phones, 0).ask({
            kind: world.random.pick(['pause', 'resume', 'next'] as const),
            speakerId: null,
          });
          await world.run(between(world, 0, 3_000));
        }
        world.bridge.kill(true);
        for (const it of world.speakers) it.kill(true);
        await world.run(between(world, 1_000, 60_000));
        void world.bridge.start();
        for (const it of world.speakers) it.start();
        await world.run(ALL_IS_WELL_AFTER);
        await world.quiet();
        expect(
          world.speakers.some((it) => it.isSounding()),
          'nobody plays into the night',
        ).toBe(false);
        await must(world, nth(world.phones, 0), playRequest(world, speaker));
        await sounding(world, speaker);
        await world.quiet();
      },
      { seeds: 30 },
    );
  });

  it('and a cache is torn by a power cut: what is wrong in it is fetched anew, and every frame is right', async () => {
    let torn = 0;
    await withSeeds(
      HEARD,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 200, 4_000));
        const before = sumOf(world);
        speaker.kill(true);
        if (sumOf(world) !== before) torn += 1;
        await world.run(ms(500));
        speaker.start();
        await world.until('it is back', () => world.isTrulyConnected(speaker), ms(20_000));
        await must(world, nth(world.phones, 0), playRequest(world, speaker));
        await sounding(world, speaker);
        await world.run(ms(20_000));
        const runs = heardRuns(speaker).filter(({ track, fromFrames }) => track > 1 || fromFrames < 10);
        expectBeginsAt(nth(runs, 0), 1, 0);
        expectUnbroken(world, runs);
      },
      { seeds: 8 },
    );
    if (process.env['TONEARM_SEED'] === undefined) expect(torn, 'caches that were torn').toBeGreaterThan(0);
  });
});

/** Of all that is in the first speaker's cache. */
function sumOf(world: World): number {
  let sum = 0;
  for (const file of nth(world.speakers, 0).archiveDisk.files.values()) {
    for (const sealed of file.values()) for (const byte of sealed) sum += byte;
  }
  return sum;
}
