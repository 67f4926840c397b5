/** What `values.js` has for those who render a page; it is JavaScript because it travels in the page as it stands. */

/** @returns the value with its unit, as people read it */
export function formatValue(value: number, unit: string): string;
/** @returns `1:02:03`; with decimals when `step` (seconds) is below 1 */
export function formatInstant(seconds: number, step?: number): string;
/** @returns `12 min 5 s` */
export function formatDuration(seconds: number): string;
/** @returns a scale that holds both, with about so many round marks */
export function scaleOf(
  low: number,
  high: number,
  marks: number,
): { readonly low: number; readonly high: number; readonly marks: readonly number[] };
/** @returns at most about `most` round instants between the two (seconds) */
export function timeMarks(
  from: number,
  to: number,
  most: number,
): { readonly step: number; readonly marks: readonly number[] };
/** @returns what was last known at that instant; null before the first point */
export function valueAt(points: readonly (readonly [number, number])[], at: number): number | null;
