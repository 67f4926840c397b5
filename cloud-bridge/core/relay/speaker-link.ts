/**
 * One Connect socket as the bridge sees it, from the open socket to the close: hello in time, welcome, then messages
 * both ways. It knows the wire and its limits; what the messages mean is the household's. Spec sections 3 to 7.
 */
import { createPendingRequests, type PendingRequests } from '#protocol/kit/pending-requests';
import { partsOf } from '#protocol/kit/track-lists';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { CLOSE_CODES, type CloseCode, type TransportLink, type TransportListener } from '#protocol/ports/transport';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { CommandId, ListId, TrackId } from '#protocol/vocabulary/ids';
import { type Result, refused, unreachable } from '#protocol/vocabulary/result';
import type { Ms, Us } from '#protocol/vocabulary/units';
import type { BridgeMessage } from '#protocol/wire/bridge-message';
import type { CommandBody, Outcome } from '#protocol/wire/command';
import { encodeMessage, parseMessage } from '#protocol/wire/envelope';
import type { Hello, Welcome } from '#protocol/wire/hello';
import type { StateDifference, StateSnapshot } from '#protocol/wire/playback-state';
import { type SpeakerMessage, speakerMessageSchema } from '#protocol/wire/speaker-message';
import type { TrackList } from '#protocol/wire/track-list';
import { PROTOCOL_VERSIONS_ACCEPTED } from '#protocol/wire/versions';
import type { HeartbeatWheel, WatchedLink } from './heartbeat-wheel.ts';
import {
  COME_BACK_MUCH_LATER,
  COMMANDS_PENDING_MAX,
  HELLO_WITHIN,
  MESSAGES_BURST_MAX,
  MESSAGES_PER_SECOND_MAX,
  QUEUED_BYTES_MAX,
} from './limits.ts';
import { createMessageBudget, type MessageBudget } from './message-budget.ts';

export interface SpeakerLinkPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly heartbeats: HeartbeatWheel;
}

/** What the household answers to a hello, and hears afterwards. No call follows `ended`. */
export interface SpeakerLinkView {
  /** Decides and stores; the speaker is not yet to be commanded. What it refuses ends the link. */
  greet(hello: Hello): Promise<Result<Welcome, TonearmError>>;
  /** The welcome is on its way: from now on commands may follow it. */
  opened(link: SpeakerLink): void;
  reported(link: SpeakerLink, message: StateSnapshot | StateDifference): void;
  /** A part of a list that was asked for. */
  listed(link: SpeakerLink, part: TrackList): void;
  /** Exactly once, also for a link that never opened. @param closeCode as the socket said it, of whichever side */
  ended(link: SpeakerLink, closeCode: number): void;
}

export interface CommandTerms {
  readonly id: CommandId;
  readonly epoch: number;
  readonly deadline: Ms;
}

type Phase = 'awaitingHello' | 'greeting' | 'open' | 'closed';

const BUDGET = { perSecond: MESSAGES_PER_SECOND_MAX, burst: MESSAGES_BURST_MAX };

/** There may be ten thousand of these that do nothing: what one needs only now and then it makes then. */
export class SpeakerLink implements TransportListener, WatchedLink {
  readonly #ports: SpeakerLinkPorts;
  readonly #link: TransportLink;
  readonly #view: SpeakerLinkView;
  readonly #budget: MessageBudget;
  /** Null before the first command. */
  #pending: PendingRequests<Outcome> | null = null;
  #helloTimer: Timer | null;
  #sequence = 0;
  #heardAtUs: Us;
  #phase: Phase = 'awaitingHello';
  #isStateAsked = false;
  #takesHints = false;
  #takesLists = false;
  #takesUpdates = false;
  #takesNames = false;

