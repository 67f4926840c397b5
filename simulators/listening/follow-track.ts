/**
 * Follows a track through a recording and tells every place where what is heard is not what comes next in it: how long
 * silences were, and how often frames were lost or heard again. What is neither silence nor the track counts as foreign.
 */
import type { Recording } from '#sim/processes/recorder';
import { type KnownTrack, normalisedCorrelation, rmsOf, SILENCE_BELOW_RMS, stretchOf, whatPlays } from './where-is.ts';

/** Long enough to be sure of, short enough to place a break. */
const WINDOW_FRAMES = 2_400;
/** Below this it is not those frames; fades and gains keep the shape of a wave. */
const MATCH_LEAST = 0.6;
/** Shorter silences are part of the music. */
const QUIET_LEAST_FRAMES = 96;
/** So much of something else, and it is not worth going on. */
const FOREIGN_MAX = 20;

export interface Followed {
  /** Silence in all, in stretches longer than 2 ms. */
  readonly quietFrames: number;
  readonly longestQuietFrames: number;
  /** How many such stretches there were. */
  readonly quiets: number;
  /** Times it went on elsewhere in the track than it had stopped. */
  readonly jumps: number;
  /** Frames that it is off in the end, silences taken out: lost ones are positive, repeated ones negative. */
  readonly lostFrames: number;
  /** Windows of something that is neither silence nor anywhere in the track. */
  readonly foreign: number;
}

/** @param fromFrame of the recording, where the track is heard */
export function followTrack(recording: Recording, track: KnownTrack, fromFrame: number, toFrame: number): Followed {
  const quiet = quietIn(recording, fromFrame, toFrame);
  const startOffset = placeAt(recording, track, fromFrame, toFrame);
  if (startOffset === null) throw new Error(`${track.name} is not heard where it should be`);
  let [offset, judgedTo, jumps, foreign] = [startOffset, fromFrame, 0, 0];
  for (let at = fromFrame; at + WINDOW_FRAMES <= toFrame && foreign < FOREIGN_MAX; at += WINDOW_FRAMES) {
    const window = stretchOf(recording, at, WINDOW_FRAMES);
    const isCut = quietWithin(quiet, at, at + WINDOW_FRAMES) > 0;
    if (normalisedCorrelation(window, track.samples, at + offset) < MATCH_LEAST) {
      // What is partly silent is judged by what comes after the silence.
      if (isCut || rmsOf(window) < SILENCE_BELOW_RMS) continue;
      const found = placeAt(recording, track, at, toFrame);
      if (found === null) {
        // A jump within the window is neither place; the next one shows whether it was that.
        if (placeAt(recording, track, at + WINDOW_FRAMES, toFrame) === null) foreign += 1;
        continue;
      }
      if (Math.abs(found - offset + quietWithin(quiet, judgedTo, at)) > 1) jumps += 1;
      offset = found;
    }
    judgedTo = at;
  }
  const quietFrames = quietWithin(quiet, fromFrame, toFrame);
  const longestQuietFrames = Math.max(0, ...quiet.map(([from, to]) => to - from));
  return {
    quietFrames,
    longestQuietFrames,
    quiets: quiet.length,
    jumps,
    lostFrames: quietFrames + offset - startOffset,
    foreign,
  };
}

/** What has to be added to a frame of the recording to have the track's; null: the track is not heard there. */
function placeAt(recording: Recording, track: KnownTrack, at: number, toFrame: number): number | null {
  if (at + WINDOW_FRAMES > toFrame) return null;
  const heard = whatPlays(recording, at, WINDOW_FRAMES, [track]);
  return heard.kind === 'track' ? heard.frame - at : null;
}

type Run = readonly [from: number, to: number];

function quietIn({ samples }: Recording, fromFrame: number, toFrame: number): readonly Run[] {
  const runs: Run[] = [];
  let from = fromFrame;
  for (let frame = fromFrame; frame <= toFrame; frame += 1) {
    const isLoud = Math.abs(samples[frame * 2] ?? 0) > 100 || Math.abs(samples[frame * 2 + 1] ?? 0) > 100;
    if (!isLoud && frame < toFrame) continue;
    if (frame - from >= QUIET_LEAST_FRAMES) runs.push([from, frame]);
    from = frame + 1;
  }
  return runs;
}

function quietWithin(runs: readonly Run[], from: number, to: number): number {
  return runs.reduce((sum, run) => sum + Math.max(0, Math.min(run[1], to) - Math.max(run[0], from)), 0);
}
