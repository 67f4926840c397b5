/** The report of a run of many seeds: figures, and what failed. Nothing of this machine is in it: the same seeds give the same bytes. */
import { EVENTS_MAX, REPORT_FORMAT, type ReportEvent, type RunReport } from '#sim/report/run-report';
import type { SeedResult } from './seed-result.ts';
import type { WorldPicture } from './world-record.ts';

const MS_PER_SECOND = 1_000;

/** @param results in any order @param drawn one of them as it was watched; null: none was */
export function worldReport(
  results: readonly SeedResult[],
  parameters: RunReport['parameters'],
  isStopped: boolean,
  drawn: (WorldPicture & { readonly seed: number }) | null = null,
): RunReport {
  const sorted = [...results].sort((one, other) => one.seed - other.seed);
  const failed = sorted.flatMap(({ seed, failure }) => (failure === null ? [] : [{ seed, failure }]));
  const sum = (pick: (result: SeedResult) => number): number =>
    sorted.reduce((total, result) => total + pick(result), 0);
  const duration = Math.max(0, ...sorted.map(({ virtualMs }) => virtualMs)) / MS_PER_SECOND;
  return {
    format: REPORT_FORMAT,
    kind: 'world',
    title: titleOf(sorted.length, drawn?.seed ?? null),
    outcome: isStopped ? 'stopped' : failed.length > 0 ? 'failed' : 'passed',
    startedAt: null,
    duration: drawn?.duration ?? duration,
    parameters,
    figures: [
      { name: 'seeds', value: sorted.length, unit: '' },
      { name: 'failing seeds', value: failed.length, unit: '' },
      { name: 'virtual time', value: sum(({ virtualMs }) => virtualMs) / MS_PER_SECOND, unit: 's' },
      { name: 'presses', value: sum(({ presses }) => presses), unit: '' },
      { name: 'presses acknowledged', value: sum(({ acknowledged }) => acknowledged), unit: '' },
      { name: 'faults', value: sum(({ faults }) => faults), unit: '' },
      { name: 'times that all was found to be well', value: sum(({ agreements }) => agreements), unit: '' },
    ],
    series: drawn?.series ?? [],
    events: eventsOf(
      failed.filter(({ seed }) => seed !== drawn?.seed),
      drawn,
    ),
  };
}

function titleOf(count: number, drawn: number | null): string {
  if (count === 1 && drawn !== null) return `A simulated household, seed ${drawn}`;
  return `${count} simulated households${drawn === null ? '' : `, seed ${drawn} drawn`}`;
}

/** What happened in the one that is drawn, with the others that failed; those are problems of other houses, and no lines in its charts. */
function eventsOf(
  failed: readonly { readonly seed: number; readonly failure: { readonly atMs: number; readonly message: string } }[],
  drawn: WorldPicture | null,
): ReportEvent[] {
  const others = failed.map(({ seed, failure }): ReportEvent => {
    const kind = drawn === null ? 'problem' : 'log';
    return { at: failure.atMs / MS_PER_SECOND, who: `seed ${seed}`, what: failure.message, kind };
  });
  return [...(drawn?.events ?? []), ...others].slice(0, EVENTS_MAX).sort((one, other) => one.at - other.at);
}
