/**
 * The machine's calendar steps while music plays: an hour on, a day back, to 1970, to 2038. Nothing that plays goes by it,
 * nor does what a speaker remembers of playing when it is killed.
 */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import type { WorldOptions } from '#sim/world/world';
import {
  between,
  expectBeginsAt,
  expectUnbroken,
  heardRuns,
  nth,
  playEverything,
  sounding,
  tracksOf,
} from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = { speakers: 1, phones: 1, tracks: tracksOf(9, 14, 40), sound: 'real' };
const HOUR_MS = 3_600_000;
const YEAR_2038_MS = Date.UTC(2038, 0, 19, 3, 14, 8);
const SEEDS = 6;

/** Where the calendar steps to, from what it is. */
const STEPS: readonly ((wallMs: number) => number)[] = [
  (wallMs) => wallMs + HOUR_MS,
  (wallMs) => wallMs - 24 * HOUR_MS,
  () => 0,
  () => YEAR_2038_MS,
];

describe('a calendar that steps', () => {
  it('is not heard: every frame of every track, in order, each once', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        for (const step of STEPS) {
          await world.run(between(world, 500, 4_000));
          world.clock.setWallMs(step(world.clock.wallMs()));
        }
        await world.run(ms(10_000));
        const runs = heardRuns(speaker);
        expectBeginsAt(nth(runs, 0), 1, 0);
        expectUnbroken(world, runs);
        expect(speaker.isSounding()).toBe(true);
        await world.quiet();
      },
      { seeds: SEEDS },
    );
  });

  it('does not keep a killed speaker from going on, nor one that was away for long from waiting', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 500, 4_000));
        speaker.kill();
        world.clock.setWallMs(world.random.pick(STEPS)(world.clock.wallMs()));
        speaker.start();
        await sounding(world, speaker);
        const wallMs = world.clock.wallMs();
        speaker.kill();
        await world.run(ms(90_000));
        // By the calendar no time has passed.
        world.clock.setWallMs(wallMs);
        speaker.start();
        await world.quiet();
        expect(speaker.isSounding()).toBe(false);
        expect(speaker.view()?.session?.playback.kind).toBe('paused');
      },
      { seeds: SEEDS },
    );
  });
});
