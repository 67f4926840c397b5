/**
 * One phone of a crowd: an events socket on which it asks, as a page with a person before it does, and its way of coming back.
 * It looks at what it is told only as far as it needs: hundreds of phones in one process would otherwise measure JSON.
 */
import { WebSocket } from 'ws';
import { WS_SOCKET_OPTIONS } from '#protocol/adapters/ws-link';
import { fullJitter, type RetrySchedule } from '#protocol/kit/retry-schedule';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { commandId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { encodeMessage, MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';
import type { PhoneMessage, PhoneRequestBody, RequestAnswer } from '#protocol/wire/phone-request';
import { EVENTS_PATH, EVENTS_SUBPROTOCOL } from '#protocol/wire/versions';

/** As the page and the command line have them. */
const RETRY = { baseMs: ms(250), capMs: ms(10_000) };
const HANDSHAKE_MS = 5_000;
const DEADLINE = ms(5_000);
/** An answer is not waited for much longer than it is good for. */
const PATIENCE = ms(DEADLINE + 1_000);
const UTF8_BYTES_PER_UNIT_MAX = 3;
const ANSWER = '{"kind":"requestAnswer"';
const SNAPSHOT = '{"kind":"householdSnapshot"';

export type PhoneOutcome =
  | { readonly kind: 'accepted'; readonly tookMs: number }
  /** `code` as in spec section 9. */
  | { readonly kind: 'refused'; readonly code: string; readonly tookMs: number }
  /** There was no socket, or it ended before the answer. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'unanswered' };

export interface CrowdPhonePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly listener: PhoneListener;
}

export interface PhoneListener {
  /** The first event on a socket; `text` is a `householdSnapshot`. */
  came(text: string): void;
  /** A socket that was up has ended, or none came to be. */
  gone(reason: string, wasUp: boolean): void;
}

export interface CrowdPhoneOptions {
  /** `ws://host:port` */
  readonly address: string;
  readonly name: string;
  /** Of the upgrade; null: none. Asked before each socket. */
  readonly authorization: () => Promise<string | null>;
}

interface Question {
  readonly askedAtMs: number;
  readonly timer: Timer;
  readonly settle: (outcome: PhoneOutcome) => void;
}

export class CrowdPhone {
  readonly #ports: CrowdPhonePorts;
  readonly #options: CrowdPhoneOptions;
  readonly #retry: RetrySchedule;
  readonly #questions = new Map<string, Question>();
  #socket: WebSocket | null = null;
  #isUp = false;
  #isStopped = false;
  #timer: Timer | null = null;
  #asked = 0;

  constructor(ports: CrowdPhonePorts, options: CrowdPhoneOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#retry = fullJitter(ports.random, RETRY);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(): void {
    void this.#open();
  }

  /** Never rejects. */
  request(body: PhoneRequestBody): Promise<PhoneOutcome> {
    const socket = this.#socket;
    if (socket === null || !this.#isUp) return Promise.resolve({ kind: 'lost' });
    this.#asked += 1;
    const id = commandId(`${this.#options.name}-${this.#asked}`);
    return new Promise((resolve) => {
      const timer = this.#ports.clock.setTimer('crowd-phone-patience', PATIENCE, () =>
        this.#settle(id, { kind: 'unanswered' }),
      );
      this.#questions.set(id, { askedAtMs: performance.now(), timer, settle: resolve });
      const message: PhoneMessage = { kind: 'request', id, deadlineMs: DEADLINE, body };
      socket.send(encodeMessage(message));
    });
  }

  /** Every question is settled and no timer left. */
  stop(): void {
    this.#isStopped = true;
    this.#isUp = false;
    this.#timer?.cancel();
    this.#socket?.terminate();
    this.#socket = null;
    this.#loseQuestions();
  }

  async #open(): Promise<void> {
    this.#timer = null;
    let authorization: string | null;
    try {
      authorization = await this.#options.authorization();
    } catch (thrown) {
      this.#comeBack(thrown instanceof Error ? thrown.message : String(thrown));
      return;
    }
    if (this.#isStopped) return;
    const socket = new WebSocket(`${this.#options.address}${EVENTS_PATH}`, [EVENTS_SUBPROTOCOL], {
      ...WS_SOCKET_OPTIONS,
      autoPong: true,
      maxPayload: MESSAGE_LENGTH_MAX * UTF8_BYTES_PER_UNIT_MAX,
      handshakeTimeout: HANDSHAKE_MS,
      followRedirects: false,
      ...(authorization === null ? {} : { headers: { authorization } }),
    });
    this.#socket = socket;
    let problem: string | null = null;
    socket.on('message', (data) => this.#received(socket, String(data)));
    socket.on('error', (error) => {
      problem = error.message;
    });
    socket.on('close', (code, reason) => {
      if (socket === this.#socket) this.#closed(problem ?? `${reason} (${code})`.trim());
    });
  }

  #received(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    if (text.startsWith(ANSWER)) {
      const answer: RequestAnswer = JSON.parse(text);
      const tookMs = performance.now() - (this.#questions.get(answer.id)?.askedAtMs ?? Number.NaN);
      const { outcome } = answer;
      const isAccepted = outcome.kind === 'accepted';
      this.#settle(
        answer.id,
        isAccepted ? { kind: 'accepted', tookMs } : { kind: 'refused', code: outcome.error.code, tookMs },
      );
    } else if (!this.#isUp && text.startsWith(SNAPSHOT)) {
      this.#isUp = true;
      this.#retry.reset();
      this.#ports.listener.came(text);
    }
  }

  #settle(id: string, outcome: PhoneOutcome): void {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    question?.timer.cancel();
    question?.settle(outcome);
  }

  #loseQuestions(): void {
    for (const id of [...this.#questions.keys()]) this.#settle(id, { kind: 'lost' });
  }

  #closed(reason: string): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#socket = null;
    this.#loseQuestions();
    this.#comeBack(reason, wasUp);
  }

  #comeBack(reason: string, wasUp = false): void {
    if (this.#isStopped) return;
    this.#ports.listener.gone(reason, wasUp);
    this.#timer = this.#ports.clock.setTimer('crowd-phone-retry', this.#retry.next(), () => void this.#open());
  }
}
