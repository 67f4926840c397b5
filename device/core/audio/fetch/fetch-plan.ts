/**
 * What to fetch next: pure decisions, apart from the machinery that obeys them.
 *
 * Two questions. `planHorizon`: which segments of the current and of the next track are wanted now. `planRequest`: which
 * of the wanted ones the next request asks for, given what is held and under way.
 */
import { FRAMES_PER_SECOND, type Frames, frames } from '#protocol/vocabulary/units';
import type { SegmentSpan } from '../manifest/segment-plan.ts';

/** Read-ahead of the play position. 60 s of 160 kbit/s are 1.2 MB, and a minute without the bridge is not heard. */
export const HORIZON_FRAMES = frames(60 * FRAMES_PER_SECOND);
/** From here to the end of the current track the whole next one is wanted (Kreitz & Niemelä 2010: 30 s before the end). */
export const WHOLE_NEXT_FRAMES = frames(30 * FRAMES_PER_SECOND);
/** The first request of a start or a seek: small, so that sound begins soon even on a slow link. */
export const HEAD_SEGMENTS = 2;
/** Segments of a later request: large enough that round trips do not count. */
export const REQUEST_SEGMENTS_MAX = 8;
/** Bytes of one request, unless a single segment is larger: the chunk that Spotify's blog names (2018). */
export const REQUEST_BYTES_MAX = 512 * 1024;
/** Requests under way for one track: the next one is asked for while the last one travels. */
export const REQUESTS_IN_FLIGHT_MAX = 2;
/** Beginning of the next track kept ready while the current one is still long: covers a skip at any moment. */
export const NEXT_HEAD_SEGMENTS = 8;

export interface HorizonView {
  /** The segment that is decoded now, where a seek's pre-roll begins. */
  readonly playSegment: number;
  readonly segmentCount: number;
  readonly segmentFrames: Frames;
  /** From the play position to the end of the track. */
  readonly leftFrames: Frames;
  /** Whether all of these segments of the current track are held. */
  isHeld(span: SegmentSpan): boolean;
  /** Null: nothing is armed, or its manifest is not there yet. */
  readonly nextSegmentCount: number | null;
}

export interface Horizon {
  readonly current: SegmentSpan;
  readonly next: SegmentSpan | null;
}

export function planHorizon(view: HorizonView): Horizon {
  const ahead = Math.ceil(HORIZON_FRAMES / view.segmentFrames);
  // In whole requests: else each second played would ask for one segment.
  const reach = roundUp(view.playSegment + ahead, REQUEST_SEGMENTS_MAX);
  const current = { from: view.playSegment, to: Math.min(view.segmentCount, reach) };
  if (view.nextSegmentCount === null || !view.isHeld(current)) return { current, next: null };
  const wantsWhole = view.leftFrames < WHOLE_NEXT_FRAMES;
  const nextAhead = wantsWhole ? roundUp(ahead, REQUEST_SEGMENTS_MAX) : NEXT_HEAD_SEGMENTS;
  return { current, next: { from: 0, to: Math.min(view.nextSegmentCount, nextAhead) } };
}

export interface RequestView {
  readonly wanted: SegmentSpan;
  isHeld(segment: number): boolean;
  isInFlight(segment: number): boolean;
  readonly requestsInFlight: number;
  readonly segmentSizesBytes: readonly number[];
}

/** @returns the segments of the next request, or null when nothing more should be asked for now */
export function planRequest(view: RequestView): SegmentSpan | null {
  if (view.requestsInFlight >= REQUESTS_IN_FLIGHT_MAX) return null;
  // While the very segment to be played is missing, nothing else may take its bandwidth.
  const isUrgent = view.wanted.from < view.wanted.to && !view.isHeld(view.wanted.from);
  if (isUrgent && view.isInFlight(view.wanted.from)) return null;
  const segmentsMax = isUrgent ? HEAD_SEGMENTS : REQUEST_SEGMENTS_MAX;
  for (let segment = view.wanted.from; segment < view.wanted.to; segment += 1) {
    if (isWanted(view, segment)) return { from: segment, to: endOfRun(view, segment, segmentsMax) };
  }
  return null;
}

function endOfRun(view: RequestView, from: number, segmentsMax: number): number {
  let sizeBytes = view.segmentSizesBytes[from] ?? 0;
  let to = from + 1;
  while (to < view.wanted.to && to - from < segmentsMax && isWanted(view, to)) {
    sizeBytes += view.segmentSizesBytes[to] ?? 0;
    if (sizeBytes > REQUEST_BYTES_MAX) break;
    to += 1;
  }
  return to;
}

function isWanted(view: RequestView, segment: number): boolean {
  return !view.isHeld(segment) && !view.isInFlight(segment);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
