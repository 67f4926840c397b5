/**
 * One question and one answer over the virtual network, as an HTTP request is: refused where nobody listens, broken when
 * who was asked dies before the answer has come, and without an end on a silent path but for its time-out.
 */
import type { PendingFetch } from '#device/core/ports/chunk-source';
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { VirtualNetwork } from './virtual-transport.ts';

/** As long as an HTTP client of ours waits. */
const TIMEOUT_DEFAULT: Ms = ms(10_000);
/** How often a held-back packet is sent again, as TCP does. */
const RESEND_EVERY: Ms = ms(200);
const BITS_PER_BYTE = 8;
/** A request with its headers, or an answer that is nothing but a status. */
const QUESTION_BYTES = 600;

export interface ExchangeRoute {
  readonly from: string;
  readonly to: string;
}

export interface ExchangeTerms<Value> {
  readonly timeout?: Ms;
  /** Bytes of the answer and how fast they come; absent: at once. */
  readonly size?: (value: Value) => number;
  readonly kbps?: number;
  /** Whether the question may come twice, where the network repeats some: who asks has made it harmless. */
  readonly mayRepeat?: boolean;
}

/**
 * @param clock of the process that asks, so that it hears nothing after its death
 * @param serve what the other side does with the question, when it gets there
 * @returns refused as `fetch.unreachable`, `fetch.timed-out`, `fetch.cancelled`, or with what `serve` refuses with
 */
export function exchange<Value>(
  world: { readonly clock: Clock; readonly network: VirtualNetwork },
  route: ExchangeRoute,
  serve: () => Promise<Result<Value, TonearmError>>,
  terms: ExchangeTerms<Value> = {},
): PendingFetch<Value> {
  const { clock, network } = world;
  const { promise: outcome, resolve } = Promise.withResolvers<Result<Value, TonearmError>>();
  let isOver = false;
  let step: Timer | null = null;
  const timeout = clock.setTimer(`exchange time-out ${route.from}`, terms.timeout ?? TIMEOUT_DEFAULT, () =>
    end(failure('fetch.timed-out', 'no answer')),
  );

  function failure(
    code: 'fetch.timed-out' | 'fetch.unreachable' | 'fetch.cancelled',
    why: string,
  ): Result<Value, TonearmError> {
    return refused(new TonearmError(code, `${route.to}: ${why}`));
  }

  function end(result: Result<Value, TonearmError>): void {
    if (isOver) return;
    isOver = true;
    timeout.cancel();
    step?.cancel();
    resolve(result);
  }

  /** Goes on after a while, and only when the way is open; breaks when the listener is not who it was. */
  function travel(delay: Ms, listener: object | null, arrived: () => void): void {
    step?.cancel();
    step = clock.setTimer(`exchange ${route.from} → ${to}`, delay, () => {
      const way = network.wayTo(route.from, to, listener === null ? 'question' : 'answer');
      if (way === 'silent') travel(RESEND_EVERY, listener, arrived);
      else if (way !== 'open') end(failure('fetch.unreachable', 'connection refused'));
      else if (listener !== null && network.listenerAt(to) !== listener) {
        end(failure('fetch.unreachable', 'connection reset'));
      } else arrived();
    });
  }

  const { address, takes } = network.names.lookUp(route.from, route.to);
  const to = address ?? route.to;
  const fate = network.fate(route.from, to);
  travel(ms(takes + network.delay(route.from, to, QUESTION_BYTES)), null, () => {
    if (address === null) return end(failure('fetch.unreachable', 'no such name'));
    if (fate.lost === 'question') return;
    const listener = network.listenerAt(to);
    void serve().then((result) => {
      if (isOver || fate.lost === 'answer') return;
      const transfer = network.delay(to, route.from, sizeOf(result, terms)) + transferMs(result, terms);
      travel(ms(transfer), listener, () => end(result));
    });
    if (fate.isRepeated && terms.mayRepeat === true) void serve();
    watchForDeath(listener);
  });

  /** A server that dies while it thinks is noticed as a broken connection. */
  function watchForDeath(listener: object | null): void {
    step = clock.setTimer(`exchange watch ${route.from}`, RESEND_EVERY, () => {
      if (network.listenerAt(to) !== listener) end(failure('fetch.unreachable', 'connection reset'));
      else watchForDeath(listener);
    });
  }

  return { outcome, cancel: () => end(failure('fetch.cancelled', 'cancelled')) };
}

function sizeOf<Value>(result: Result<Value, TonearmError>, terms: ExchangeTerms<Value>): number {
  return result.ok && terms.size !== undefined ? terms.size(result.value) : QUESTION_BYTES;
}

function transferMs<Value>(result: Result<Value, TonearmError>, terms: ExchangeTerms<Value>): number {
  if (!result.ok || terms.size === undefined || terms.kbps === undefined) return 0;
  return (terms.size(result.value) * BITS_PER_BYTE) / terms.kbps;
}
