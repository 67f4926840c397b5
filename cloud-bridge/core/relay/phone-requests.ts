/**
 * What a phone asks over its events socket: each request checked, performed for its account, and answered once. The feed
 * of events behind it knows nothing of that. Spec sections 10.4 and 10.6.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { CLOSE_CODES, type CloseCode, type TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { encodeMessage, parseMessage } from '#protocol/wire/envelope';
import type { HeartbeatAnswer } from '#protocol/wire/heartbeat';
import {
  type AskedByPhone,
  type PhoneRequestBody,
  phoneMessageSchema,
  type RequestAnswer,
} from '#protocol/wire/phone-request';
import type { Caller } from '../ports/callers.ts';
import type { Household, PhoneRequest } from '../ports/household.ts';
import {
  PHONE_MESSAGES_BURST_MAX,
  PHONE_MESSAGES_PER_SECOND_MAX,
  PHONE_REQUEST_DEADLINE_MAX,
  PHONE_REQUESTS_PENDING_MAX,
  QUEUED_BYTES_MAX,
} from './limits.ts';
import { createMessageBudget, type MessageBudget } from './message-budget.ts';

export interface PhoneRequestsPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly household: Pick<Household, 'request'>;
}

/** Who asks, and may ask what. */
type Asking = Pick<Caller, 'accountId' | 'name' | 'scopes'>;

/** @returns the same link for whoever tells this phone of the household: nothing that the phone says gets there */
export function takeRequests(ports: PhoneRequestsPorts, link: TransportLink, caller: Asking): TransportLink {
  const desk = new Desk(ports, link, caller);
  return {
    send: (text) => link.send(text),
    queuedBytes: () => link.queuedBytes(),
    close: (code, reason) => link.close(code, reason),
    listen: (listener) =>
      link.listen({
        received: (text) => desk.received(text),
        closed: (code, reason) => {
          desk.closed();
          listener.closed(code, reason);
        },
      }),
  };
}

class Desk {
  readonly #ports: PhoneRequestsPorts;
  readonly #link: TransportLink;
  readonly #caller: Asking;
  readonly #budget: MessageBudget;
  #pending = 0;
  #isClosed = false;

  constructor(ports: PhoneRequestsPorts, link: TransportLink, caller: Asking) {
    this.#ports = ports;
    this.#link = link;
    this.#caller = caller;
    const budget = { perSecond: PHONE_MESSAGES_PER_SECOND_MAX, burst: PHONE_MESSAGES_BURST_MAX };
    this.#budget = createMessageBudget(ports.clock, budget);
  }

  received(text: string): void {
    if (this.#isClosed) return;
    if (!this.#budget.spend()) {
      this.#close(CLOSE_CODES.tryLater, `more than ${PHONE_MESSAGES_PER_SECOND_MAX} messages a second`);
      return;
    }
    const message = parseMessage(phoneMessageSchema, text, 'message');
    if (message.ok) {
      const { value } = message;
      if (value.kind === 'request') void this.#perform(value);
      else this.#send({ kind: 'heartbeatAnswer', sequence: value.sequence });
    } else {
      const code = message.error.code === 'input.too-large' ? CLOSE_CODES.tooLarge : CLOSE_CODES.invalidMessage;
      this.#close(code, message.error.message);
    }
  }

  closed(): void {
    this.#isClosed = true;
  }

  async #perform(message: AskedByPhone): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== null) {
      this.#answer(message, refused(refusal));
      return;
    }
    this.#pending += 1;
    const deadline = ms(Math.min(message.deadlineMs, PHONE_REQUEST_DEADLINE_MAX));
    // What fails inside is logged and made a refusal there.
    const { accountId, name: accountName } = this.#caller;
    const outcome = await this.#ports.household.request(requestOf(message.body), {
      accountId,
      accountName,
      commandId: message.id,
      deadline,
    });
    this.#pending -= 1;
    this.#answer(message, outcome);
  }

  #refusal(): TonearmError | null {
    if (!this.#caller.scopes.has('user-modify-playback-state')) {
      return new TonearmError('access.scope-missing', 'this needs the scope user-modify-playback-state', {
        field: 'scope',
      });
    }
    if (this.#pending < PHONE_REQUESTS_PENDING_MAX) return null;
    return new TonearmError('session.busy', `${PHONE_REQUESTS_PENDING_MAX} requests of this phone wait already`);
  }

  #answer({ id }: AskedByPhone, result: Result<void, TonearmError>): void {
    if (this.#isClosed) return;
    const outcome: RequestAnswer['outcome'] = result.ok
      ? { kind: 'accepted' }
      : { kind: 'refused', error: result.error.toBody() };
    this.#send({ kind: 'requestAnswer', id, outcome });
  }

  #send(answer: RequestAnswer | HeartbeatAnswer): void {
    if (this.#link.queuedBytes() <= QUEUED_BYTES_MAX && this.#link.send(encodeMessage(answer))) return;
    this.#close(CLOSE_CODES.slowReader, 'reads too slowly');
  }

  #close(code: CloseCode, reason: string): void {
    this.#isClosed = true;
    this.#ports.logger.info('phone.link-closed', { code, reason });
    this.#link.close(code, reason);
  }
}

/** On the wire what is not said is left out. */
function requestOf(body: PhoneRequestBody): PhoneRequest {
  return body.kind === 'transfer' ? { ...body, isPlaying: body.isPlaying } : body;
}
