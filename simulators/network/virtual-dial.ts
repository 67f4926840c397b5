/**
 * One attempt to open a link in a virtual network: asks after a few trips, asks again when the network heals, and gives
 * up after as long as a real dialer would.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { DialAttempt, TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import type { VirtualLink } from './virtual-link.ts';

/** As the real dialer's time for TCP and the upgrade together. */
const DIAL_TIMEOUT: Ms = ms(5_000);

/** What an attempt needs of the network it is made in. */
export interface DialSurroundings {
  /** How long until the far side has been asked. */
  delay(): Ms;
  /** What it says: a link, a refusal, a certificate that was not asked for, or nothing at all. */
  answer(): VirtualLink | 'refused' | 'stranger' | 'nothing';
  ended(isOpen: boolean): void;
}

export class VirtualDial implements DialAttempt {
  readonly from: string;
  readonly outcome: Promise<Result<TransportLink, TonearmError>>;
  readonly #address: string;
  readonly #clock: Clock;
  readonly #surroundings: DialSurroundings;
  readonly #timeout: Timer;
  #question: Timer | null = null;
  #settle: ((outcome: Result<TransportLink, TonearmError>) => void) | null = null;

  constructor(from: string, address: string, clock: Clock, surroundings: DialSurroundings) {
    this.from = from;
    this.#address = address;
    this.#clock = clock;
    this.#surroundings = surroundings;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#timeout = clock.setTimer(`network dial ${from} → ${address}`, DIAL_TIMEOUT, () => this.#refuse('no answer'));
  }

  retry(): void {
    this.#question?.cancel();
    const name = `network dial ${this.from} → ${this.#address}`;
    this.#question = this.#clock.setTimer(name, this.#surroundings.delay(), () => this.#ask());
  }

  cancel(): void {
    this.#refuse('given up');
  }

  #ask(): void {
    this.#question = null;
    const answer = this.#surroundings.answer();
    if (answer === 'nothing') return;
    if (answer === 'stranger') this.#refuse('another key than the one that was pinned', 'connect.identity-refused');
    else if (answer === 'refused') this.#refuse('connection refused');
    else this.#end(ok(answer.dialled));
  }

  #refuse(reason: string, code: 'connect.unreachable' | 'connect.identity-refused' = 'connect.unreachable'): void {
    this.#end(refused(new TonearmError(code, `${this.#address}: ${reason}`)));
  }

  #end(outcome: Result<TransportLink, TonearmError>): void {
    const settle = this.#settle;
    if (settle === null) return;
    this.#settle = null;
    this.#timeout.cancel();
    this.#question?.cancel();
    this.#surroundings.ended(outcome.ok);
    settle(outcome);
  }
}
