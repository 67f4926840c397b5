/** What an edge counts, and how Prometheus reads it (text format 0.0.4). Every name is explained in cloud-bridge/README.md. */
import type { SliceStoreUsage } from '#bridge/core/ports/slice-store';
import type { TokenRefusal } from '#bridge/core/services/access/content-token-check';

/** Counters grow from the start of the process; the door and the cache add to them directly. */
export class EdgeCounts {
  /** Answers by status. */
  readonly answers = new Map<number, number>();
  readonly refusals = new Map<TokenRefusal, number>();
  /** Requests for bytes whose slices were all here, in memory or on disk. */
  hits = 0;
  /** Requests for bytes of which something had to come from the origin. */
  misses = 0;
  /** Slices by where they came from. */
  memorySlices = 0;
  diskSlices = 0;
  originSlices = 0;
  /** Questions to the origin, answered or not, and those that failed. */
  originRequests = 0;
  originFailures = 0;
  originBytes = 0;
  sentBytes = 0;
  /** Responses cut because their reader took nothing, or took too much memory while it waited. */
  cutReaders = 0;

  answered(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }

  refused(reason: TokenRefusal): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }
}

/** What is read at the moment of asking. */
export interface EdgeGauges {
  readonly memoryBytes: number;
  readonly slices: SliceStoreUsage;
  readonly heads: SliceStoreUsage;
  readonly connections: number;
  readonly waitingReaders: number;
  readonly waitingBytes: number;
  readonly originRunning: number;
  readonly originWaiting: number;
  readonly revocationRevision: number;
}

type Row = readonly [labels: string, value: number];

export function renderMetrics(counts: EdgeCounts, gauges: EdgeGauges): string {
  const stores: readonly (readonly [string, SliceStoreUsage])[] = [
    ['slices', gauges.slices],
    ['heads', gauges.heads],
  ];
  const perStore = (pick: (usage: SliceStoreUsage) => number): Row[] =>
    stores.map(([name, usage]) => [`{store="${name}"}`, pick(usage)]);
  const lines = [
    metric('answers_total', 'counter', labelled('status', counts.answers)),
    metric('token_refusals_total', 'counter', labelled('reason', counts.refusals)),
    metric('requests_total', 'counter', [
      ['{cache="hit"}', counts.hits],
      ['{cache="miss"}', counts.misses],
    ]),
    metric('slices_total', 'counter', [
      ['{from="memory"}', counts.memorySlices],
      ['{from="disk"}', counts.diskSlices],
      ['{from="origin"}', counts.originSlices],
    ]),
    metric('origin_requests_total', 'counter', [['', counts.originRequests]]),
    metric('origin_failures_total', 'counter', [['', counts.originFailures]]),
    metric('origin_bytes_total', 'counter', [['', counts.originBytes]]),
    metric('sent_bytes_total', 'counter', [['', counts.sentBytes]]),
    metric('cut_readers_total', 'counter', [['', counts.cutReaders]]),
    metric(
      'evicted_slices_total',
      'counter',
      perStore((usage) => usage.evicted),
    ),
    metric(
      'corrupt_slices_total',
      'counter',
      perStore((usage) => usage.corrupt),
    ),
    metric(
      'unwritten_slices_total',
      'counter',
      perStore((usage) => usage.unwritten),
    ),
    metric(
      'stored_slices',
      'gauge',
      perStore((usage) => usage.slices),
    ),
    metric(
      'stored_slices_max',
      'gauge',
      perStore((usage) => usage.slicesMax),
    ),
    metric('memory_bytes', 'gauge', [['', gauges.memoryBytes]]),
    metric('connections', 'gauge', [['', gauges.connections]]),
    metric('waiting_readers', 'gauge', [['', gauges.waitingReaders]]),
    metric('waiting_bytes', 'gauge', [['', gauges.waitingBytes]]),
    metric('origin_running', 'gauge', [['', gauges.originRunning]]),
    metric('origin_waiting', 'gauge', [['', gauges.originWaiting]]),
    metric('revocation_revision', 'gauge', [['', gauges.revocationRevision]]),
  ];
  return lines.join('');
}

function labelled(label: string, values: ReadonlyMap<string | number, number>): Row[] {
  return [...values].map(([name, value]) => [`{${label}="${name}"}`, value]);
}

function metric(name: string, type: 'counter' | 'gauge', rows: readonly Row[]): string {
  const full = `tonearm_edge_${name}`;
  return `# TYPE ${full} ${type}\n${rows.map(([labels, value]) => `${full}${labels} ${value}\n`).join('')}`;
}
