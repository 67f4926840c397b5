/**
 * The music moves to another room while it plays. Both speakers meet at an instant, whatever their clocks say: the same
 * frames, no silence, no more than a fade of both together; and whoever dies on the way, somebody goes on.
 */
import { describe, expect, it } from 'vitest';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import type { HeardRun } from '#sim/speakers/heard-sound';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import { unskewed } from '#sim/world/virtual-process';
import type { World, WorldOptions } from '#sim/world/world';
import { between, heardRuns, idOf, must, nth, playEverything, sounding, tracksOf } from './steps.ts';
import { withSeeds } from './with-seeds.ts';

const US_PER_MS = 1_000;
const US_PER_FRAME = 1_000_000 / FRAMES_PER_SECOND;
/** Both fades, and what two clocks may be wrong by over this network: half of its jitter, twice. */
const TOGETHER_MAX_MS = 10 + 4;
const APART_MAX_MS = 4;
/** As a house with a busy radio link, and machines that were switched on at different times, with cheap crystals. */
const HOUSE: WorldOptions = {
  speakers: 2,
  phones: 1,
  tracks: tracksOf(40, 30),
  sound: 'real',
  latency: ms(3),
  jitter: ms(4),
  skews: [
    { offsetUs: 7_200_000_000, ppm: 40 },
    { offsetUs: 55_000_000, ppm: -40 },
  ],
};
const SHORT: WorldOptions = { ...HOUSE, tracks: tracksOf(4, 3, 5, 3, 4, 20) };
const SEEDS = 12;
/** A hand-over's steps all lie within it. */
const STEPS_MS = 700;
/** As long as the bridge waits for a source that says nothing: half of the time that the phone gave it. */
const WITHOUT_A_WORD_MS = 2_500 + STEPS_MS;

