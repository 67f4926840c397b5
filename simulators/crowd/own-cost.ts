/**
 * What a simulator itself costs: memory, processor and how late its event loop is. Told with every run, so that nobody takes
 * the simulator's limit for the bridge's.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the loop is asked; what it is late beyond that is its delay. */
const ASKED_EVERY_MS = 10;
const NS_PER_MS = 1e6;
const US_PER_S = 1e6;
const MS_PER_S = 1e3;
const BYTES_PER_KB = 1_024;
const BYTES_PER_MB = BYTES_PER_KB * BYTES_PER_KB;

/** What is used over time is of the time since it was read last. */
export interface OwnCost {
  readonly rssMb: number;
  /** Above what it was at the meter's beginning, for each member of the crowd. */
  readonly rssKbEach: number;
  /** Of one core; 1 is all of it. */
  readonly cpuPart: number;
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

export class OwnCostMeter {
  readonly #rssAtFirst = process.memoryUsage.rss();
  readonly #whole = new Stretch();
  #latest = new Stretch();

  /** @param members of the crowd, at least 1 */
  read(members: number): OwnCost {
    const cost = { ...this.#memory(members), ...this.#latest.read() };
    this.#latest.stop();
    this.#latest = new Stretch();
    return cost;
  }

  /** Of all the time since the meter's beginning. */
  readWhole(members: number): OwnCost {
    return { ...this.#memory(members), ...this.#whole.read() };
  }

  stop(): void {
    this.#whole.stop();
    this.#latest.stop();
  }

  #memory(members: number): Pick<OwnCost, 'rssMb' | 'rssKbEach'> {
    const rss = process.memoryUsage.rss();
    return { rssMb: rss / BYTES_PER_MB, rssKbEach: (rss - this.#rssAtFirst) / BYTES_PER_KB / members };
  }
}

/** A stretch of time, and what was used in it. */
class Stretch {
  readonly #loop = monitorEventLoopDelay({ resolution: ASKED_EVERY_MS });
  readonly #cpu = process.cpuUsage();
  readonly #beganAtMs = performance.now();

  constructor() {
    this.#loop.enable();
  }

  read(): Pick<OwnCost, 'cpuPart' | 'loopDelayMs'> {
    const cpu = process.cpuUsage(this.#cpu);
    const passedS = Math.max(1e-3, (performance.now() - this.#beganAtMs) / MS_PER_S);
    const loop = this.#loop;
    return {
      cpuPart: (cpu.user + cpu.system) / US_PER_S / passedS,
      loopDelayMs: { p50: late(loop.percentile(50)), p99: late(loop.percentile(99)), max: late(loop.max) },
    };
  }

  stop(): void {
    this.#loop.disable();
  }
}

/** @param ns from one question to the next; no number before the second */
function late(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns / NS_PER_MS - ASKED_EVERY_MS) : 0;
}
