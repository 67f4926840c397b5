/**
 * How much the link carries: a value, and how each sample changes it. Two averages weighted by download time, one that
 * follows within seconds and one that does not take a moment for the rule; the lower one counts (as hls.js and dash.js
 * do). Both begin without a bias towards zero, so that the first sample counts in full.
 *
 * A sample weighs as long as it took: a small answer that took long because the link is slow says much, and what a cache
 * on the way answers at once says little, however fast it looks. But a fast one weighs something by its bytes too, or a
 * link that has recovered would be taken for slow for as long as little is asked of it.
 */

/** Download time after which a sample counts for half. */
export const HALF_LIFE_MS = { fast: 3_000, slow: 9_000 } as const;
/** Less than this in total is no measurement, unless it took `TRUSTED_MS`: it may all have come out of one buffer. */
export const TRUSTED_BYTES = 8 * 1024;
export const TRUSTED_MS = 100;
/** A sample weighs at least as if it had come so fast: 64 KiB for a second of weight. */
export const WEIGHT_BYTES_PER_MS = 65.536;
/** No sample says more than this: a body that comes with its headers takes no time at all. */
export const KBPS_MAX = 200_000;
const BITS_PER_BYTE = 8;

interface Average {
  readonly kbps: number;
  /** Share that the samples have of it; the rest is the zero that it began with. */
  readonly filled: number;
}

export interface Throughput {
  readonly fast: Average;
  readonly slow: Average;
  readonly sizeBytes: number;
  readonly tookMs: number;
}

const EMPTY: Average = { kbps: 0, filled: 0 };
export const UNKNOWN_THROUGHPUT: Throughput = { fast: EMPTY, slow: EMPTY, sizeBytes: 0, tookMs: 0 };

/** @param tookMs time in which at least one answer was awaited or came */
export function addThroughput(known: Throughput, sizeBytes: number, tookMs: number): Throughput {
  const countedMs = Math.max(tookMs, (sizeBytes * BITS_PER_BYTE) / KBPS_MAX);
  if (countedMs <= 0) return known;
  const kbps = (sizeBytes * BITS_PER_BYTE) / countedMs;
  const weightMs = Math.max(countedMs, sizeBytes / WEIGHT_BYTES_PER_MS);
  return {
    fast: blend(known.fast, kbps, weightMs / HALF_LIFE_MS.fast),
    slow: blend(known.slow, kbps, weightMs / HALF_LIFE_MS.slow),
    sizeBytes: known.sizeBytes + sizeBytes,
    tookMs: known.tookMs + countedMs,
  };
}

/** @returns the estimate in kbit/s; null while too little has been seen */
export function kbpsOf({ fast, slow, sizeBytes, tookMs }: Throughput): number | null {
  if (sizeBytes < TRUSTED_BYTES && tookMs < TRUSTED_MS) return null;
  return Math.min(fast.kbps / fast.filled, slow.kbps / slow.filled);
}

function blend({ kbps, filled }: Average, newest: number, halfLives: number): Average {
  const kept = 2 ** -halfLives;
  return { kbps: kbps * kept + newest * (1 - kept), filled: filled * kept + 1 - kept };
}
