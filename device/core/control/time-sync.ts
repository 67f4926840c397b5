/**
 * How far the bridge's clock is from ours: probes in bursts, and of each burst the one that can be least wrong.
 * Spec section 7.3. The bursts of 8, 10 s apart, are Sendspin's; the formulae are NTP's. Once the drift is known, a burst of
 * a minute ago is as good as one of now: thousands of speakers that nobody listens to then ask a bridge little.
 *
 * Two clocks drift apart, so what a burst found is worth less as it gets older; yet a good one of half a minute ago is
 * worth more than one that a busy network has just spoiled. Two that lie far enough apart tell how fast they drift.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, ms, type Us, us } from '#protocol/vocabulary/units';
import type { TimeProbe, TimeReply } from '#protocol/wire/heartbeat';

export const PROBES_PER_BURST = 8;
/** Between bursts at first; twice as long after each, up to the longest. */
export const BURST_AFTER = { first: ms(10_000), longest: ms(60_000) } as const;
/** A clock that is known worse than this is asked for again as at first; a hand-over wants 20 ms. */
const KNOWN_WELL_US = 5_000;
/** A probe slower than this could not win its burst on any network that plays music. */
const PROBE_TIMEOUT_MS = ms(1_000);
/** Bests of bursts that are kept: some minutes. */
const BESTS_MAX = 9;
/** Parts that two machines' clocks may drift apart: crystals of ±50 ppm each. */
export const DRIFT_MAX = 100e-6;
/** Bests nearer to each other tell nothing of drift. */
const DRIFT_TOLD_AFTER_US = 15_000_000;

export interface ClockOffset {
  /** What to add to our clock to have the bridge's. */
  readonly offsetUs: Us;
  /** The offset is right to within this. */
  readonly errorUs: Us;
}

/** The bridge's clock as this speaker has it. */
export interface BridgeTime {
  readonly nowUs: Us;
  readonly errorUs: Us;
}

/** An offset as it was found, on our clock. */
export interface OffsetSample extends ClockOffset {
  readonly atUs: Us;
}

export interface TimeSync {
  /** The link is up: a burst at once, and then regularly. What was known of another link's end is forgotten. */
  start(): void;
  replied(reply: TimeReply): void;
  /** As of now; null before the first reply since `start`. */
  offset(): ClockOffset | null;
  /** Harmless when not started. What is known stays until the next start. */
  stop(): void;
}

/** @param t4Us when the reply arrived, on our clock */
export function offsetOf(reply: TimeReply, t4Us: Us): ClockOffset {
  const { t1Us, t2Us, t3Us } = reply;
  const offsetUs = us(Math.round((t2Us - t1Us + (t3Us - t4Us)) / 2));
  const errorUs = us(Math.max(0, Math.round((t4Us - t1Us - (t3Us - t2Us)) / 2)));
  return { offsetUs, errorUs };
}

/** @param samples oldest first @returns what can be least wrong now; null when there is none */
export function offsetNow(samples: readonly OffsetSample[], nowUs: Us): ClockOffset | null {
  const drift = driftOf(samples);
  let best: ClockOffset | null = null;
  for (const { offsetUs, errorUs, atUs } of samples) {
    const ageUs = nowUs - atUs;
    const aged = {
      offsetUs: us(Math.round(offsetUs + drift.rate * ageUs)),
      errorUs: us(Math.round(errorUs + drift.error * ageUs)),
    };
    if (best === null || aged.errorUs <= best.errorUs) best = aged;
  }
  return best;
}

/** How fast the offset grows, and by how much that may be wrong; both as parts. */
function driftOf(samples: readonly OffsetSample[]): { readonly rate: number; readonly error: number } {
  let told = { rate: 0, error: DRIFT_MAX };
  const last = samples.at(-1);
  if (last === undefined) return told;
  for (const first of samples) {
    const apartUs = last.atUs - first.atUs;
    if (apartUs < DRIFT_TOLD_AFTER_US) continue;
    const rate = (last.offsetUs - first.offsetUs) / apartUs;
    const error = (last.errorUs + first.errorUs) / apartUs;
    // Faster than clocks drift: one of them has been set, or stood still.
    if (error < told.error && Math.abs(rate) <= DRIFT_MAX) told = { rate, error };
  }
  return told;
}

export function createTimeSync(clock: Clock, send: (probe: TimeProbe) => void): TimeSync {
  let sequence = 0;
  let left = 0;
  let sentAtUs: Us | null = null;
  let best: OffsetSample | null = null;
  let bests: readonly OffsetSample[] = [];
  let timer: Timer | null = null;
  let after: Ms = BURST_AFTER.first;

  function known(): ClockOffset | null {
    return offsetNow(best === null ? bests : [...bests, best], clock.nowUs());
  }

  function arm(name: string, delay: Ms, then: () => void): void {
    timer?.cancel();
    timer = clock.setTimer(name, delay, then);
  }

  function burst(): void {
    left = PROBES_PER_BURST;
    keepBest();
    probe();
  }

  function keepBest(): void {
    if (best !== null) bests = [...bests, best].slice(-BESTS_MAX);
    best = null;
  }

  function probe(): void {
    if (left === 0) {
      keepBest();
      sentAtUs = null;
      const isKnownWell = (known()?.errorUs ?? Number.POSITIVE_INFINITY) <= KNOWN_WELL_US;
      if (!isKnownWell) after = BURST_AFTER.first;
      arm('time-burst', after, burst);
      after = ms(Math.min(BURST_AFTER.longest, 2 * after));
      return;
    }
    left -= 1;
    sequence += 1;
    sentAtUs = clock.nowUs();
    // Armed before sending, because `send` may find the link broken and stop us.
    arm('time-probe', PROBE_TIMEOUT_MS, probe);
    send({ kind: 'timeProbe', sequence, t1Us: sentAtUs });
  }

  return {
    start: () => {
      // Another process, or another machine, may have another clock.
      best = null;
      bests = [];
      after = BURST_AFTER.first;
      burst();
    },
    replied: (reply) => {
      // Late, or not ours.
      if (sentAtUs === null || reply.sequence !== sequence || reply.t1Us !== sentAtUs) return;
      const atUs = clock.nowUs();
      const sample = { ...offsetOf(reply, atUs), atUs };
      if (best === null || sample.errorUs < best.errorUs) best = sample;
      probe();
    },
    offset: known,
    stop: () => {
      timer?.cancel();
      timer = null;
      sentAtUs = null;
    },
  };
}
