/**
 * How far the bridge's clock is from ours: probes in bursts, and of each burst the one that can be least wrong.
 * Spec section 7. The figures are Sendspin's (bursts of 8 every 10 s); the formulae are NTP's.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, ms, type Us, us } from '#protocol/vocabulary/units';
import type { TimeProbe, TimeReply } from '#protocol/wire/heartbeat';

export const PROBES_PER_BURST = 8;
export const BURST_EVERY_MS = ms(10_000);
/** A probe slower than this could not win its burst on any network that plays music. */
const PROBE_TIMEOUT_MS = ms(1_000);

export interface ClockOffset {
  /** What to add to our clock to have the bridge's. */
  readonly offsetUs: Us;
  /** The offset is right to within this. */
  readonly errorUs: Us;
}

export interface TimeSync {
  /** The link is up: a burst at once, and then regularly. */
  start(): void;
  replied(reply: TimeReply): void;
  /** The newest burst's best; null before the first was complete. Kept over a reconnect. */
  offset(): ClockOffset | null;
  /** Harmless when not started. */
  stop(): void;
}

/** @param t4Us when the reply arrived, on our clock */
export function offsetOf(reply: TimeReply, t4Us: Us): ClockOffset {
  const { t1Us, t2Us, t3Us } = reply;
  const offsetUs = us(Math.round((t2Us - t1Us + (t3Us - t4Us)) / 2));
  const errorUs = us(Math.max(0, Math.round((t4Us - t1Us - (t3Us - t2Us)) / 2)));
  return { offsetUs, errorUs };
}

export function createTimeSync(clock: Clock, send: (probe: TimeProbe) => void): TimeSync {
  let sequence = 0;
  let left = 0;
  let sentAtUs: Us | null = null;
  let best: ClockOffset | null = null;
  let known: ClockOffset | null = null;
  let timer: Timer | null = null;

  function arm(name: string, delay: Ms, then: () => void): void {
    timer?.cancel();
    timer = clock.setTimer(name, delay, then);
  }

  function burst(): void {
    left = PROBES_PER_BURST;
    best = null;
    probe();
  }

  function probe(): void {
    if (left === 0) {
      known = best ?? known;
      sentAtUs = null;
      arm('time-burst', BURST_EVERY_MS, burst);
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
    start: burst,
    replied: (reply) => {
      // Late, or not ours.
      if (sentAtUs === null || reply.sequence !== sequence || reply.t1Us !== sentAtUs) return;
      const sample = offsetOf(reply, clock.nowUs());
      if (best === null || sample.errorUs < best.errorUs) best = sample;
      probe();
    },
    offset: () => known,
    stop: () => {
      timer?.cancel();
      timer = null;
      sentAtUs = null;
    },
  };
}
