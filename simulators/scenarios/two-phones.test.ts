/**
 * Two phones at once. Whatever they ask together, there is one order in which it happened, every command is performed
 * once or not at all, and when they have stopped both show the same.
 */
import { describe, expect, it } from 'vitest';
import type { PhoneRequest } from '#bridge/core/ports/household';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import type { VirtualPhone } from '#sim/phones/virtual-phone';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World, WorldOptions } from '#sim/world/world';
import {
  type Answered,
  between,
  certaintyOf,
  expectUnbroken,
  heardRuns,
  idOf,
  must,
  nth,
  playRequest,
  sessionOf,
  sounding,
  trackIds,
  tracksOf,
} from './steps.ts';
import { withSeeds } from './with-seeds.ts';

/** Tracks long enough that none ends by itself, and some more that only `enqueue` brings in. */
const CONTEXT = 20;
const EXTRA = 12;
const HOUSE: WorldOptions = {
  speakers: 2,
  phones: 2,
  tracks: tracksOf(...new Array<number>(CONTEXT + EXTRA).fill(600)),
  sound: 'modelled',
};
const context = Array.from({ length: CONTEXT }, (_, place) => place);

/** Every phone asks its list, each next request a little after the one before without waiting for its answer. */
async function ask(world: World, lists: readonly (readonly PhoneRequest[])[], gapMs: number): Promise<Answered[]> {
  const asking = lists.map(async (requests, place): Promise<Answered[]> => {
    const answers: Promise<Answered>[] = [];
    for (const request of requests) {
      await new Promise<void>((resolve) => {
        world.clock.setTimer('a finger', ms(world.random.between(0, gapMs)), resolve);
      });
      answers.push(
        nth(world.phones, place)
          .ask(request)
          .then((outcome) => ({ request, outcome })),
      );
    }
    return Promise.all(answers);
  });
  return (await Promise.all(asking)).flat();
}

function askTogether(...what: Parameters<typeof ask>): Promise<Answered[]> {
  return what[0].settled('every request is answered', ask(...what));
}

function anyRequest(world: World, extra: () => PhoneRequest): PhoneRequest {
  const speakerId = world.random.chance(0.7) ? null : idOf(world.random.pick(world.speakers));
  const kind = world.random.pick([
    'pause',
    'resume',
    'next',
    'previous',
    'seek',
    'volume',
    'enqueue',
    'shuffle',
    'repeat',
  ] as const);
  switch (kind) {
    case 'seek':
      return { kind, speakerId, positionMs: between(world, 0, 500_000) };
    case 'volume':
      return { kind: 'setVolume', speakerId, volume: world.random.between(0, 100) };
    case 'enqueue':
      return extra();
    case 'shuffle':
      return { kind: 'setShuffle', speakerId, isOn: world.random.chance(0.5) };
    case 'repeat':
      return { kind: 'setRepeat', speakerId, mode: world.random.pick(['off', 'context', 'track'] as const) };
    default:
      return { kind, speakerId };
  }
}

/** Requests to enqueue tracks that are nowhere else, each once, so that each can be found again. */
function extras(world: World): () => PhoneRequest {
  let given = 0;
  return () => {
    const place = CONTEXT + (given % EXTRA);
    given += 1;
    return { kind: 'enqueue', speakerId: null, trackId: nth(trackIds(world), place) };
  };
}

async function playingOnFirst(world: World): Promise<[VirtualPhone, VirtualPhone]> {
  const speaker = nth(world.speakers, 0);
  const phone = nth(world.phones, 0);
  await must(world, phone, playRequest(world, speaker, context));
  await sounding(world, speaker);
  await world.quiet();
  return [phone, nth(world.phones, 1)];
}

/** Of the track that plays, as far as the speaker knows. */
function msUntilEnd(world: World, speaker: VirtualSpeaker): number {
  const { playback } = sessionOf(speaker);
  const heard = speaker.heardPositionFrames();
  if (playback.kind !== 'playing' || heard === null) return Number.POSITIVE_INFINITY;
  const { durationFrames } = nth(world.library, 0);
  return ((durationFrames - heard) * 1000) / FRAMES_PER_SECOND;
}

