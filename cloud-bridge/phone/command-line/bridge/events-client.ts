/**
 * The bridge's events, for as long as somebody watches: one snapshot, then differences, and the whole again after every
 * loss. Never gives up; waits longer each time, at random, so that a house full of phones does not return at once.
 */
import { fullJitter } from '#protocol/kit/retry-schedule';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { type Ms, ms, msToUs } from '#protocol/vocabulary/units';
import { parseMessage } from '#protocol/wire/envelope';
import { type HouseholdSnapshot, householdEventSchema } from '#protocol/wire/household';
import { applyHouseholdEvent } from './household-mirror.ts';
import { createSessionTime } from './session-time.ts';

const RETRY = { baseMs: ms(250), capMs: ms(10_000) };
/** A connection that held this long was a good one, and the next wait is short again. */
const STEADY_AFTER_US = msToUs(ms(10_000));

const US_PER_MS = 1_000;

export interface EventsListener {
  received(text: string): void;
  /** Called once, also when the socket never opened. */
  closed(reason: string): void;
}

/** Opens one events socket. @returns closes it; `closed` is not called after that */
export type EventsDialer = (listener: EventsListener) => () => void;

export interface HouseholdWatcher {
  /** @param positionAt on the clock that was given: when the session's position was true */
  changed(household: HouseholdSnapshot, positionAt: Ms): void;
  lost(reason: string, retryInMs: Ms): void;
}

export function createEventsClient(
  ports: { readonly clock: Pick<Clock, 'setTimer' | 'nowUs'>; readonly random: Random; readonly dial: EventsDialer },
  watcher: HouseholdWatcher,
): { start(): void; stop(): void } {
  const sessionTime = createSessionTime();
  const retries = fullJitter(ports.random, RETRY);
  let household: HouseholdSnapshot | null = null;
  let close: (() => void) | null = null;
  let timer: Timer | null = null;
  let openedAt = ports.clock.nowUs();

  function open(): void {
    household = null;
    timer = null;
    openedAt = ports.clock.nowUs();
    close = ports.dial({ received, closed: retry });
  }
  function received(text: string): void {
    const event = parseMessage(householdEventSchema, text, 'event');
    const applied = event.ok ? applyHouseholdEvent(household, event.value) : event;
    if (!event.ok || !applied.ok) {
      close?.();
      retry(applied.ok ? 'not an event' : applied.error.message);
      return;
    }
    household = applied.value;
    watcher.changed(household, sessionTime.heard(event.value, nowMs(ports.clock)));
  }
  function retry(reason: string): void {
    close = null;
    if (ports.clock.nowUs() - openedAt >= STEADY_AFTER_US) retries.reset();
    const delay = retries.next();
    timer = ports.clock.setTimer('events-retry', delay, open);
    watcher.lost(reason, delay);
  }
  return {
    start() {
      if (close === null && timer === null) open();
    },
    stop() {
      close?.();
      timer?.cancel();
      close = null;
      timer = null;
    },
  };
}

function nowMs(clock: Pick<Clock, 'nowUs'>): Ms {
  return ms(clock.nowUs() / US_PER_MS);
}
