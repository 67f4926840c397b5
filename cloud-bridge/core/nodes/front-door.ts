/**
 * A front door's end of its channel to the household's home: carries the sockets that came to this bridge, and asks there
 * what is asked here. When the channel ends, everything that it carried ends with it, to be dialled anew. Spec 14.6.
 */
import { createPendingRequests, type PendingRequests } from '#protocol/kit/pending-requests';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { CLOSE_CODES, type TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Ms } from '#protocol/vocabulary/units';
import type { errorBodySchema } from '#protocol/wire/error-body';
import type { NodeBody, NodeMessage } from '#protocol/wire/node-message';
import type { Infer } from '#protocol/wire/schema';
import type { PhoneRequest, RequestOptions } from '../ports/household.ts';
import { NodeChannel, type NodeChannelPorts } from './node-channel.ts';
import { CHANNEL_LINKS_MAX, QUESTIONS_WAITING_MAX } from './node-limits.ts';
import { closeCodeOf, REASON_LENGTH_MAX } from './remote-link.ts';

const TOKEN_LENGTH = 22;

export type CarriedDoor = Extract<NodeBody, { kind: 'open' }>['door'];
export type ToldSession = Pick<Extract<NodeBody, { kind: 'told' }>, 'session' | 'played'>;

export interface FrontDoorPorts extends NodeChannelPorts {
  readonly random: Pick<Random, 'token'>;
  readonly logger: Logger;
}

export interface FrontDoorView {
  /** The home takes what is carried from now on. */
  opened(): void;
  /** Once, whether it was open or not. */
  ended(): void;
}

/** Sees what a carried link says, both ways. */
export interface TrafficWatch {
  toHome(text: string): void;
  fromHome(text: string): void;
  ended(): void;
}

export class FrontDoor {
  readonly home: string;
  readonly #ports: FrontDoorPorts;
  readonly #channel: NodeChannel;
  readonly #answers: PendingRequests<Result<void, TonearmError>>;
  readonly #told: PendingRequests<ToldSession>;
  readonly #links = new Map<number, { readonly link: TransportLink; readonly watch: TrafficWatch | null }>();
  #isAccepted = false;
  #nextId = 0;

  /** @param at `home`: the node; `topic`: where it listens to this one */
  constructor(ports: FrontDoorPorts, view: FrontDoorView, at: { readonly home: string; readonly topic: string }) {
    this.#ports = ports;
    this.home = at.home;
    this.#answers = createPendingRequests(ports.clock, { limit: QUESTIONS_WAITING_MAX });
    this.#told = createPendingRequests(ports.clock, { limit: QUESTIONS_WAITING_MAX });
    const channelView = {
      said: (body: NodeBody) => this.#take(body, view),
      ended: (reason: string) => {
        ports.logger.info('node.home-lost', { home: at.home, reason });
        this.#endAll(reason);
        view.ended();
      },
    };
    const channel = ports.random.token(TOKEN_LENGTH);
    this.#channel = new NodeChannel(ports, channelView, { topic: at.topic, channel, peer: null, expected: 0 });
  }

  /** The first word. */
  dial(): void {
    this.#channel.say({ kind: 'dial' });
  }

  get isOpen(): boolean {
    return this.#isAccepted && this.#channel.isOpen;
  }

  take(message: NodeMessage): void {
    if (message.channel === this.#channel.channel) this.#channel.take(message);
  }

  /** From now on the link is the home's. */
  carry(link: TransportLink, door: CarriedDoor, watch: TrafficWatch | null): void {
    if (!this.isOpen || this.#links.size >= CHANNEL_LINKS_MAX) {
      link.listen({ received: () => undefined, closed: () => watch?.ended() });
      link.close(CLOSE_CODES.tryLater, 'the home of the household takes no more');
      return;
    }
    const id = this.#newId();
    this.#links.set(id, { link, watch });
    link.listen({
      received: (text) => {
        watch?.toHome(text);
        this.#channel.say({ kind: 'text', link: id, text });
      },
      closed: (code, reason) => {
        watch?.ended();
        if (!this.#links.delete(id)) return;
        this.#channel.say({ kind: 'close', link: id, code, reason: reason.slice(0, REASON_LENGTH_MAX) });
      },
    });
    this.#channel.say({ kind: 'open', link: id, door });
  }

  async request(request: PhoneRequest, options: RequestOptions): Promise<Result<void, TonearmError>> {
    const { commandId, accountId, deadline: deadlineMs } = options;
    const question = this.#newId();
    const { isPlaying, ...rest } = { isPlaying: undefined, ...request };
    const body = (isPlaying === undefined ? rest : { ...rest, isPlaying }) as Extract<
      NodeBody,
      { kind: 'request' }
    >['body'];
    const answer = this.#answers.add(String(question), options.deadline);
    const isSaid = this.#channel.say({ kind: 'request', question, commandId, accountId, deadlineMs, body });
    if (!isSaid) this.#answers.refuse(String(question), gone());
    const answered = await answer;
    return answered.ok ? answered.value : answered;
  }

  /** What doors show of an account's session. */
  async ask(accountId: AccountId, within: Ms): Promise<Result<ToldSession, TonearmError>> {
    const question = this.#newId();
    const told = this.#told.add(String(question), within);
    if (!this.#channel.say({ kind: 'ask', question, accountId })) this.#told.refuse(String(question), gone());
    return told;
  }

  /** A word that has no answer. */
  tell(body: Extract<NodeBody, { kind: 'showing' | 'forget' | 'rename' }>): void {
    this.#channel.say(body);
  }

  /** Ends the channel and what it carries. Twice is harmless. */
  stop(reason: string): void {
    this.#channel.end(reason);
  }

  #take(body: NodeBody, view: FrontDoorView): void {
    switch (body.kind) {
      case 'accept':
        this.#isAccepted = true;
        this.#ports.logger.info('node.home-found', { home: this.home });
        view.opened();
        return;
      case 'text': {
        const carried = this.#links.get(body.link);
        if (carried === undefined) return;
        carried.watch?.fromHome(body.text);
        if (!carried.link.send(body.text)) carried.link.close(CLOSE_CODES.slowReader, 'reads too slowly');
        return;
      }
      case 'close': {
        const carried = this.#links.get(body.link);
        this.#links.delete(body.link);
        carried?.link.close(closeCodeOf(body.code), body.reason);
        return;
      }
      case 'answer': {
        const { outcome } = body;
        this.#answers.settle(
          String(body.question),
          outcome.kind === 'accepted' ? ok(undefined) : refusal(outcome.error),
        );
        return;
      }
      case 'told':
        this.#told.settle(String(body.question), body);
        return;
      default:
        this.#channel.end(`a home does not say ${body.kind}`);
    }
  }

  #endAll(reason: string): void {
    this.#answers.refuseAll(gone());
    this.#told.refuseAll(gone());
    const carried = [...this.#links.values()];
    this.#links.clear();
    for (const { link } of carried) link.close(CLOSE_CODES.goingAway, reason.slice(0, REASON_LENGTH_MAX));
  }

  #newId(): number {
    this.#nextId += 1;
    return this.#nextId;
  }
}

function gone(): TonearmError {
  return new TonearmError('connect.closed', 'the way to the home of the household was lost');
}

function refusal({ code, message, field }: Infer<typeof errorBodySchema>): Result<never, TonearmError> {
  return refused(new TonearmError(code, message, field === undefined ? {} : { field }));
}
