/** How updates go, for Prometheus. Pure. */
import type { RolloutRecord } from '#protocol/wire/update-records';
import { labelValue, type Metric } from '../content/prometheus-text.ts';
import { tallyOf } from './rollout-record.ts';

/** Versions that are told one by one; the newest of a shelf. */
const VERSIONS_TOLD_MAX = 20;

export function firmwareFigures(
  record: RolloutRecord,
  speakers: readonly { readonly running: string }[],
): readonly Metric[] {
  const running = new Map<string, number>();
  for (const speaker of speakers) running.set(speaker.running, (running.get(speaker.running) ?? 0) + 1);
  const rollouts = record.rollouts.slice(-VERSIONS_TOLD_MAX);
  const version = (name: string) => `version="${labelValue(name)}"`;
  return [
    {
      name: 'tonearm_firmware_speakers',
      help: 'Speakers by the version that they run.',
      kind: 'gauge',
      rows: [...running].slice(0, VERSIONS_TOLD_MAX).map(([name, count]) => [version(name), count]),
    },
    {
      name: 'tonearm_firmware_rollout_percent',
      help: 'Of a hundred speakers, those that are offered a version; 0 when it was halted.',
      kind: 'gauge',
      rows: rollouts.map((each) => [version(each.version), each.halted === null ? each.percent : 0]),
    },
    {
      name: 'tonearm_firmware_results',
      help: 'Speakers on which a version works, and on which it does not.',
      kind: 'gauge',
      rows: rollouts.flatMap((each) => {
        const { good, failed } = tallyOf(record, each.version);
        return [
          [`${version(each.version)},result="good"`, good] as const,
          [`${version(each.version)},result="failed"`, failed] as const,
        ];
      }),
    },
  ];
}