describe('two phones at once', () => {
  it('ask anything of one speaker: both show the same afterwards', async () => {
    await withSeeds(HOUSE, async (world) => {
      await playingOnFirst(world);
      const extra = extras(world);
      const lists = [0, 1].map(() =>
        Array.from({ length: world.random.between(3, 10) }, () => anyRequest(world, extra)),
      );
      await askTogether(world, lists, world.random.pick([0, 20, 200]));
      await world.quiet();
    });
  });

  it('skip together: as many tracks are skipped as skips were accepted', async () => {
    await withSeeds(HOUSE, async (world) => {
      await playingOnFirst(world);
      const lists = [0, 1].map(() =>
        Array.from({ length: world.random.between(1, 8) }, (): PhoneRequest => ({ kind: 'next', speakerId: null })),
      );
      const answers = await askTogether(world, lists, 30);
      expect(answers.every(({ outcome }) => outcome.ok)).toBe(true);
      await world.quiet();
      expect(sessionOf(nth(world.speakers, 0)).queue.index).toBe(answers.length);
    });
  });

  it('enqueue together while the bridge is lost and found: accepted once, refused never, unknown at most once', async () => {
    await withSeeds(HOUSE, async (world) => {
      await playingOnFirst(world);
      const extra = extras(world);
      const lists = [0, 1].map(() => Array.from({ length: EXTRA / 2 }, extra));
      const asking = ask(world, lists, 300);
      await world.run(between(world, 50, 1_500));
      const fault = world.random.pick(['kill', 'break', 'silent', 'nothing'] as const);
      if (fault === 'kill') world.bridge.kill();
      if (fault === 'break') world.network.breakLinks('speaker-1');
      if (fault === 'silent') world.cut('speaker-1', 'silent');
      await world.run(between(world, 10, 4_000));
      if (fault === 'kill') await world.bridge.start();
      if (fault === 'silent') world.heal('speaker-1');
      const answers = await world.settled('every request is answered', asking);
      await world.quiet();
      const { upNext } = sessionOf(nth(world.speakers, 0)).queue;
      for (const { request, outcome } of answers) {
        if (request.kind !== 'enqueue') continue;
        const times = upNext.filter((id) => id === request.trackId).length;
        const certainty = certaintyOf(outcome);
        if (certainty === 'performed') expect(times).toBe(1);
        else expect(times).toBeLessThanOrEqual(certainty === 'unknown' ? 1 : 0);
      }
    });
  });

  it('press under one id, as a phone that heard no answer does: it is performed once and answered alike', async () => {
    await withSeeds(HOUSE, async (world) => {
      const [first, second] = await playingOnFirst(world);
      const commandId = first.newCommandId();
      const request: PhoneRequest = { kind: 'next', speakerId: null };
      const asking = [first, second, first].map((phone) => phone.ask(request, { commandId }));
      const answers = await world.settled('all answers', Promise.all(asking));
      expect(answers.map(({ ok }) => ok)).toEqual([true, true, true]);
      await world.run(between(world, 0, 2_000));
      const again = await world.settled('the late one', second.ask(request, { commandId }));
      expect(again.ok).toBe(true);
      await world.quiet();
      expect(sessionOf(nth(world.speakers, 0)).queue.index).toBe(1);
    });
  });

  it('ask for what came too late to be done: it is refused and never done', async () => {
    await withSeeds(HOUSE, async (world) => {
      const [first, second] = await playingOnFirst(world);
      world.cut('speaker-1', 'silent');
      const late = first.ask({ kind: 'next', speakerId: null }, { deadline: ms(400) });
      const waiting = second.ask(
        { kind: 'enqueue', speakerId: null, trackId: nth(trackIds(world), CONTEXT) },
        { deadline: ms(300) },
      );
      const answers = await world.settled('both are refused', Promise.all([late, waiting]));
      for (const answer of answers)
        expect(answer).toMatchObject({ ok: false, error: { code: 'session.deadline-passed' } });
      world.network.breakLinks('speaker-1');
      world.heal('speaker-1');
      await world.run(between(world, 0, 20_000));
      await world.quiet();
      expect(sessionOf(nth(world.speakers, 0)).queue).toMatchObject({ index: 0, upNext: [] });
    });
  });

  it('press just as a track ends: what is shown is what is heard, and no track is passed over', async () => {
    const house: WorldOptions = { ...HOUSE, tracks: tracksOf(...new Array<number>(CONTEXT).fill(3)) };
    await withSeeds(house, async (world) => {
      const speaker = nth(world.speakers, 0);
      const phone = nth(world.phones, 0);
      await must(world, phone, playRequest(world, speaker));
      await sounding(world, speaker);
      const beganUs = world.clock.nowUs();
      for (let press = 0; press < 3; press += 1) {
        await world.until('a track is about to end', () => msUntilEnd(world, speaker) < 60, ms(4_000));
        // The way of the request and of the command is about as long as what is left.
        await world.clock.advance(ms(world.random.fraction() * 60));
        await must(world, phone, { kind: 'next', speakerId: null });
      }
      await world.run(ms(500));
      await world.quiet();
      const elapsed = (world.clock.nowUs() - beganUs) / 3_000_000;
      // Three skips, each in the last moment: of one track more at most was nothing heard but its beginning.
      expect(sessionOf(speaker).queue.index).toBeGreaterThanOrEqual(3);
      expect(sessionOf(speaker).queue.index).toBeLessThanOrEqual(Math.ceil(elapsed) + 3);
    });
  });

  it('seek together, to and fro: no late word of where it was is believed', async () => {
    await withSeeds(HOUSE, async (world) => {
      await playingOnFirst(world);
      const seek = (): PhoneRequest => ({ kind: 'seek', speakerId: null, positionMs: between(world, 0, 500_000) });
      // Over some seconds, since an engine says where it is once a second.
      await askTogether(world, [Array.from({ length: 40 }, seek), Array.from({ length: 40 }, seek)], 300);
      await world.quiet();
    });
  });

  it('one of them in a dead spot, where news arrives late: soon it shows the right position again', async () => {
    await withSeeds(HOUSE, async (world) => {
      const [first, second] = await playingOnFirst(world);
      world.cut(second.name, 'silent');
      await must(world, first, { kind: 'seek', speakerId: null, positionMs: between(world, 10_000, 300_000) });
      await world.run(between(world, 2_000, 20_000));
      world.heal(second.name);
      await world.quiet();
      expect(second.isConnected()).toBe(true);
    });
  });

  it('pull the music to two speakers at once: it ends on one, and the other is silent', async () => {
    await withSeeds(HOUSE, async (world) => {
      await playingOnFirst(world);
      await world.run(between(world, 0, 3_000));
      const pull = (): PhoneRequest => {
        const speaker = world.random.pick(world.speakers);
        if (world.random.chance(0.2)) return playRequest(world, speaker, context);
        return { kind: 'transfer', speakerId: idOf(speaker), isPlaying: world.random.pick([true, undefined]) };
      };
      const lists = [0, 1].map(() => Array.from({ length: world.random.between(1, 5) }, pull));
      const answers = await askTogether(world, lists, world.random.pick([0, 50, 800]));
      expect(answers.filter(({ outcome }) => !outcome.ok)).toEqual([]);
      await world.quiet();
      await world.run(ms(1_000));
      expect(world.speakers.filter((it) => it.isSounding())).toHaveLength(1);
    });
  });

  it('pull the music to and fro: the second speaker begins at the very frame at which the first one stopped', async () => {
    const house: WorldOptions = { ...HOUSE, tracks: tracksOf(60, 60), sound: 'real' };
    await withSeeds(
      house,
      async (world) => {
        const [left, right] = [nth(world.speakers, 0), nth(world.speakers, 1)];
        const phone = nth(world.phones, 0);
        await must(world, phone, playRequest(world, left));
        await sounding(world, left);
        await world.run(between(world, 1_000, 4_000));
        await must(world, phone, { kind: 'transfer', speakerId: idOf(right), isPlaying: undefined });
        await sounding(world, right);
        await world.run(between(world, 1_000, 4_000));
        await world.quiet();
        const before = nth(heardRuns(left), heardRuns(left).length - 1);
        const after = nth(heardRuns(right), 0);
        const lostFrames = after.fromFrames - (before.fromFrames + before.countFrames);
        // The fade of the one is not the other's to repeat, and what lay in the loudspeaker was never heard.
        expect(Math.abs(lostFrames)).toBeLessThan(48 * 100);
        expectUnbroken(world, heardRuns(right));
      },
      { seeds: 8 },
    );
  });
});
