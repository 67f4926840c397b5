/**
 * A line of a chart with fewer points and the same look: time is cut into equal parts, and of each part what matters to the eye
 * is kept (how it began and ended, its lowest and its highest), so that a single spike of a long run is still there. Pure.
 */
import { assert } from '#protocol/vocabulary/result';
import { POINTS_MAX } from './run-report.ts';

/** [seconds since the run began, value]. */
export type Point = readonly [number, number];

/** First, lowest, highest and last: what one part of the time may keep. */
const KEPT_PER_PART_MAX = 4;

/**
 * @param points in the order of time
 * @param max at most so many are left; at least 4
 * @returns some of the points, in their order; all of them when they are few enough
 */
export function thinSeries(points: readonly Point[], max: number = POINTS_MAX): [number, number][] {
  assert(max >= KEPT_PER_PART_MAX, `a line needs ${KEPT_PER_PART_MAX} points at least`);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length <= max) return points.map(copy);
  const parts = Math.floor(max / KEPT_PER_PART_MAX);
  const partOf = ([at]: Point): number =>
    last[0] > first[0] ? Math.min(Math.floor(((at - first[0]) / (last[0] - first[0])) * parts), parts - 1) : 0;
  const thin: [number, number][] = [];
  let from = 0;
  for (let index = 1; index <= points.length; index += 1) {
    const [here, before] = [points[index], points[index - 1]];
    if (here !== undefined && before !== undefined && partOf(here) === partOf(before)) continue;
    for (const kept of keptOf(points.slice(from, index))) thin.push(kept);
    from = index;
  }
  return thin;
}

function keptOf(part: readonly Point[]): [number, number][] {
  let [lowest, highest] = [0, 0];
  for (const [index, [, value]] of part.entries()) {
    if (value < (part[lowest]?.[1] ?? value)) lowest = index;
    if (value > (part[highest]?.[1] ?? value)) highest = index;
  }
  const kept = new Set([0, lowest, highest, part.length - 1]);
  return part.filter((_, index) => kept.has(index)).map(copy);
}

function copy([at, value]: Point): [number, number] {
  return [at, value];
}
