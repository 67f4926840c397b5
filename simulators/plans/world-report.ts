/** The report of a run of many seeds: figures, and what failed. Nothing of this machine is in it: the same seeds give the same bytes. */
import { EVENTS_MAX, REPORT_FORMAT, type RunReport } from '#sim/report/run-report';
import type { SeedResult } from './seed-result.ts';

const MS_PER_SECOND = 1_000;

/** @param results in any order */
export function worldReport(
  results: readonly SeedResult[],
  parameters: RunReport['parameters'],
  isStopped: boolean,
): RunReport {
  const sorted = [...results].sort((one, other) => one.seed - other.seed);
  const failed = sorted.flatMap(({ seed, failure }) => (failure === null ? [] : [{ seed, failure }]));
  const sum = (pick: (result: SeedResult) => number): number =>
    sorted.reduce((total, result) => total + pick(result), 0);
  const duration = Math.max(0, ...sorted.map(({ virtualMs }) => virtualMs)) / MS_PER_SECOND;
  return {
    format: REPORT_FORMAT,
    kind: 'world',
    title: `${sorted.length} simulated households`,
    outcome: isStopped ? 'stopped' : failed.length > 0 ? 'failed' : 'passed',
    startedAt: null,
    duration,
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
    series: [],
    events: failed.slice(0, EVENTS_MAX).map(({ seed, failure }) => ({
      at: failure.atMs / MS_PER_SECOND,
      who: `seed ${seed}`,
      what: failure.message,
      kind: 'problem' as const,
    })),
  };
}
