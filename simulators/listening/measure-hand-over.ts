/**
 * What two loudspeakers' recordings tell of a hand-over: how long neither was heard, how long both were, and how far the
 * music jumped. Both are timed on one clock, that of who recorded them.
 */
import { RECORDING_RATE_HZ, type RecordedStretch } from '#sim/processes/recorder';
import { lastLoudBefore, onsetOn } from './sides.ts';
import { type KnownTrack, whatPlays } from './where-is.ts';

const FRAMES_PER_MS = RECORDING_RATE_HZ / 1_000;
/** Long enough to be sure of the place. */
const LISTEN_FRAMES = RECORDING_RATE_HZ / 10;
/** Both fades lie nearer than this to the change. */
const FADE_FRAMES = 20 * FRAMES_PER_MS;

export interface HandOverHeard {
  readonly silenceMs: number;
  /** With the fades of both. */
  readonly overlapMs: number;
  /** Above 0: some of the music was left out; below: heard twice. */
  readonly positionErrorMs: number;
}

/**
 * @param source is loud at its beginning and not at its end; @param target the other way round
 * @throws when either is not so, or what is heard is not one of the tracks
 */
export function measureHandOver(
  source: RecordedStretch,
  target: RecordedStretch,
  tracks: readonly KnownTrack[],
): HandOverHeard {
  const last = lastLoudBefore(source, null, source.frameCount);
  const first = onsetOn(target, null, 0);
  if (last === undefined || first === undefined) throw new Error('one of the two was not heard');
  const [silentAtMs, soundingAtMs] = [timeOf(source, last), timeOf(target, first)];
  const before = placeIn(source, last - FADE_FRAMES - LISTEN_FRAMES, tracks);
  const after = placeIn(target, first + FADE_FRAMES, tracks);
  const betweenMs = after.atMs - before.atMs;
  return {
    silenceMs: Math.max(0, soundingAtMs - silentAtMs),
    overlapMs: Math.max(0, silentAtMs - soundingAtMs),
    positionErrorMs: (after.frame - before.frame) / FRAMES_PER_MS - betweenMs,
  };
}

function timeOf(stretch: RecordedStretch, frame: number): number {
  return stretch.startedAtMs + frame / FRAMES_PER_MS;
}

function placeIn(
  stretch: RecordedStretch,
  at: number,
  tracks: readonly KnownTrack[],
): { readonly frame: number; readonly atMs: number } {
  const heard = whatPlays(stretch, at, LISTEN_FRAMES, tracks);
  if (heard.kind !== 'track') throw new Error(`${heard.kind} is heard where the music should be`);
  return { frame: heard.frame, atMs: timeOf(stretch, at) };
}
