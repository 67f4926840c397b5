/**
 * The bridge of a replayed speaker: dials end as they ended then, links say what they said then, at the same instants. What
 * the speaker makes up itself and has sent back to it (the time of a probe, the name of an entry of its queue) is put in as
 * it is now.
 */
import type { DialAttempt, TransportDialer, TransportLink } from '#protocol/ports/transport';
import { isErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import type { FlightEntry } from '#protocol/wire/flight-record';
import { ScriptedLink } from './scripted-link.ts';
import { SentNow } from './sent-now.ts';

type Dialled = Result<TransportLink, TonearmError>;
type DialerEvent = Extract<FlightEntry, { port: 'dialer' }>['event'];
type LinkEvent = Extract<FlightEntry, { port: 'link' }>['event'];

export class ScriptedBridge {
  /** Recorded numbers of attempts, in their order, of those that nobody has made yet. */
  readonly #expected: number[];
  /** Of those, the ones that were given up today before they ended as then. */
  readonly #givenUp = new Set<number>();
  #more = 0;
  readonly #outcomes = new Map<number, Dialled>();
  readonly #waiting = new Map<number, (outcome: Dialled) => void>();
  readonly #links = new Map<number, ScriptedLink>();
  readonly #sent = new SentNow();

  /** @param entries all that was recorded, to know which dials there were */
  constructor(entries: readonly FlightEntry[]) {
    this.#expected = entries.flatMap(({ port, event }) =>
      port === 'dialer' && event.kind === 'dialled' ? [event.attempt] : [],
    );
  }

  readonly dialer: TransportDialer = { dial: () => this.#dial() };

  dialerSaid(event: DialerEvent): void {
    if (event.kind === 'opened') {
      const link = new ScriptedLink();
      this.#links.set(event.link, link);
      this.#settle(event.attempt, { ok: true, value: this.#sent.overhear(link) });
    }
    if (event.kind === 'refused') {
      const code = isErrorCode(event.code) ? event.code : 'connect.unreachable';
      this.#settle(event.attempt, refused(new TonearmError(code, 'as it was recorded')));
    }
  }

  linkSaid(event: LinkEvent): void {
    if (event.kind === 'sent') this.#sent.saidThen(event.message);
    const link = this.#links.get(event.link);
    if (link === undefined) return;
    if (event.kind === 'received') link.deliver(JSON.stringify(this.#sent.asNow(event.message)));
    if (event.kind === 'garbled') link.deliver('?'.repeat(event.length));
    if (event.kind === 'closed') link.end(event.code);
  }

  /** The recording is over: what was to be closed is. */
  end(): void {
    for (const link of this.#links.values()) if (link.isClosing()) link.end(1000);
    for (const settle of this.#waiting.values()) settle(refused(new TonearmError('connect.unreachable', 'it is over')));
    this.#waiting.clear();
  }

  #dial(): DialAttempt {
    // One more than then: it waits like the others, and gets what opens next.
    const attempt = this.#expected.shift() ?? this.#unexpected();
    const { promise, resolve } = Promise.withResolvers<Dialled>();
    const cancel = () => {
      if (this.#waiting.delete(attempt)) this.#giveUp(attempt);
      resolve(refused(new TonearmError('connect.unreachable', 'given up')));
    };
    const outcome = this.#outcomes.get(attempt);
    if (outcome !== undefined) resolve(outcome);
    else this.#waiting.set(attempt, resolve);
    return { outcome: promise, cancel };
  }

  /** A link that opens is had by who dials, whichever attempt that is today; what was to come before it will not. */
  #waiterOf(attempt: number, isOpen: boolean): ((outcome: Dialled) => void) | undefined {
    const [earlier] = this.#waiting.keys();
    const whose = isOpen && !this.#waiting.has(attempt) ? earlier : attempt;
    const waiter = whose === undefined ? undefined : this.#waiting.get(whose);
    if (whose !== undefined) this.#waiting.delete(whose);
    if (isOpen) while ((this.#expected[0] ?? attempt) < attempt) this.#expected.shift();
    if (isOpen && waiter !== undefined && this.#expected[0] === attempt) this.#expected.shift();
    return waiter;
  }

  #unexpected(): number {
    this.#more += 1;
    return -this.#more;
  }

  /** Today it was begun sooner, or is given up sooner: the next one may still end as this one did. */
  #giveUp(attempt: number): void {
    if (attempt < 0) return;
    this.#expected.unshift(attempt);
    this.#givenUp.add(attempt);
  }

  #settle(attempt: number, outcome: Dialled): void {
    const waiter = this.#waiterOf(attempt, outcome.ok);
    const place = this.#expected.indexOf(attempt);
    // It was given up then too.
    if (!outcome.ok && this.#givenUp.has(attempt) && place >= 0) this.#expected.splice(place, 1);
    else this.#outcomes.set(attempt, outcome);
    waiter?.(outcome);
  }
}
