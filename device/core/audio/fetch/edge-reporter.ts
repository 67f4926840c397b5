/**
 * Tells the bridge how the edges did: at most once a minute while music is fetched, sooner after an edge has failed.
 * Nothing waits for it, and a report that is lost is no loss. What is counted also goes to the debug log.
 */
import type { EdgeReportSink } from '#device/core/ports/chunk-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { EdgeReport } from '#protocol/wire/edge-report';
import { EDGES_MAX } from '#protocol/wire/manifest';
import { BRIDGE_EDGE_URL } from './choose-edge.ts';
import type { EdgeBook, EdgeTally } from './edge-book.ts';

/** Between two reports while all is well. */
export const REPORT_EVERY_MS = ms(60_000);
/** From an edge's failure to the report of it: what fails with it goes into the same one. */
export const REPORT_FAILURE_AFTER_MS = ms(2_000);
/** Between two reports however many edges fail. */
export const REPORT_APART_MS = ms(10_000);

export class EdgeReporter {
  readonly #ports: { readonly clock: Clock; readonly logger: Logger; readonly reports: EdgeReportSink };
  readonly #book: EdgeBook;
  #timer: { readonly timer: Timer; readonly atUs: number } | null = null;
  #reportedAtUs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(
    ports: { readonly clock: Clock; readonly logger: Logger; readonly reports: EdgeReportSink },
    book: EdgeBook,
  ) {
    this.#ports = ports;
    this.#book = book;
    book.listen({
      asked: () => this.#reportWithin(REPORT_EVERY_MS),
      failedOver: () => this.#reportWithin(REPORT_FAILURE_AFTER_MS),
    });
  }

  /** Music has stopped: tells what there is to tell, and waits for nothing. */
  flush(): void {
    if (this.#timer === null) return;
    this.#timer.timer.cancel();
    this.#report();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.timer.cancel();
    this.#timer = null;
  }

  #reportWithin(delay: Ms): void {
    const nowUs = this.#ports.clock.nowUs();
    const atUs = Math.max(nowUs + delay * 1000, this.#reportedAtUs + REPORT_APART_MS * 1000);
    if (this.#isClosed || (this.#timer !== null && this.#timer.atUs <= atUs)) return;
    this.#timer?.timer.cancel();
    const timer = this.#ports.clock.setTimer('fetch.edge-report', ms((atUs - nowUs) / 1000), () => this.#report());
    this.#timer = { timer, atUs };
  }

  #report(): void {
    this.#timer = null;
    this.#reportedAtUs = this.#ports.clock.nowUs();
    const tallies = this.#book.takeTallies();
    for (const { url, requests, failures, sizeBytes } of tallies) {
      this.#ports.logger.debug('fetch.edge', { edge: url || 'bridge', requests, failures, sizeBytes });
    }
    // The bridge needs no telling how it did itself.
    const edges = tallies.filter(({ url }) => url !== BRIDGE_EDGE_URL).slice(-EDGES_MAX);
    if (edges.length > 0) this.#ports.reports.reportEdges(edges.map(toReport));
  }
}

function toReport(tally: EdgeTally): EdgeReport['edges'][number] {
  const firstByteMs = medianOf(tally.firstByteMs);
  return {
    url: tally.url,
    requests: tally.requests,
    failures: tally.failures,
    firstByteMs: firstByteMs === null ? null : ms(firstByteMs),
    bytesPerSecond: medianOf(tally.bytesPerSecond),
  };
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? null;
}