interface Sound {
  readonly track: number;
  /** World time, µs. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly fromFrames: number;
}

function soundsOf(speaker: VirtualSpeaker): readonly Sound[] {
  return heardRuns(speaker).map((run: HeardRun) => ({
    track: run.track,
    fromUs: unskewed(run.atUs, speaker.skew),
    toUs: unskewed(run.atUs + run.countFrames * US_PER_FRAME, speaker.skew),
    fromFrames: run.fromFrames,
  }));
}

/** Milliseconds in which both are heard. */
function togetherMs(a: VirtualSpeaker, b: VirtualSpeaker): number {
  let us = 0;
  for (const one of soundsOf(a)) {
    for (const other of soundsOf(b))
      us += Math.max(0, Math.min(one.toUs, other.toUs) - Math.max(one.fromUs, other.fromUs));
  }
  return us / US_PER_MS;
}

interface Change {
  readonly silenceMs: number;
  readonly positionErrorMs: number;
}

/** From the last sound of one to the first of the other. */
function changeBetween(world: World, source: VirtualSpeaker, target: VirtualSpeaker): Change {
  const before = nth(soundsOf(source), soundsOf(source).length - 1);
  const after = nth(soundsOf(target), 0);
  const silenceMs = (after.fromUs - before.toUs) / US_PER_MS;
  // What the source would have come to by then, also where that is in the next track.
  let expected = before.fromFrames + (after.fromUs - before.fromUs) / US_PER_FRAME;
  for (let track = before.track; track < after.track; track += 1) {
    expected -= nth(world.library, track - 1).durationFrames;
  }
  return { silenceMs, positionErrorMs: ((after.fromFrames - expected) * US_PER_FRAME) / US_PER_MS };
}

function expectMet(world: World, source: VirtualSpeaker, target: VirtualSpeaker): void {
  const { silenceMs, positionErrorMs } = changeBetween(world, source, target);
  expect(silenceMs).toBeLessThanOrEqual(APART_MAX_MS);
  expect(togetherMs(source, target)).toBeLessThanOrEqual(TOGETHER_MAX_MS);
  expect(Math.abs(positionErrorMs)).toBeLessThanOrEqual(APART_MAX_MS);
}

function transferTo(target: VirtualSpeaker) {
  return { kind: 'transfer', speakerId: idOf(target), isPlaying: undefined } as const;
}

/** Plays, and moves the music to the other speaker within `untilMs`. @returns where it plays now */
async function moveAndExpectMet(world: World, untilMs: number): Promise<VirtualSpeaker> {
  const source = await playEverything(world);
  const target = nth(world.speakers, 1);
  await world.run(between(world, 500, untilMs));
  await must(world, nth(world.phones, 0), transferTo(target));
  await sounding(world, target);
  await world.run(ms(500));
  expectMet(world, source, target);
  return target;
}

/** Plays, asks within `untilMs` for a move to the other speaker, and stands at one of its steps. */
async function caughtOnTheWay(world: World, untilMs: number) {
  const source = await playEverything(world);
  const target = nth(world.speakers, 1);
  await world.run(between(world, 500, untilMs));
  const asking = nth(world.phones, 0).ask(transferTo(target));
  await world.clock.advance(ms(world.random.fraction() * STEPS_MS));
  return { source, target, asking };
}

describe('a hand-over while music plays', () => {
  it('goes on with the same frame, without silence and with no more than a fade of both', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const target = await moveAndExpectMet(world, 25_000);
        await world.quiet();
        expect(world.speakers.filter((it) => it.isSounding())).toEqual([target]);
      },
      { seeds: SEEDS },
    );
  });

  it('is right also where a track ends on the way', async () => {
    await withSeeds(
      SHORT,
      async (world) => {
        await moveAndExpectMet(world, 12_000);
      },
      { seeds: 2 * SEEDS },
    );
  });

  it('whose target is killed on the way has not happened, or is given back', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const { source, target, asking } = await caughtOnTheWay(world, 10_000);
        target.kill();
        const outcome = await world.settled('the phone is told', asking);
        await world.run(ms(3_000));
        if (outcome.ok) return;
        expect(source.isSounding()).toBe(true);
        const sounds = soundsOf(source);
        const gaps = sounds.slice(1).map(({ fromUs }, place) => (fromUs - nth(sounds, place).toUs) / US_PER_MS);
        for (const gap of gaps) expect(gap).toBeLessThan(STEPS_MS);
      },
      { seeds: 2 * SEEDS },
    );
  });

  it('whose source is killed on the way goes on in the target, at once; or soon, where its power went without a word', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const { source, target, asking } = await caughtOnTheWay(world, 10_000);
        const died = world.clock.nowUs();
        const isUnplugged = world.random.chance(0.5);
        source.kill(isUnplugged);
        const outcome = await world.settled('the phone is told', asking);
        if (!outcome.ok) return;
        await sounding(world, target);
        await world.run(ms(200));
        const limitMs = isUnplugged ? WITHOUT_A_WORD_MS : STEPS_MS;
        expect((nth(soundsOf(target), 0).fromUs - died) / US_PER_MS).toBeLessThan(limitMs);
      },
      { seeds: 2 * SEEDS },
    );
  });

  it('whose bridge is killed on the way leaves one of them playing', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const { source, target, asking } = await caughtOnTheWay(world, 10_000);
        world.bridge.kill();
        await world.settled('the phone is told', asking);
        await world.run(ms(1_000));
        await world.bridge.start();
        await world.quiet();
        await world.run(ms(500));
        expect(world.speakers.filter((it) => it.isSounding())).toHaveLength(1);
        expect(togetherMs(source, target)).toBeLessThanOrEqual(TOGETHER_MAX_MS);
      },
      { seeds: 3 * SEEDS },
    );
  });

  it('one of whose speakers is cut off on the way ends with one of them playing, once it is reached again', async () => {
    await withSeeds(
      HOUSE,
      async (world) => {
        const { asking } = await caughtOnTheWay(world, 4_000);
        const cutOff = world.random.pick(world.speakers);
        world.cut(cutOff.name, world.random.pick(['silent', 'reset'] as const));
        await world.settled('the phone is told', asking);
        await world.run(between(world, 100, 5_000));
        world.heal(cutOff.name);
        await world.quiet();
        await world.run(ms(500));
        expect(world.speakers.filter((it) => it.isSounding())).toHaveLength(1);
      },
      { seeds: 2 * SEEDS },
    );
  });
});
