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
/** The first request of a seek, or of a start without a head object: small, so that sound begins soon even on a slow link. */
export const HEAD_SEGMENTS = 2;
/** Segments of a later request: large enough that round trips do not count. */
export const REQUEST_SEGMENTS_MAX = 8;
/** Bytes of one request, unless a single segment is larger: the chunk that Spotify's blog names (2018). */
export const REQUEST_BYTES_MAX = 512 * 1024;
/** Requests under way for one track: the next one is asked for while the last one travels. */
export const REQUESTS_IN_FLIGHT_MAX = 2;
/** Beginning of the next track kept ready while the current one is still long: covers a skip at any moment. */
export const NEXT_HEAD_SEGMENTS = 8;
/** Held of the current track before the next one's head is asked for: enough to outlive that small request. */
export const SAFE_FRAMES = frames(10 * FRAMES_PER_SECOND);
/** What is missing and will be heard within this is needed soon: edges that keep silent are not waited for. */
export const SOON_FRAMES = frames(10 * FRAMES_PER_SECOND);

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
  /** Segments of the next track's head object; 0 when it has none. */
  readonly nextHeadSegments: number;
}

export interface Horizon {
  readonly current: SegmentSpan;
  readonly next: SegmentSpan | null;
  /** The join is near: what is missing of the next track is needed soon. */
  readonly isNextSoon: boolean;
}

export function planHorizon(view: HorizonView): Horizon {
  const ahead = Math.ceil(HORIZON_FRAMES / view.segmentFrames);
  // In whole requests: else each second played would ask for one segment.
  const reach = roundUp(view.playSegment + ahead, REQUEST_SEGMENTS_MAX);
  const current = { from: view.playSegment, to: Math.min(view.segmentCount, reach) };
  const isNextSoon = view.leftFrames < SOON_FRAMES;
  if (view.nextSegmentCount === null) return { current, next: null, isNextSoon };
  const nextAhead = view.isHeld(current) ? nextAheadOf(view, ahead) : headAheadOf(view, current);
  const next = nextAhead === 0 ? null : { from: 0, to: Math.min(view.nextSegmentCount, nextAhead) };
  return { current, next, isNextSoon };
}

function nextAheadOf(view: HorizonView, ahead: number): number {
  const wantsWhole = view.leftFrames < WHOLE_NEXT_FRAMES;
  return wantsWhole ? roundUp(ahead, REQUEST_SEGMENTS_MAX) : NEXT_HEAD_SEGMENTS;
}

/** Only the next track's head, while the current one is still filling up. */
function headAheadOf(view: HorizonView, current: SegmentSpan): number {
  const safe = Math.min(current.to, current.from + Math.ceil(SAFE_FRAMES / view.segmentFrames));
  return view.isHeld({ from: current.from, to: safe }) ? view.nextHeadSegments : 0;
}

export interface RequestView {
  readonly wanted: SegmentSpan;
  isHeld(segment: number): boolean;
  isInFlight(segment: number): boolean;
  readonly requestsInFlight: number;
  /** The very segment to be played is missing: the request is small, so that it comes soon. */
  readonly isUrgent: boolean;
  readonly segmentSizesBytes: readonly number[];
  /** Segments of the head object; 0 when there is none. */
  readonly headSegments: number;
}

/** In one quality. @returns the segments of the next request, or null when nothing more should be asked for now */
export function planRequest(view: RequestView): SegmentSpan | null {
  if (view.requestsInFlight >= REQUESTS_IN_FLIGHT_MAX) return null;
  for (let segment = view.wanted.from; segment < view.wanted.to; segment += 1) {
    if (!isWanted(view, segment)) continue;
    return { from: segment, to: endOfRun(view, segment, segmentsMaxFrom(view, segment)) };
  }
  return null;
}

/** What begins with the track's beginning is asked for as its head object. */
function segmentsMaxFrom(view: RequestView, segment: number): number {
  if (segment === 0 && view.headSegments > 0) return view.headSegments;
  return view.isUrgent ? HEAD_SEGMENTS : REQUEST_SEGMENTS_MAX;
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
