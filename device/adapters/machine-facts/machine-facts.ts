/** What an update has to know of the machine: its C library and what its board is called. Asked once, when updates are begun. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';

const NAMES = '/proc/device-tree/compatible';
const NS_PER_MS = 1e6;
const SAMPLE_EVERY_MS = 20;
/** Nobody wants to know any more. */
const ASKED_WITHIN = ms(60_000);

/** `2.36`; null where it is another C library than GNU's. */
export function glibcVersion(): string | null {
  // Else it looks up names in the network, which takes seconds where there is none.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: unknown } };
  return typeof header?.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : null;
}

/** As its device tree calls it, the most exact name first; nothing on machines without one. */
export function boardNames(): string[] {
  try {
    return readFileSync(NAMES, 'utf8')
      .split('\0')
      .filter((name) => name !== '');
  } catch {
    return [];
  }
}

/** It has no address by which anybody could be reached. */
export function isNetworkDown(): boolean {
  return Object.values(networkInterfaces()).every((list) => (list ?? []).every(({ internal }) => internal));
}

/** How late this thread's event loop is. Measuring wakes it fifty times a second, so it is done only while somebody asks. */
export class LoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: SAMPLE_EVERY_MS });
  readonly #clock: Clock;
  #ending: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the measuring; it begins again when it is asked. */
  stop(): void {
    this.#ending?.cancel();
    this.#ending = null;
    this.#histogram.disable();
  }

  /** Of a hundred, the worst but one, since it was asked last; infinite when nothing was measured yet. */
  p99Ms(): number {
    const isMeasuring = this.#ending !== null;
    this.#ending?.cancel();
    this.#ending = this.#clock.setTimer('loop-lag', ASKED_WITHIN, () => this.stop());
    if (!isMeasuring) this.#histogram.enable();
    const lateMs = this.#histogram.percentile(99) / NS_PER_MS - SAMPLE_EVERY_MS;
    this.#histogram.reset();
    return isMeasuring ? Math.max(0, lateMs) : Number.POSITIVE_INFINITY;
  }
}
