/** How the process does that the bridge is, for Prometheus, by the names that its own libraries give them. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Metric } from '#bridge/core/services/content/prometheus-text';

const US_PER_SECOND = 1_000_000;
const NS_PER_SECOND = 1_000_000_000;
const MS_PER_SECOND = 1_000;
/** How often the event loop is looked at: below this a stall is none that anybody notices. */
const RESOLUTION_MS = 20;

/** Begins with the first asking; each asking tells of the time since the one before. */
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

export function processFigures(version: string): readonly Metric[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const isFirst = delay.enable();
  // It counts what it waits itself as delay, too.
  const lagS =
    isFirst || delay.count === 0
      ? 0
      : Math.max(0, delay.percentile(99) / NS_PER_SECOND - RESOLUTION_MS / MS_PER_SECOND);
  delay.reset();
  const one = (name: string, kind: 'counter' | 'gauge', help: string, value: number): Metric => ({
    name,
    kind,
    help,
    rows: [['', value]],
  });
  const built = `version="${version}",node="${process.versions.node}",arch="${process.arch}"`;
  return [
    { name: 'tonearm_build_info', kind: 'gauge', help: 'What runs.', rows: [[built, 1]] },
    one('process_cpu_seconds_total', 'counter', 'Processor time.', (user + system) / US_PER_SECOND),
    one('process_resident_memory_bytes', 'gauge', 'Memory in use.', rss),
    one('process_start_time_seconds', 'gauge', 'When it began.', performance.timeOrigin / MS_PER_SECOND),
    one('nodejs_heap_size_used_bytes', 'gauge', 'Of it, the heap.', heapUsed),
    one('nodejs_eventloop_lag_p99_seconds', 'gauge', 'How late timers were since last asked.', lagS),
  ];
}
