/**
 * A bridge is taken out of service in an orderly way and another process takes its place, as at an upgrade, while music
 * plays and people go on using their phones: nobody hears it, and what was answered with yes is done, once.
 */
import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { ms } from '#protocol/vocabulary/units';
import type { World, WorldOptions } from '#sim/world/world';
import {
  between,
  certaintyOf,
  expectBeginsAt,
  expectUnbroken,
  facts,
  heardRuns,
  idOf,
  nth,
  playEverything,
  sessionOf,
  trackIds,
  tracksOf,
} from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const HOUSE: WorldOptions = { speakers: 2, phones: 2, tracks: tracksOf(14, 25, 40), sound: 'real' };
const EVENING: WorldOptions = { speakers: 3, phones: 2, tracks: tracksOf(200, 300, 400, 100), sound: 'modelled' };
const REAL_SEEDS = 8;
const STOP_WITHIN = ms(8_000);
const ASKED_MAX = 6;

/** The old process ends as it should, and the new one starts a moment later, on the same store. */
async function upgrade(world: World): Promise<void> {
  await world.settled('the bridge ends', world.bridge.stop(), STOP_WITHIN);
  world.bridge.kill();
  await world.run(between(world, 50, 1_500));
  await world.bridge.start();
}

describe('a bridge that is upgraded while music plays', () => {
  it('is not heard, also when it is done again and again: every frame follows the one before', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playEverything(world);
        await world.run(between(world, 1_000, 6_000));
        const before = facts(sessionOf(speaker));
        const epoch = speaker.view()?.epoch;
        for (let round = world.random.between(1, 3); round > 0; round -= 1) {
          await upgrade(world);
          expect(speaker.isSounding()).toBe(true);
          await world.run(between(world, 100, 4_000));
        }
        await world.quiet();
        expect(facts(sessionOf(speaker))).toEqual(before);
        expect(speaker.view()?.epoch).toBe(epoch);
        expect(world.bridge.household()?.view(HOUSE_ACCOUNT).session.activeSpeakerId).toBe(idOf(speaker));
        const runs = heardRuns(speaker);
        expectBeginsAt(nth(runs, 0), 1, 0);
        expectUnbroken(world, runs);
      },
      { seeds: REAL_SEEDS },
    );
  });

  it('does what it answered with yes, and once, whatever people ask meanwhile', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playEverything(world);
      const phone = nth(world.phones, 1);
      const trackId = nth(trackIds(world), 3);
      const asking = Array.from({ length: ASKED_MAX }, async () => {
        await new Promise<void>((resolve) => {
          world.clock.setTimer('a finger', between(world, 0, 3_000), resolve);
        });
        return phone.ask({ kind: 'enqueue', speakerId: null, trackId });
      });
      await world.run(between(world, 0, 1_000));
      await upgrade(world);
      const answers = await world.settled('all are answered', Promise.all(asking));
      await world.quiet();
      const count = (certainty: string) => answers.filter((outcome) => certaintyOf(outcome) === certainty).length;
      const queued = sessionOf(speaker).queue.upNext.length;
      expect(queued).toBeGreaterThanOrEqual(count('performed'));
      expect(queued).toBeLessThanOrEqual(count('performed') + count('unknown'));
    });
  });

  it('takes over a hand-over that was under way: one of the two goes on', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        await playEverything(world);
        await world.run(between(world, 500, 5_000));
        const to = nth(world.speakers, 1);
        const asking = nth(world.phones, 0).ask({ kind: 'transfer', speakerId: idOf(to), isPlaying: undefined });
        await world.clock.advance(ms(world.random.fraction() * 600));
        await upgrade(world);
        await world.settled('the phone is told', asking);
        await world.quiet();
        expect(world.speakers.filter((it) => it.isSounding())).toHaveLength(1);
      },
      { seeds: 3 * REAL_SEEDS },
    );
  });
});