  /**
   * Listens at once, since the first message may be on its way.
   * @param challenge the first words; one that does not get out is missed when the hello comes
   */
  constructor(
    ports: SpeakerLinkPorts,
    link: TransportLink,
    view: SpeakerLinkView,
    challenge: BridgeMessage | null = null,
  ) {
    const { clock } = ports;
    this.#ports = ports;
    this.#link = link;
    this.#view = view;
    this.#heardAtUs = clock.nowUs();
    this.#budget = createMessageBudget(clock, BUDGET);
    this.#helloTimer = clock.setTimer('hello', HELLO_WITHIN, () => {
      this.#end(null, CLOSE_CODES.helloTimedOut, `no hello within ${HELLO_WITHIN} ms`);
    });
    link.listen(this);
    if (challenge !== null) link.send(encodeMessage(challenge));
  }

  /** Sends a command and waits for its answer: `connect.closed` when the link is gone, `session.deadline-passed`. */
  command(body: CommandBody, terms: CommandTerms): Promise<Result<Outcome, TonearmError>> {
    if (this.#phase !== 'open') {
      return Promise.resolve(refused(new TonearmError('connect.closed', 'the speaker is not connected')));
    }
    this.#pending ??= createPendingRequests<Outcome>(this.#ports.clock, { limit: COMMANDS_PENDING_MAX });
    if (this.#pending.size() >= COMMANDS_PENDING_MAX) {
      const message = `${COMMANDS_PENDING_MAX} commands wait for the speaker's answer already`;
      return Promise.resolve(refused(new TonearmError('session.busy', message)));
    }
    const answer = this.#pending.add(terms.id, terms.deadline);
    this.#send({ kind: 'command', id: terms.id, epoch: terms.epoch, deadlineMs: terms.deadline, body });
    return answer;
  }

  /** Asks for a snapshot; asked again only after one has come. */
  askForState(): void {
    if (this.#isStateAsked) return;
    this.#isStateAsked = this.#send({ kind: 'stateRequest' });
  }

  /** What phones show; nothing happens where the speaker does not know such a message, or is not there. */
  hint(trackIds: readonly TrackId[]): void {
    if (this.#phase === 'open' && this.#takesHints) this.#send({ kind: 'hints', trackIds: [...trackIds] });
  }

  /** There is an update to look at; nothing happens where the speaker takes none, or is not there. */
  offerUpdate(version: string): void {
    if (this.#phase === 'open' && this.#takesUpdates) this.#send({ kind: 'updateOffered', version });
  }

  /** People call it this now; nothing happens where the speaker does not know such a message, or is not there. */
  tellName(name: string): void {
    if (this.#phase === 'open' && this.#takesNames) this.#send({ kind: 'named', name });
  }

  /** Whether it knows lists; else a context is told it track by track. */
  get takesLists(): boolean {
    return this.#takesLists;
  }

  /** Tells it a list, so that the next command may name it. */
  tellList(listId: ListId, trackIds: readonly TrackId[]): void {
    if (this.#phase !== 'open' || !this.#takesLists) return;
    for (const part of partsOf(listId, trackIds)) this.#send(part);
  }

  /** Asks for a list that a state named; its parts come to `listed`. */
  askForList(listId: ListId): void {
    if (this.#phase === 'open' && this.#takesLists) this.#send({ kind: 'listRequest', listId });
  }

  /** Says goodbye and closes. @param error null when nothing is wrong */
  dismiss(error: TonearmError | null, retryAfter: Ms | null, code: CloseCode): void {
    const goodbye: BridgeMessage = { kind: 'goodbye', error: error?.toBody() ?? null, retryAfterMs: retryAfter };
    this.#end(goodbye, code, error?.code ?? 'goodbye');
  }

  #send(message: BridgeMessage): boolean {
    if (this.#phase === 'closed') return false;
    if (this.#link.queuedBytes() <= QUEUED_BYTES_MAX && this.#link.send(encodeMessage(message))) return true;
    this.#end(null, CLOSE_CODES.slowReader, 'reads too slowly');
    return false;
  }

  /** The one way out: whoever ends it, everything of this link is settled here, once. */
  closed(closeCode: number): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#endHelloTimer();
    this.#ports.heartbeats.remove(this);
    this.#pending?.refuseAll(new TonearmError('connect.closed', 'the connection to the speaker was lost'));
    this.#view.ended(this, closeCode);
  }

  #end(goodbye: BridgeMessage | null, code: CloseCode, reason: string): void {
    if (this.#phase === 'closed') return;
    this.#ports.logger.info('speaker.link-closed', { code, reason });
    // Past `#send`: a goodbye that does not fit must not end the link a second time.
    if (goodbye !== null) this.#link.send(encodeMessage(goodbye));
    this.closed(code);
    this.#link.close(code, reason);
  }

  #refuseInput(error: TonearmError): void {
    const code = error.code === 'input.too-large' ? CLOSE_CODES.tooLarge : CLOSE_CODES.invalidMessage;
    this.dismiss(error, COME_BACK_MUCH_LATER, code);
  }

  /** For the link alone: what came on it. */
  received(text: string): void {
    if (this.#phase === 'closed') return;
    const arrivedUs = this.#ports.clock.nowUs();
    this.#heardAtUs = arrivedUs;
    if (!this.#budget.spend()) {
      const error = new TonearmError('access.rate-limited', `more than ${MESSAGES_PER_SECOND_MAX} messages a second`);
      this.dismiss(error, COME_BACK_MUCH_LATER, CLOSE_CODES.tryLater);
      return;
    }
    const parsed = parseMessage(speakerMessageSchema, text, 'message');
    if (!parsed.ok) this.#refuseInput(parsed.error);
    else if (parsed.value.kind === 'goodbye') this.#end(null, CLOSE_CODES.normal, 'the speaker said goodbye');
    else if (parsed.value.kind === 'hello' && this.#phase === 'awaitingHello') void this.#greet(parsed.value);
    else if (parsed.value.kind !== 'hello' && this.#phase === 'open') this.#handle(parsed.value, arrivedUs);
    else this.#refuseInput(this.#outOfOrder(parsed.value.kind));
  }

  get heardAtUs(): number {
    return this.#heardAtUs;
  }

  ask(): void {
    const sequence = this.#sequence;
    this.#sequence += 1;
    this.#send({ kind: 'heartbeat', sequence });
  }

  die(): void {
    this.#end(null, CLOSE_CODES.heartbeatLost, 'no sign of life');
  }

  #endHelloTimer(): void {
    this.#helloTimer?.cancel();
    this.#helloTimer = null;
  }

  #outOfOrder(kind: SpeakerMessage['kind']): TonearmError {
    const rule =
      this.#phase === 'awaitingHello'
        ? 'the first message must be hello'
        : 'hello once, and the rest after the welcome';
    return new TonearmError('input.out-of-order', `${kind}: ${rule}`, { field: 'kind' });
  }

  async #greet(hello: Hello): Promise<void> {
    this.#phase = 'greeting';
    this.#takesHints = hello.capabilities.takesHints === true;
    this.#takesLists = hello.capabilities.takesLists === true;
    this.#takesUpdates = hello.capabilities.takesUpdates !== undefined;
    this.#takesNames = hello.capabilities.takesNames === true;
    this.#endHelloTimer();
    if (!PROTOCOL_VERSIONS_ACCEPTED.includes(hello.protocol)) {
      const message = `protocol ${hello.protocol} is not spoken here; spoken: ${PROTOCOL_VERSIONS_ACCEPTED.join(', ')}`;
      const error = new TonearmError('connect.version-refused', message, { field: 'protocol' });
      this.dismiss(error, COME_BACK_MUCH_LATER, CLOSE_CODES.versionRefused);
      return;
    }
    const welcome = await this.#view.greet(hello).catch((cause: unknown) => refused(toTonearmError(cause)));
    if (this.#isGone()) return;
    if (!welcome.ok) {
      const { code } = welcome.error;
      const isWho = code === 'connect.identity-refused' || code === 'connect.not-paired';
      if (isWho) this.dismiss(welcome.error, COME_BACK_MUCH_LATER, CLOSE_CODES.identityRefused);
      else this.dismiss(welcome.error, null, CLOSE_CODES.tryLater);
      return;
    }
    this.#phase = 'open';
    this.#ports.heartbeats.add(this);
    if (this.#send(welcome.value)) this.#view.opened(this);
  }

  /** Asked after an await, where the compiler believes that the phase is still what it was. */
  #isGone(): boolean {
    return this.#phase === 'closed';
  }

  #handle(message: Exclude<SpeakerMessage, { kind: 'hello' | 'goodbye' }>, arrivedUs: Us): void {
    switch (message.kind) {
      case 'answer':
        if (this.#pending?.settle(message.id, message.outcome) !== true) {
          this.#ports.logger.debug('speaker.late-answer', { id: message.id });
        }
        return;
      case 'stateSnapshot':
        this.#isStateAsked = false;
        this.#view.reported(this, message);
        return;
      case 'stateDifference':
        this.#view.reported(this, message);
        return;
      case 'heartbeat':
        this.#send({ kind: 'heartbeatAnswer', sequence: message.sequence });
        return;
      case 'heartbeatAnswer':
        return;
      case 'trackList':
        this.#view.listed(this, message);
        return;
      case 'timeProbe': {
        const { sequence, t1Us } = message;
        this.#send({ kind: 'timeReply', sequence, t1Us, t2Us: arrivedUs, t3Us: this.#ports.clock.nowUs() });
        return;
      }
      default:
        unreachable(message);
    }
  }
}
