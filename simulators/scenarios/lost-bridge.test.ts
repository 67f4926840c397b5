/**
 * The bridge is lost while music plays: killed, cut off with a word or without one. The music goes on from the buffer;
 * when the bridge is there again nothing has jumped: not the position, not the queue, not the volume.
 */

import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World, WorldOptions } from '#sim/world/world';
import {
  between,
  expectBeginsAt,
  expectUnbroken,
  facts,
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

/** Short, so that joins fall into the bridge's absence. */
const HOUSE: WorldOptions = { speakers: 2, phones: 2, tracks: tracksOf(14, 25, 40), sound: 'real' };
/** One that lasts: a speaker holds a minute of the current track, and it takes most of that to notice a silent loss. */
const LONG_TRACK: WorldOptions = { ...HOUSE, tracks: tracksOf(90) };
const EVENING: WorldOptions = { speakers: 3, phones: 2, tracks: tracksOf(200, 300, 400, 100), sound: 'modelled' };
/** What a phone shows and what is heard differ by the sound that waits in the loudspeaker, and a report. */
const SHOWN_WITHIN_MS = 300;
const REAL_SEEDS = 12;
const VOLUME_MIN = 20;
const ABSENCE = ms(60_000);

interface Before {
  readonly facts: object;
  readonly volumes: readonly number[];
  readonly epoch: number;
}

/** Music plays on the first speaker, with settings of this seed's own. */
async function playing(world: World): Promise<VirtualSpeaker> {
  const speaker = nth(world.speakers, 0);
  const phone = nth(world.phones, 0);
  const volume = world.random.between(VOLUME_MIN, 100);
  await must(world, phone, { kind: 'setVolume', speakerId: idOf(speaker), volume });
  await must(world, phone, playRequest(world, speaker));
  if (world.random.chance(0.3)) await must(world, phone, { kind: 'setRepeat', speakerId: null, mode: 'context' });
  await sounding(world, speaker);
  return speaker;
}

function remember(world: World, speaker: VirtualSpeaker): Before {
  return {
    facts: facts(sessionOf(speaker)),
    volumes: world.speakers.map((it) => it.view()?.speaker.volume ?? -1),
    epoch: speaker.view()?.epoch ?? -1,
  };
}

/** Everybody is back and agrees, and it is what it was. */
async function expectNothingJumped(world: World, speaker: VirtualSpeaker, before: Before): Promise<SessionState> {
  await world.quiet();
  expect(remember(world, speaker)).toEqual(before);
  const household = world.bridge.household();
  expect(household?.view(HOUSE_ACCOUNT).session.activeSpeakerId).toBe(idOf(speaker));
  expect(household?.view(HOUSE_ACCOUNT).session.epoch).toBe(before.epoch);
  const session = household?.session(HOUSE_ACCOUNT) ?? null;
  if (session === null) throw new Error('the bridge has no session');
  expect(facts(session)).toEqual(before.facts);
  return session;
}

/** What phones show is what is heard, and all of it was heard without a break. */
function expectHeardUnbroken(world: World, speaker: VirtualSpeaker): void {
  const runs = heardRuns(speaker);
  expectBeginsAt(nth(runs, 0), 1, 0);
  expectUnbroken(world, runs);
  const last = nth(runs, runs.length - 1);
  const shown = world.bridge.household()?.view(HOUSE_ACCOUNT).session;
  expect(shown?.playback).toBe('playing');
  expect(shown?.track?.id).toBe(nth(world.library, last.track - 1).trackId);
  const heardMs = ((last.fromFrames + last.countFrames) * 1000) / FRAMES_PER_SECOND;
  expect(Math.abs((shown?.positionMs ?? -1) - heardMs)).toBeLessThan(SHOWN_WITHIN_MS);
}

describe('a lost bridge', () => {
  it('is killed and comes back: the music goes on, to the frame, and nothing jumps', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const speaker = await playing(world);
        await world.run(between(world, 2_000, 12_000));
        const before = remember(world, speaker);
        world.bridge.kill();
        await world.run(between(world, 500, 20_000));
        expect(speaker.isSounding()).toBe(true);
        await world.bridge.start();
        await expectNothingJumped(world, speaker, before);
        await world.run(ms(1_000));
        expectHeardUnbroken(world, speaker);
      },
      { seeds: REAL_SEEDS },
    );
  });

  it('is cut off without a word, for longer than a heartbeat takes to notice: the same', async () => {
    await withSeeds(
      LONG_TRACK,
      async (world) => {
        const speaker = await playing(world);
        await world.run(ms(2_000));
        const before = remember(world, speaker);
        world.cut('bridge', 'silent');
        await world.run(between(world, 46_000, 52_000));
        expect(speaker.view()?.connection.kind).not.toBe('connected');
        world.heal('bridge');
        await expectNothingJumped(world, speaker, before);
        expectHeardUnbroken(world, speaker);
      },
      { seeds: REAL_SEEDS / 2 },
    );
  });

  it('is away in any way and at any time, also twice: position, queue, volume and epoch are what they were', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      await world.run(between(world, 100, 8_000));
      const before = remember(world, speaker);
      for (let round = world.random.between(1, 2); round > 0; round -= 1) {
        const fault = world.random.pick(['kill', 'silent', 'reset', 'break'] as const);
        if (fault === 'kill') world.bridge.kill();
        else if (fault === 'break') world.network.breakLinks(speaker.name);
        else world.cut('bridge', fault);
        await world.run(between(world, 10, 70_000));
        if (fault === 'kill') await world.bridge.start();
        else world.heal('bridge');
        await world.run(between(world, 0, 3_000));
      }
      await expectNothingJumped(world, speaker, before);
      expect(speaker.isSounding()).toBe(true);
    });
  });

  it('is killed while the music is paused: it stays paused where it was', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      await world.run(between(world, 500, 5_000));
      await must(world, nth(world.phones, 1), { kind: 'pause', speakerId: null });
      await world.quiet();
      const before = remember(world, speaker);
      const { playback } = sessionOf(speaker);
      world.bridge.kill();
      await world.run(between(world, 10, 30_000));
      await world.bridge.start();
      const session = await expectNothingJumped(world, speaker, before);
      expect(session.playback).toEqual(playback);
      expect(world.speakers.some((it) => it.isSounding())).toBe(false);
    });
  });

  it('is killed together with the speaker: what the store knows is taken up again where it was left', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      const phone = nth(world.phones, 0);
      await world.run(between(world, 1_000, 9_000));
      await must(world, phone, { kind: 'pause', speakerId: null });
      await world.run(ms(2_000));
      const before = facts(sessionOf(speaker));
      const volume = speaker.view()?.speaker.volume;
      const { playback } = sessionOf(speaker);
      world.bridge.kill();
      speaker.kill();
      await world.run(between(world, 10, 5_000));
      await world.bridge.start();
      speaker.start();
      await world.quiet();
      await must(world, phone, { kind: 'resume', speakerId: null });
      await sounding(world, speaker);
      expect(facts(sessionOf(speaker))).toEqual(before);
      expect(speaker.view()?.speaker.volume).toBe(volume);
      const now = sessionOf(speaker).playback;
      if (playback.kind === 'stopped' || now.kind === 'stopped') throw new Error('nothing is loaded');
      expect(now.trackId).toBe(playback.trackId);
      expect(Math.abs(now.positionFrames - playback.positionFrames)).toBeLessThan(FRAMES_PER_SECOND);
    });
  });

  it('is killed in the middle of anything: one speaker goes on with the music, and the phones know which', async () => {
    await withSeeds(EVENING, async (world) => {
      await playing(world);
      const phone = nth(world.phones, 0);
      const other = nth(world.speakers, 1);
      const request = world.random.chance(0.5)
        ? playRequest(world, other)
        : ({ kind: 'transfer', speakerId: idOf(other), isPlaying: undefined } as const);
      const asking = phone.ask(request);
      await world.clock.advance(ms(world.random.fraction() * 120));
      world.bridge.kill();
      await world.settled('the phone is told', asking);
      await world.run(between(world, 0, 5_000));
      await world.bridge.start();
      await world.quiet();
      await must(world, phone, { kind: 'resume', speakerId: null });
      await world.run(ms(1_000));
      await world.quiet();
      expect(world.speakers.filter((it) => it.isSounding())).toHaveLength(1);
    });
  });

  it('is killed before it can answer, and asked again under the same id: it is done once', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      await must(world, nth(world.phones, 0), { kind: 'setRepeat', speakerId: null, mode: 'off' });
      const phone = nth(world.phones, 1);
      const commandId = phone.newCommandId();
      const request = { kind: 'next', speakerId: null } as const;
      const asking = phone.ask(request, { commandId });
      await world.clock.advance(ms(world.random.fraction() * 40));
      world.bridge.kill();
      await world.settled('the phone is told', asking);
      await world.bridge.start();
      await world.quiet();
      const again = await world.settled('it is answered', phone.ask(request, { commandId }));
      expect(again.ok).toBe(true);
      await world.quiet();
      expect(sessionOf(speaker).queue.index).toBe(1);
    });
  });

  it('comes back with nothing in its store: it learns everything from who plays', async () => {
    await withSeeds(EVENING, async (world) => {
      const speaker = await playing(world);
      await must(world, nth(world.phones, 1), playRequest(world, nth(world.speakers, 2)));
      await must(world, nth(world.phones, 0), { kind: 'transfer', speakerId: idOf(speaker), isPlaying: true });
      await world.quiet();
      const before = remember(world, speaker);
      world.bridge.kill();
      world.bridge.disk.sessions.clear();
      world.bridge.disk.performed = [];
      world.bridge.disk.speakers.clear();
      await world.run(between(world, 10, 5_000));
      await world.bridge.start();
      await expectNothingJumped(world, speaker, before);
      await must(world, nth(world.phones, 0), { kind: 'next', speakerId: null });
      const heir = nth(world.speakers, 1);
      await must(world, nth(world.phones, 1), { kind: 'transfer', speakerId: idOf(heir), isPlaying: true });
      await sounding(world, heir);
      await world.quiet();
      expect(world.speakers.filter((it) => it.isSounding()).map(({ name }) => name)).toEqual([heir.name]);
    });
  });

  it('is away for as long as an album of short tracks lasts: the speaker plays it to its end by itself, and says so', async () => {
    await withSeeds({ ...EVENING, tracks: tracksOf(3, 2, 4, 1, 3, 2, 5, 2) }, async (world) => {
      const speaker = await playing(world);
      await must(world, nth(world.phones, 0), { kind: 'setRepeat', speakerId: null, mode: 'off' });
      await must(world, nth(world.phones, 0), { kind: 'enqueue', speakerId: null, trackId: nth(trackIds(world), 6) });
      const { trackIds: context } = sessionOf(speaker).queue;
      world.bridge.kill();
      const heard: string[] = [];
      await world.until(
        'the queue is played to its end',
        () => {
          const track = speaker.heardTrack();
          if (track !== null && track !== heard.at(-1)) heard.push(track);
          return sessionOf(speaker).playback.kind === 'stopped';
        },
        ms(40_000),
      );
      const [first = '', ...others] = context;
      expect(heard).toEqual([first, context[6], ...others]);
      await world.bridge.start();
      await world.quiet();
      expect(world.bridge.household()?.view(HOUSE_ACCOUNT).session).toMatchObject({
        playback: 'stopped',
        activeSpeakerId: idOf(speaker),
      });
    });
  });

  it('loses its power with what it had just written, and its writer: nobody else is given that writer’s epoch', async () => {
    await withSeeds({ ...EVENING, speakers: 2 }, async (world) => {
      const [old, writer] = [nth(world.speakers, 0), nth(world.speakers, 1)];
      await must(world, nth(world.phones, 0), playRequest(world, old));
      await world.run(ms(10_000));
      await must(world, nth(world.phones, 0), playRequest(world, writer));
      await sounding(world, writer);
      world.cut(writer.name, 'silent');
      world.bridge.kill(true);
      await world.bridge.start();
      await world.until('one is back', () => world.isTrulyConnected(old), ms(80_000));
      await must(world, nth(world.phones, 0), playRequest(world, old));
      world.heal(writer.name);
      await world.run(ms(80_000));
      await world.quiet();
      expect(world.speakers.filter((it) => it.isSounding()).map(({ name }) => name)).toEqual([old.name]);
    });
  });

  it('is dialled often enough to be found in seconds, and seldom enough not to be hammered', async () => {
    const dials: number[] = [];
    await withSeeds({ ...EVENING, speakers: 1, phones: 0 }, async (world) => {
      await world.run(ms(15_000));
      world.bridge.kill();
      const before = world.network.statistics().dials;
      await world.run(ABSENCE);
      dials.push(world.network.statistics().dials - before);
      await world.bridge.start();
      await world.until('it is back', () => world.speakers.every((it) => world.isTrulyConnected(it)), ms(16_000));
    });
    const mean = dials.reduce((sum, it) => sum + it, 0) / dials.length;
    // Full jitter from 250 ms to 15 s: seven dials in the first 16 s, and one in 7.5 s after, in the mean.
    expect(mean).toBeGreaterThan(9);
    expect(mean).toBeLessThan(18);
  });
});
