/**
 * Music from edges near and far, each in a mood that changes while it plays: a speaker asks the one that is near, leaves who
 * serves it badly, comes back to who serves it well, and plays every frame as long as anybody has it. What is wrong is never
 * heard.
 */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VIRTUAL_EDGE_MOODS, type VirtualEdgeMood } from '#sim/edge/virtual-edges';
import type { WorldOptions } from '#sim/world/world';
import { between, expectBeginsAt, expectUnbroken, heardRuns, nth, playEverything, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const TRACKS = tracksOf(5, 7, 6, 9, 8, 12, 30);
const HOUSE: WorldOptions = {
  speakers: 1,
  phones: 1,
  tracks: TRACKS,
  sound: 'real',
  scheduling: 'seeded',
  edges: [
    { name: 'near', region: 0 },
    { name: 'next', region: 1 },
    { name: 'far', region: 3 },
  ],
};
const EDGES = ['near', 'next', 'far'] as const;
const BAD: readonly VirtualEdgeMood[] = VIRTUAL_EDGE_MOODS.filter((mood) => mood !== 'good');
const EVENING = ms(40_000);

describe('edges with regions and moods', () => {
  it('are asked by distance: nobody else while the near one is well', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        await playEverything(world);
        await world.run(ms(10_000));
        const asked = world.edges?.asked;
        expect(asked?.get('near')).toBeGreaterThan(0);
        expect([asked?.get('next'), asked?.get('far')]).toEqual([undefined, undefined]);
      },
      { seeds: 3 },
    );
  });

  it.each(BAD)('of which the near one is %s from the beginning: music begins, and every frame comes', async (mood) => {
    await withSeeds(
      HOUSE,
      async (world) => {
        world.edges?.setMood('near', mood);
        const speaker = await playEverything(world);
        await world.run(EVENING);
        const runs = heardRuns(speaker);
        expectBeginsAt(nth(runs, 0), 1, 0);
        expectUnbroken(world, runs);
        expect(world.edges?.asked.get('near'), 'the near one was tried').toBeGreaterThan(0);
      },
      { seeds: 1 },
    );
  });

  it('in moods that change all the time: every frame comes, as long as the bridge itself has it', async () => {
    await withSeeds(
      { ...HOUSE, regions: [2] },
      async (world) => {
        const speaker = await playEverything(world);
        for (let left = world.random.between(6, 20); left > 0; left -= 1) {
          world.edges?.setMood(world.random.pick(EDGES), world.random.pick(VIRTUAL_EDGE_MOODS));
          await world.run(between(world, 100, 2_500));
        }
        const runs = heardRuns(speaker);
        expectBeginsAt(nth(runs, 0), 1, 0);
        expectUnbroken(world, runs);
      },
      { seeds: 6 },
    );
  });

  it('whose names lead nowhere, all of them, are done without', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const kind = world.random.pick(['not-found', 'fails', 'silent'] as const);
        for (const name of world.network.names.names()) world.network.names.trouble(name, { kind });
        const speaker = await playEverything(world);
        await world.run(EVENING);
        expectUnbroken(world, heardRuns(speaker));
      },
      { seeds: 4 },
    );
  });
});
