/**
 * What one edge has shown of itself: a value, and how each event changes it.
 *
 * An edge that failed is left alone for a while that grows with each failure in a row (full jitter, so that a household's
 * speakers do not come back together); then one request may try it (half-open), and its outcome decides. What was
 * measured long ago is forgotten, or an edge that was slow once would never be asked again.
 */
import { type Ms, ms } from '#protocol/vocabulary/units';

/** First and longest quarantine: a restart costs seconds, a dead edge one probe a minute. */
export const QUARANTINE = { baseMs: 1_000, capMs: 60_000 } as const;
/** Weight of the newest measurement: after five the first counts for a sixth. */
const NEWEST_WEIGHT = 0.3;
/** Half of a bad success rate is forgiven in this. */
const FORGIVING_HALF_LIFE_US = 60_000_000;
/** A measured time says nothing any more after this. */
const MEASURED_FOR_US = 300_000_000;
/** An edge that asks for more patience than this is asked again anyway. */
export const RETRY_AFTER_MAX_MS = 60_000;
/**
 * What is added to the patience that an edge asks for, and doubled each time it asks again: a thousand speakers that were
 * refused in one second come back over a minute, and not all in the second that they were told.
 */
export const OVERLOAD_RETRY = { baseMs: ms(1_000), capMs: ms(60_000) } as const;
/** Shorter bodies than this come out of socket buffers: their speed is the whole request's. */
const BODY_LEAST_MS = 5;
/** Doublings counted; the cap is reached long before. */
const DOUBLINGS_MAX = 10;

type Standing =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'quarantined'; readonly untilUs: number }
  /** One request is under way to see whether it is back. */
  | { readonly kind: 'probed' }
  /** It said itself when it wants to be asked again. */
  | { readonly kind: 'shedding'; readonly untilUs: number };

export interface EdgeHealth {
  readonly standing: Standing;
  /** 0 to 1, of the newest ones mostly, as of `changedAtUs`. */
  readonly successRate: number;
  readonly failuresInRow: number;
  /** Times in a row that it had too much to do. */
  readonly shedInRow: number;
  readonly firstByteMs: number | null;
  readonly bytesPerSecond: number | null;
  readonly changedAtUs: number;
}

export type EdgeEvent =
  | { readonly kind: 'asked' }
  | { readonly kind: 'answered'; readonly firstByteMs: Ms; readonly totalMs: Ms; readonly sizeBytes: number }
  | { readonly kind: 'failed' }
  | { readonly kind: 'shed'; readonly retryAfterMs: Ms }
  /** The request was not wanted any more: says nothing of the edge. */
  | { readonly kind: 'abandoned' };

/** As of an instant: `due` may be probed, `resting` is in quarantine or being probed, `shedding` must not be asked. */
export type EdgeStanding = 'trusted' | 'due' | 'resting' | 'shedding';

export const UNKNOWN_EDGE: EdgeHealth = {
  standing: { kind: 'trusted' },
  successRate: 1,
  failuresInRow: 0,
  shedInRow: 0,
  firstByteMs: null,
  bytesPerSecond: null,
  changedAtUs: 0,
};

/** @param fraction a draw from [0, 1) for the length of a quarantine, or of the patience that was asked for */
export function applyEdgeEvent(health: EdgeHealth, event: EdgeEvent, nowUs: number, fraction: number): EdgeHealth {
  switch (event.kind) {
    case 'asked':
      return standingAt(health, nowUs) === 'due' ? { ...health, standing: { kind: 'probed' } } : health;
    case 'abandoned':
      if (health.standing.kind !== 'probed') return health;
      return { ...health, standing: { kind: 'quarantined', untilUs: nowUs } };
    case 'shed': {
      const doublings = Math.min(DOUBLINGS_MAX, health.shedInRow);
      const spreadMs = fraction * Math.min(OVERLOAD_RETRY.capMs, OVERLOAD_RETRY.baseMs * 2 ** doublings);
      const untilUs = nowUs + Math.ceil((Math.min(event.retryAfterMs, RETRY_AFTER_MAX_MS) + spreadMs) * 1000);
      return { ...health, standing: { kind: 'shedding', untilUs }, shedInRow: health.shedInRow + 1 };
    }
    case 'failed':
      return failed(health, nowUs, fraction);
    case 'answered':
      return answered(health, event, nowUs);
  }
}

export function standingAt({ standing }: EdgeHealth, nowUs: number): EdgeStanding {
  switch (standing.kind) {
    case 'trusted':
      return 'trusted';
    case 'quarantined':
      return nowUs >= standing.untilUs ? 'due' : 'resting';
    case 'probed':
      return 'resting';
    case 'shedding':
      return nowUs >= standing.untilUs ? 'trusted' : 'shedding';
  }
}

/** When it may be asked again; now when it may. */
export function askableAtUs({ standing }: EdgeHealth, nowUs: number): number {
  const isWaiting = standing.kind === 'quarantined' || standing.kind === 'shedding';
  return isWaiting ? Math.max(nowUs, standing.untilUs) : nowUs;
}

/** 0 to 1; what was bad is forgiven with time. */
export function successRateAt(health: EdgeHealth, nowUs: number): number {
  const ageUs = Math.max(0, nowUs - health.changedAtUs);
  return 1 - (1 - health.successRate) * 2 ** (-ageUs / FORGIVING_HALF_LIFE_US);
}

/** Expected time to the first byte; null when it is not known (any more). */
export function firstByteMsAt(health: EdgeHealth, nowUs: number): number | null {
  return nowUs - health.changedAtUs > MEASURED_FOR_US ? null : health.firstByteMs;
}

/** Speed of a body by itself, or of the whole request where the body came at once. */
export function bytesPerSecondOf(event: Extract<EdgeEvent, { kind: 'answered' }>): number {
  const bodyMs = event.totalMs - event.firstByteMs;
  const takenMs = bodyMs >= BODY_LEAST_MS ? bodyMs : Math.max(1, event.totalMs);
  return (event.sizeBytes * 1000) / takenMs;
}

function failed(health: EdgeHealth, nowUs: number, fraction: number): EdgeHealth {
  const doublings = Math.min(DOUBLINGS_MAX, health.failuresInRow);
  const ceilingMs = Math.min(QUARANTINE.capMs, QUARANTINE.baseMs * 2 ** doublings);
  return {
    ...health,
    standing: { kind: 'quarantined', untilUs: nowUs + Math.ceil(ms(fraction * ceilingMs) * 1000) },
    successRate: successRateAt(health, nowUs) * (1 - NEWEST_WEIGHT),
    failuresInRow: health.failuresInRow + 1,
    changedAtUs: nowUs,
  };
}

function answered(health: EdgeHealth, event: Extract<EdgeEvent, { kind: 'answered' }>, nowUs: number): EdgeHealth {
  const rate = successRateAt(health, nowUs);
  return {
    standing: { kind: 'trusted' },
    successRate: rate + NEWEST_WEIGHT * (1 - rate),
    failuresInRow: 0,
    shedInRow: 0,
    firstByteMs: blend(firstByteMsAt(health, nowUs), event.firstByteMs),
    bytesPerSecond: blend(health.bytesPerSecond, bytesPerSecondOf(event)),
    changedAtUs: nowUs,
  };
}

function blend(known: number | null, newest: number): number {
  return known === null ? newest : known + NEWEST_WEIGHT * (newest - known);
}
