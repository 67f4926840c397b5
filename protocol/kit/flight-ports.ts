/**
 * Ports that both sides have, wrapped: each passes everything on as it is, and notes what came in by it and what was said
 * out of it. A clock's readings and timers are not noted, since a replay has a clock of its own; that timers came late is.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Discovery } from '#protocol/ports/discovery';
import type { Random } from '#protocol/ports/random';
import type { DialAttempt, TransportDialer, TransportLink } from '#protocol/ports/transport';
import { msToUs } from '#protocol/vocabulary/units';
import type { FlightRecorder } from './flight-recorder.ts';

/** Beyond what timers of a busy process are late by; below, a replay is as good without it. */
const STALL_LEAST_US = 100_000;

/** Notes when the process stood still: once for all the timers that were late by it. */
export function recordClock(clock: Clock, recorder: FlightRecorder): Clock {
  let stoodStillUntilUs = Number.NEGATIVE_INFINITY;
  return {
    nowUs: () => clock.nowUs(),
    wallMs: () => clock.wallMs(),
    setTimer: (name, delay, callback) => {
      const dueUs = clock.nowUs() + msToUs(delay);
      return clock.setTimer(name, delay, () => {
        const nowUs = clock.nowUs();
        if (nowUs - dueUs >= STALL_LEAST_US && dueUs > stoodStillUntilUs) {
          stoodStillUntilUs = nowUs;
          recorder.note('clock', { kind: 'stalled', lateUs: Math.round(nowUs - dueUs) });
        }
        callback();
      });
    },
  };
}

/** What is drawn as a number is noted. A token is not: it is a secret, and no decision depends on which one it is. */
export function recordRandom(random: Random, recorder: FlightRecorder): Random {
  return {
    fraction: () => {
      const fraction = random.fraction();
      recorder.note('random', { kind: 'drew', fraction });
      return fraction;
    },
    token: (length) => random.token(length),
  };
}

/** What happens on a link, as it happens. */
export interface LinkWatch {
  received(text: string): void;
  closed(): void;
}

const NOBODY_WATCHES: LinkWatch = { received: () => undefined, closed: () => undefined };

/** @param link whose number it is in the record */
export function recordLink(
  inner: TransportLink,
  recorder: FlightRecorder,
  link: number,
  watch: LinkWatch = NOBODY_WATCHES,
): TransportLink {
  return {
    send: (text) => {
      const isSent = inner.send(text);
      recorder.note('link', { kind: isSent ? 'sent' : 'unsent', link, text });
      return isSent;
    },
    queuedBytes: () => inner.queuedBytes(),
    close: (code, reason) => {
      recorder.note('link', { kind: 'closing', link, code });
      inner.close(code, reason);
    },
    listen: (listener) =>
      inner.listen({
        received: (text) => {
          recorder.note('link', { kind: 'received', link, text });
          watch.received(text);
          listener.received(text);
        },
        closed: (code, reason) => {
          recorder.note('link', { kind: 'closed', link, code });
          watch.closed();
          listener.closed(code, reason);
        },
      }),
  };
}

/** Texts of a link's beginning that are held: a challenge, a welcome, and what a bridge says in between. */
const OPENING_TEXTS_MAX = 4;

interface OpenLink {
  readonly attempt: number;
  readonly link: number;
  readonly address: string;
  readonly isPinned: boolean;
  /** What was received first. */
  readonly opening: string[];
}

/**
 * The links that it opens are recorded too.
 * @param asOfNow what a bridge said at a link's beginning, as it would say it now; for records that begin in the middle
 */
export function recordDialer(
  dialer: TransportDialer,
  recorder: FlightRecorder,
  asOfNow: (text: string) => string,
): TransportDialer {
  const open = new Map<number, OpenLink>();
  const pending = new Map<number, Omit<OpenLink, 'link' | 'opening'>>();
  recorder.add(() => [...standingLinks(), ...standingDials()]);

  const standingDials = () =>
    [...pending.values()].map((dial) => ({ port: 'dialer', event: { kind: 'dialled', ...dial } }) as const);
  const standingLinks = () =>
    [...open.values()].flatMap(({ attempt, link, address, isPinned, opening }) => [
      { port: 'dialer', event: { kind: 'dialled', attempt, address, isPinned } } as const,
      { port: 'dialer', event: { kind: 'opened', attempt, link } } as const,
      ...opening.map((text) => {
        const event = { kind: 'received', link, text: asOfNow(text) };
        return { port: 'link', event } as const;
      }),
    ]);

  function opened(inner: TransportLink, attempt: number, address: string, isPinned: boolean): TransportLink {
    const link = recorder.nextId();
    const state: OpenLink = { attempt, link, address, isPinned, opening: [] };
    recorder.note('dialer', { kind: 'opened', attempt, link });
    open.set(link, state);
    let isWelcomed = false;
    return recordLink(inner, recorder, link, {
      received: (text) => {
        if (isWelcomed || state.opening.length >= OPENING_TEXTS_MAX) return;
        state.opening.push(text);
        isWelcomed = text.startsWith('{"kind":"welcome"');
      },
      closed: () => void open.delete(link),
    });
  }

  return {
    dial: (address, pin) => {
      const attempt = recorder.nextId();
      const isPinned = pin !== undefined;
      recorder.note('dialer', { kind: 'dialled', attempt, address, isPinned });
      pending.set(attempt, { attempt, address, isPinned });
      const inner = dialer.dial(address, pin);
      const outcome: DialAttempt['outcome'] = inner.outcome.then((dialled) => {
        pending.delete(attempt);
        if (dialled.ok) return { ok: true, value: opened(dialled.value, attempt, address, isPinned) };
        recorder.note('dialer', { kind: 'refused', attempt, code: dialled.error.code });
        return dialled;
      });
      return { outcome, cancel: () => inner.cancel() };
    },
  };
}

/** Found and lost, and under which name it is announced. */
export function recordDiscovery(discovery: Discovery, recorder: FlightRecorder): Discovery {
  const found = new Map<string, object>();
  recorder.add(() => [...found.values()].map((service) => ({ port: 'discovery', event: { kind: 'found', service } })));
  return {
    advertise: (service, listener) =>
      discovery.advertise(service, {
        announced: (name) => {
          recorder.note('discovery', { kind: 'announced', name });
          listener.announced(name);
        },
        failed: (reason) => listener.failed(reason),
      }),
    browse: (type, listener) =>
      discovery.browse(type, {
        found: (service) => {
          found.set(service.name, service);
          recorder.note('discovery', { kind: 'found', service });
          listener.found(service);
        },
        lost: (name) => {
          found.delete(name);
          recorder.note('discovery', { kind: 'lost', name });
          listener.lost(name);
        },
      }),
  };
}
