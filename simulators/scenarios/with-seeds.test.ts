/** A failing scenario must say which seed it was, what happened, and how to have it again. */
import { describe, expect, it, vi } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { idOf, must, nth, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE = { speakers: 1, phones: 1, tracks: tracksOf(10), sound: 'modelled' } as const;

describe('withSeeds', () => {
  it('runs seed after seed, each a household of its own', async () => {
    const ids = new Set<string>();
    const seeds: number[] = [];
    await withSeeds(
      HOUSE,
      async (world) => {
        seeds.push(world.seed);
        ids.add(idOf(nth(world.speakers, 0)));
      },
      { seeds: 3 },
    );
    expect(seeds).toEqual([1, 2, 3]);
    expect(ids.size).toBe(3);
  });

  it('fails with the seed, the line that has it again, and what happened', async () => {
    const failing = withSeeds(
      HOUSE,
      async (world) => {
        await must(world, nth(world.phones, 0), {
          kind: 'setVolume',
          speakerId: idOf(nth(world.speakers, 0)),
          volume: 33,
        });
        if (world.seed === 2) throw new Error('something is wrong');
      },
      { seeds: 5 },
    );
    await expect(failing).rejects.toThrow(
      /^seed 2: something is wrong\nagain: TONEARM_SEED=2 npm run unit[^\n]*fails with the seed[\s\S]*phone-1 +asks: setVolume/,
    );
  });

  it('fails when something that must always hold does not, though the scenario itself is content', async () => {
    const failing = withSeeds(
      HOUSE,
      async (world) => {
        world.clock.setTimer('forgotten', ms(3_600_000), () => {});
      },
      { seeds: 1 },
    );
    await expect(failing).rejects.toThrow(/timers are left after the stop: forgotten/);
  });

  it('runs one seed when it is told which, and the very same run each time', async () => {
    vi.stubEnv('TONEARM_SEED', '77');
    const runs: string[] = [];
    const evening = () =>
      withSeeds(HOUSE, async (world) => {
        await must(world, nth(world.phones, 0), {
          kind: 'setVolume',
          speakerId: idOf(nth(world.speakers, 0)),
          volume: 50,
        });
        runs.push(`${world.seed}\n${world.timeline.text()}`);
      });
    await evening();
    await evening();
    vi.unstubAllEnvs();
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatch(/^77\n/);
    expect(runs[0]).toBe(runs[1]);
  });
});
