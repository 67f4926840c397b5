/** What scenarios do and look at again and again, so that each of them reads as what happens in it. */
import { expect } from 'vitest';
import type { PhoneRequest } from '#bridge/core/ports/household';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, type Ms, ms } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';
import type { VirtualPhone } from '#sim/phones/virtual-phone';
import type { HeardRun } from '#sim/speakers/heard-sound';
import type { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import type { World } from '#sim/world/world';

/** A fade in begins at zero, so the first frame of a sound may be silent. */
const FADE_FRAMES_LOST_MAX = 2;

/** Lengths in seconds, each a few frames off a whole packet, as real ones are. */
export function tracksOf(...seconds: readonly number[]): readonly Frames[] {
  return seconds.map((length, place) => frames(length * FRAMES_PER_SECOND + 77 * (place + 1)));
}

/** The nth of a list that is known to be long enough. */
export function nth<Item>(items: readonly Item[], place: number): Item {
  const item = items[place];
  if (item === undefined) throw new RangeError(`there is no item ${place} of ${items.length}`);
  return item;
}

export function idOf(speaker: VirtualSpeaker): SpeakerId {
  const id = speaker.view()?.id ?? null;
  if (id === null) throw new Error(`${speaker.name} has no id yet`);
  return id;
}

export function trackIds(world: World): TrackId[] {
  return world.library.map(({ trackId }) => trackId);
}

/** Asks and waits for the answer, which must be yes. */
export async function must(world: World, phone: VirtualPhone, request: PhoneRequest): Promise<void> {
  const outcome = await world.settled(request.kind, phone.ask(request));
  if (!outcome.ok) throw new Error(`${request.kind} was refused: ${outcome.error.code} ${outcome.error.message}`);
}

/** Plays the given places of the library from the first one on. */
export function playRequest(
  world: World,
  speaker: VirtualSpeaker,
  places: readonly number[] = world.library.map((_, place) => place),
): PhoneRequest {
  const ids = places.map((place) => nth(trackIds(world), place));
  return { kind: 'play', speakerId: idOf(speaker), contextUri: null, trackIds: ids, index: 0, positionMs: ms(0) };
}

/** The first phone plays the whole library on the first speaker. @returns that speaker, once it is heard */
export async function playEverything(world: World): Promise<VirtualSpeaker> {
  const speaker = nth(world.speakers, 0);
  await must(world, nth(world.phones, 0), playRequest(world, speaker));
  await sounding(world, speaker);
  return speaker;
}

/** Waits until something is heard. */
export function sounding(world: World, speaker: VirtualSpeaker): Promise<void> {
  return world.until(`${speaker.name} sounds`, () => speaker.isSounding(), ms(15_000));
}

export function sessionOf(speaker: VirtualSpeaker): SessionState {
  const session = speaker.view()?.session ?? null;
  if (session === null) throw new Error(`${speaker.name} has no session`);
  return session;
}

/** The facts of a session that nobody changes by not being there. */
export function facts({ queue, shuffleSeed, repeat }: SessionState): object {
  return structuredClone({ trackIds: queue.trackIds, contextUri: queue.contextUri, shuffleSeed, repeat });
}

/**
 * From the first run in `runs` on, every frame of every track was heard, in order, each once, without a gap.
 * @throws naming the join that is not one
 */
export function expectUnbroken(world: World, runs: readonly HeardRun[]): void {
  for (let place = 1; place < runs.length; place += 1) {
    const before = nth(runs, place - 1);
    const after = nth(runs, place);
    const { durationFrames } = nth(world.library, before.track - 1);
    const join = {
      endOfTrack: before.fromFrames + before.countFrames,
      silence: after.atSinkFrame - before.atSinkFrame - before.countFrames,
      beginsAt: after.fromFrames,
    };
    expect(join, `the join of track ${before.track} and track ${after.track}`).toEqual({
      endOfTrack: durationFrames,
      silence: 0,
      beginsAt: 0,
    });
  }
}

/** The runs heard from a speaker with real sound. */
export function heardRuns(speaker: VirtualSpeaker): readonly HeardRun[] {
  const heard = speaker.heard();
  if (heard === null) throw new Error('there is no sound to read back');
  return heard.runs();
}

/** The first run begins where it should, but for the silent first frames of a fade. */
export function expectBeginsAt(run: HeardRun, track: number, fromFrames: number): void {
  expect(run.track).toBe(track);
  expect(run.fromFrames).toBeGreaterThanOrEqual(fromFrames);
  expect(run.fromFrames).toBeLessThanOrEqual(fromFrames + FADE_FRAMES_LOST_MAX);
}

export type Answered = { readonly request: PhoneRequest; readonly outcome: Result<void, TonearmError> };

/** How sure a phone can be that its request was performed. */
export function certaintyOf(outcome: Result<void, TonearmError>): 'performed' | 'not performed' | 'unknown' {
  if (outcome.ok) return 'performed';
  const isUnknown = ['fetch.timed-out', 'fetch.unreachable', 'connect.closed', 'session.deadline-passed'];
  return isUnknown.includes(outcome.error.code) ? 'unknown' : 'not performed';
}

/** A time between two bounds, chosen by the scenario's seed. */
export function between(world: World, lowMs: number, highMs: number): Ms {
  return ms(world.random.between(lowMs, highMs));
}
