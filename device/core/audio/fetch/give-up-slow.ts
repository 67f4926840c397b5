/**
 * Whether a request that comes too slowly is given up for a lower quality: a pure decision. A request binds the link for
 * several seconds of sound; when the link collapses meanwhile, what was good to ask for is not good to wait for.
 *
 * dash.js gives up when a segment will take more than 1.8 times as long as it lasts. Here the question is asked
 * directly: how long would sound be missing, if it goes on like this, and how much of that would a lower quality save?
 */
import { KEEP_SHARE } from './choose-quality.ts';

/** A request is let be for this long: before it, its speed says nothing. */
export const GIVE_UP_AFTER_MS = 500;
/** Less silence saved than this is not worth the bytes thrown away. */
export const GIVE_UP_GAIN_MS = 300;

export interface SlowRequestView {
  readonly elapsedMs: number;
  /** Of the last moments; zero: nothing comes. */
  readonly speedKbps: number;
  /** Still to come of the segment that is needed first, and of the whole request. */
  readonly nextBytes: number;
  readonly leftBytes: number;
  readonly leftSegments: number;
  readonly segmentMs: number;
  /** Sound held ahead of the play position. */
  readonly bufferMs: number;
  /** Bytes of a segment in the lower qualities, ascending; none: there is nothing to go down to. */
  readonly lowerSegmentBytes: readonly number[];
  /** Until an answer to another request begins. */
  readonly firstByteMs: number;
}

export function isTooSlow(view: SlowRequestView): boolean {
  const { segmentMs, leftSegments } = view;
  if (view.elapsedMs < GIVE_UP_AFTER_MS || view.lowerSegmentBytes.length === 0) return false;
  const takesMs = (sizeBytes: number): number => (sizeBytes * 8) / Math.max(view.speedKbps, 1);
  const missingMs = (nextMs: number, allMs: number): number =>
    Math.max(0, nextMs - view.bufferMs, allMs - view.bufferMs - (leftSegments - 1) * segmentMs);
  const carriesBytes = (view.speedKbps * KEEP_SHARE.low * segmentMs) / 8_000;
  const lower = view.lowerSegmentBytes.findLast((size) => size <= carriesBytes) ?? view.lowerSegmentBytes[0] ?? 0;
  const asItGoes = missingMs(takesMs(view.nextBytes), takesMs(view.leftBytes));
  // One segment more than it brings: the one to settle on.
  const inLower = missingMs(
    view.firstByteMs + takesMs(2 * lower),
    view.firstByteMs + takesMs((leftSegments + 1) * lower),
  );
  return asItGoes - inLower >= GIVE_UP_GAIN_MS;
}
