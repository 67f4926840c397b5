/**
 * A context of ten thousand tracks lives the life of any other: it is played, skipped in, shuffled and back, handed over,
 * and survives the ends of speaker and bridge; and what a speaker says of it is no longer than of ten tracks.
 */
import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { PhoneRequest } from '#bridge/core/ports/household';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { CONTEXT_TRACKS_MAX } from '#protocol/wire/playback-state';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World, WorldOptions } from '#sim/world/world';
import { idOf, must, nth, sessionOf, sounding, trackIds, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const LIBRARY = 40;
const HOUSE: WorldOptions = {
  speakers: 2,
  phones: 1,
  tracks: tracksOf(...new Array<number>(LIBRARY).fill(300)),
  sound: 'modelled',
};
const SEEDS = { seeds: 4 };
const SOON = ms(5_000);

function contextOf(world: World, count: number): TrackId[] {
  return Array.from({ length: count }, (_, place) => nth(trackIds(world), (place * 7) % LIBRARY));
}

async function play(world: World, speaker: VirtualSpeaker, count: number, index: number): Promise<void> {
  const request: PhoneRequest = {
    kind: 'play',
    speakerId: idOf(speaker),
    contextUri: 'tonearm:library',
    trackIds: contextOf(world, count),
    index,
    positionMs: ms(0),
  };
  await must(world, nth(world.phones, 0), request);
  await sounding(world, speaker);
}

/** What a speaker says when it greets anew: all of its state. */
async function snapshotLength(world: World, speaker: VirtualSpeaker): Promise<number> {
  world.network.breakLinks(speaker.name);
  await world.run(ms(1_000));
  await world.quiet();
  return world.audit.lastSnapshotLength(speaker.name);
}

/** Speaker and bridge agree on all of it. */
async function expectWhole(world: World, speaker: VirtualSpeaker, index: number): Promise<void> {
  await world.quiet();
  const { queue } = sessionOf(speaker);
  expect(queue.trackIds).toEqual(contextOf(world, CONTEXT_TRACKS_MAX));
  expect(queue.index).toBe(index);
  expect(world.bridge.household()?.session(HOUSE_ACCOUNT)?.queue).toEqual(queue);
}

describe('a context of ten thousand tracks', () => {
  it('costs a state message no more than one of ten', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = nth(world.speakers, 0);
        await play(world, speaker, 10, 3);
        const ten = await snapshotLength(world, speaker);
        await play(world, speaker, CONTEXT_TRACKS_MAX, 9_000);
        const tenThousand = await snapshotLength(world, speaker);
        expect(tenThousand).toBeLessThanOrEqual(ten);
        await expectWhole(world, speaker, 9_000);
      },
      SEEDS,
    );
  });

  it('is skipped in, shuffled and back, changed and sought in', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = nth(world.speakers, 0);
        const ask = (request: PhoneRequest) => must(world, nth(world.phones, 0), request);
        const step = (kind: 'next' | 'previous') => ask({ kind, speakerId: null });
        await play(world, speaker, CONTEXT_TRACKS_MAX, 9_998);
        await step('next');
        await expectWhole(world, speaker, 9_999);
        const past = await world.settled('skip', nth(world.phones, 0).ask({ kind: 'next', speakerId: null }));
        expect(past).toMatchObject({ ok: false, error: { code: 'session.no-next-track' } });
        await step('previous');
        await ask({ kind: 'seek', speakerId: null, positionMs: ms(100_000) });
        await ask({ kind: 'setShuffle', speakerId: null, isOn: true });
        await step('next');
        await step('next');
        const shuffled = sessionOf(speaker).queue.index;
        expect(shuffled).not.toBe(9_999);
        await ask({ kind: 'setShuffle', speakerId: null, isOn: false });
        await expectWhole(world, speaker, shuffled);
        await ask({ kind: 'queueRemove', speakerId: null, uids: [`c${shuffled + 1}`] });
        await step('next');
        expect(sessionOf(speaker).queue.index).toBe(shuffled + 2);
      },
      SEEDS,
    );
  });

  it('survives the end of the speaker, of the bridge, and of all that the bridge had stored', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = nth(world.speakers, 0);
        await play(world, speaker, CONTEXT_TRACKS_MAX, 5_000);
        await world.run(ms(1_000));
        speaker.kill();
        await world.run(ms(500));
        speaker.start();
        await sounding(world, speaker);
        await expectWhole(world, speaker, 5_000);
        for (const isStoreLost of [false, true]) {
          await world.run(ms(1_000));
          world.bridge.kill();
          if (isStoreLost) world.bridge.disk.sessions.clear();
          await world.run(ms(500));
          await world.bridge.start();
          await world.until('the bridge knows all of it again', () => isWholeAtBridge(world), ms(20_000));
          await expectWhole(world, speaker, 5_000);
        }
      },
      SEEDS,
    );
  });

  it('is handed over, and given back by the bridge to a speaker that forgot all', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const [left, right] = [nth(world.speakers, 0), nth(world.speakers, 1)];
        const phone = nth(world.phones, 0);
        await play(world, left, CONTEXT_TRACKS_MAX, 7_777);
        await must(world, phone, { kind: 'transfer', speakerId: idOf(right), isPlaying: undefined });
        await sounding(world, right);
        await expectWhole(world, right, 7_777);
        right.kill();
        right.loseMemory();
        await world.run(ms(500));
        right.start();
        await world.run(SOON);
        await world.quiet();
        await must(world, phone, { kind: 'resume', speakerId: null });
        await sounding(world, right);
        await expectWhole(world, right, 7_777);
      },
      SEEDS,
    );
  });
});

function isWholeAtBridge(world: World): boolean {
  return world.bridge.household()?.session(HOUSE_ACCOUNT)?.queue.trackIds.length === CONTEXT_TRACKS_MAX;
}
