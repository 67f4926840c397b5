/** What `run-parts.js` has, for its tests; it is JavaScript because it travels in the page as it stands. */
import type { ReportEvent, ReportSeries, RunReport } from '../run-report.ts';

/** @returns everybody who has a line or an event */
export function ownersOf(run: Pick<RunReport, 'series' | 'events'>): string[];
/** @returns the charts in the order in which one asks for them */
export function chartsOf(run: Pick<RunReport, 'series'>): {
  readonly name: string;
  readonly unit: string;
  readonly isStepped: boolean;
  readonly lines: readonly ReportSeries[];
}[];
/** @returns from each fault to what ends it, else to the end of the run (seconds) */
export function faultSpans(
  events: readonly ReportEvent[],
  duration: number,
): { readonly from: number; readonly to: number; readonly who: string; readonly what: string }[];
/** @returns whether all words of the search are in the text */
export function fits(text: string, search: string): boolean;
/** @returns null: all */
export function shownOwners(
  owners: readonly string[],
  chosen: ReadonlySet<string>,
  search: string,
): ReadonlySet<string> | null;
/** @returns null when none of them has a value */
export function spread(
  values: readonly (number | null)[],
): { readonly lowest: number; readonly median: number; readonly highest: number } | null;
