/**
 * The next request for a track that is held in several qualities: pure, apart from the machinery that obeys it. Walks
 * along what is held or under way as the reader will, to the first segment that cannot follow, and asks from there on in
 * the quality that is chosen then; a new one is asked for from one segment earlier, where its decoder settles.
 */
import { type HeldRungs, nextRung, type RoutePoint, UP_RUN_SEGMENTS, walkRoute } from '../manifest/rung-route.ts';
import type { SegmentPlan, SegmentSpan } from '../manifest/segment-plan.ts';
import { planRequest, REQUESTS_IN_FLIGHT_MAX } from './fetch-plan.ts';

/** What is heard sooner than this is not fetched again: it would come too late, or take the link from what is missing. */
export const IMPROVE_AFTER_SEGMENTS = 10;

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
  /** The policy's: what may take the place of a quality that is held but poor; null for nothing. */
  betterThan(rung: number): number | null;
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
  if (isUrgent && end.segment > wanted.from) return null;
  if (end.segment >= wanted.to) return planImprovement(view, { ...shape, isHeld: isComing });
  const rung = rungThatJoins(view, end, isComing) ?? view.chooseRung(end);
  const isEntered = end.rung !== null && end.rung !== rung && end.segment > 0;
  const from = isEntered && !isComing(rung, end.segment - 1) ? end.segment - 1 : end.segment;
  return requestIn(view, rung, { from, to: wanted.to }, isUrgent);
}

function requestIn(view: NextRequestView, rung: number, wanted: SegmentSpan, isUrgent: boolean): RungRequest | null {
  const span = planRequest({
    wanted,
    isHeld: (segment) => view.isHeld(rung, segment),
    isInFlight: (segment) => view.isInFlight(rung, segment),
    requestsInFlight: view.requestsInFlight,
    isUrgent,
    segmentSizesBytes: view.rungs[rung]?.file.segmentSizesBytes ?? [],
    headSegments: view.rungs[rung]?.file.headSegments ?? 0,
  });
  return span === null ? null : { rung, span };
}

/**
 * All that is wanted can be heard: what is poor of it is fetched again, if it lasts and is not heard soon. It was fetched
 * while the link was bad, and has so few bytes that there is little to lose.
 */
function planImprovement(view: NextRequestView, coming: HeldRungs): RungRequest | null {
  const { wanted } = view;
  let at = walkRoute(coming, view.reading, Math.min(wanted.to, wanted.from + IMPROVE_AFTER_SEGMENTS));
  while (at.segment < wanted.to) {
    const rung = nextRung(coming, at);
    const better = rung === null ? null : view.betterThan(rung);
    const after = walkWhile(coming, at, wanted.to, rung);
    if (rung !== null && better !== null && after.segment - at.segment >= UP_RUN_SEGMENTS) {
      const from = Math.max(0, at.segment - (at.rung === better ? 0 : 1));
      const request = requestIn(view, better, { from, to: after.segment }, false);
      if (request !== null) return request;
    }
    at = after;
  }
  return null;
}

/** To the end of what is read in one quality; at least one segment further. */
function walkWhile(coming: HeldRungs, from: RoutePoint, to: number, rung: number | null): RoutePoint {
  let at: RoutePoint = { segment: from.segment + 1, rung };
  while (at.segment < to && nextRung(coming, at) === rung) at = { segment: at.segment + 1, rung };
  return at;
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
