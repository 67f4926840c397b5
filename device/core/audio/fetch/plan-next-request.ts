/**
 * The next request for a track that is held in several qualities: pure, apart from the machinery that obeys it. Walks
 * along what is held or under way as the reader will, to the first segment that cannot follow, and asks from there on in
 * the quality that is chosen then; a new one is asked for from one segment earlier, where its decoder settles.
 */
import { nextRung, type RoutePoint, walkRoute } from '../manifest/rung-route.ts';
import type { SegmentPlan, SegmentSpan } from '../manifest/segment-plan.ts';
import { planRequest, REQUESTS_IN_FLIGHT_MAX } from './fetch-plan.ts';

export interface NextRequestView {
  readonly wanted: SegmentSpan;
  /** Where reading stands; its segment is `wanted.from`. */
  readonly reading: RoutePoint;
  readonly rungs: readonly SegmentPlan[];
  isHeld(rung: number, segment: number): boolean;
  isInFlight(rung: number, segment: number): boolean;
  readonly requestsInFlight: number;
  /** The policy's: in which quality to go on from the end of what is held or under way. */
  chooseRung(end: RoutePoint): number;
}

export interface RungRequest {
  readonly rung: number;
  readonly span: SegmentSpan;
}

/** @returns null when nothing more should be asked for now */
export function planNextRequest(view: NextRequestView): RungRequest | null {
  const { wanted, reading, rungs } = view;
  if (view.requestsInFlight >= REQUESTS_IN_FLIGHT_MAX || wanted.from >= wanted.to) return null;
  const shape = { rungCount: rungs.length, segmentCount: rungs[0]?.segmentCount ?? 0 };
  const isComing = (rung: number, segment: number): boolean =>
    view.isHeld(rung, segment) || view.isInFlight(rung, segment);
  const end = walkRoute({ ...shape, isHeld: isComing }, reading, wanted.to);
  // While the very segment to be played is missing, nothing else may take its bandwidth.
  const isUrgent = nextRung({ ...shape, isHeld: view.isHeld }, reading) === null;
  if ((isUrgent && end.segment > wanted.from) || end.segment >= wanted.to) return null;
  const rung = rungThatJoins(view, end, isComing) ?? view.chooseRung(end);
  const isEntered = end.rung !== null && end.rung !== rung && end.segment > 0;
  const from = isEntered && !isComing(rung, end.segment - 1) ? end.segment - 1 : end.segment;
  const span = planRequest({
    wanted: { from, to: wanted.to },
    isHeld: (segment) => view.isHeld(rung, segment),
    isInFlight: (segment) => view.isInFlight(rung, segment),
    requestsInFlight: view.requestsInFlight,
    isUrgent,
    segmentSizesBytes: rungs[rung]?.file.segmentSizesBytes ?? [],
    headSegments: rungs[rung]?.file.headSegments ?? 0,
  });
  return span === null ? null : { rung, span };
}

/** A better quality that is there from this segment on and only lacks the one before: that is little to ask for. */
function rungThatJoins(
  { rungs }: NextRequestView,
  { segment, rung }: RoutePoint,
  isComing: (rung: number, segment: number) => boolean,
): number | null {
  for (let other = rungs.length - 1; other > (rung ?? rungs.length); other -= 1) {
    if (isComing(other, segment)) return other;
  }
  return null;
}
