/**
 * The speaker's connection to its bridge: dials, greets, keeps alive, and comes back for ever. Spec sections 3, 4 and 7.
 *
 * It decides nothing about what plays: music goes on while it is away. Whatever a bridge sends that is malformed or out
 * of order ends the link and never the speaker.
 */
import { createHeartbeat } from '#protocol/kit/heartbeat';
import { fullJitter, type RetrySchedule } from '#protocol/kit/retry-schedule';
import type { Clock } from '#protocol/ports/clock';
import type { Browser, Discovery, FoundService } from '#protocol/ports/discovery';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { CLOSE_CODES, type CloseCode, type TransportDialer, type TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { type BridgeMessage, bridgeMessageSchema } from '#protocol/wire/bridge-message';
import type { Command } from '#protocol/wire/command';
import { encodeMessage, parseMessage } from '#protocol/wire/envelope';
import type { Challenge, Goodbye, Hello, Named, Welcome } from '#protocol/wire/hello';
import type { Hints } from '#protocol/wire/hints';
import type { StateRequest } from '#protocol/wire/playback-state';
import type { SpeakerMessage } from '#protocol/wire/speaker-message';
import type { ListRequest, TrackList } from '#protocol/wire/track-list';
import type { UpdateOffered } from '#protocol/wire/update';
import { BRIDGE_SERVICE_TYPE, PROTOCOL_VERSIONS_ACCEPTED } from '#protocol/wire/versions';
import { type AddressBook, addFound, removeLost } from './address-book.ts';
import { type DialPolicy, dialAddresses, foundAddresses, isOurs, pinOf } from './dial-policy.ts';
import { type ConnectionView, connectionView, heartbeatOptions, type LinkState } from './link-state.ts';
import { type ClockOffset, createTimeSync, type TimeSync } from './time-sync.ts';

/** First wait is up to this long: a bridge that only restarted is back in a second. */
export const RETRY_BASE_MS = ms(250);
/** No wait is longer: a household's speakers are back within 15 s of their bridge, and a dead one costs four dials a minute. */
export const RETRY_CAP_MS = ms(15_000);
/** A link that lasted this long was a good one; shorter ones do not reset the waits, or a broken bridge would be hammered. */
const STABLE_AFTER_MS = ms(10_000);
/** For a dialer that does not settle by itself; above any sensible time-out of its own. */
const DIAL_TIMEOUT_MS = ms(8_000);
const WELCOME_TIMEOUT_MS = ms(5_000);
/** A challenge comes with the open link; a bridge that has sent none by then knows none, and is greeted without a proof. */
const CHALLENGE_WITHIN_MS = ms(1_000);
/** A bridge may send us away for maintenance, not for ever. */
const RETRY_AFTER_MAX_MS = 600_000;
/** How long `stop` waits for the goodbye to leave; half of what a service manager is patient for. */
const FAREWELL_MS = ms(1_000);
/**
 * After a change of the machine's addresses: a link that still works answers within a round trip. With the time that it
 * takes to notice the change, and to dial, a speaker is back within two seconds of it.
 */
const DOUBT_WITHIN_MS = ms(1_000);
const US_PER_MS = 1_000;

export interface SessionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly dialer: TransportDialer;
  readonly discovery: Discovery | null;
}

/** What a bridge says to the speaker itself. */
export type Received = Command | StateRequest | Hints | TrackList | ListRequest | UpdateOffered | Named;

/** What the connection needs of the speaker. */
export interface SessionView {
  /** @param challenge null: nothing is to be proven */
  hello(challenge: Challenge | null): Hello;
  /** The link is up; `send` works from now on. */
  welcomed(welcome: Welcome, address: string): void;
  received(message: Received): void;
  disconnected(): void;
  /** The bridge of the house that this speaker belongs to, and no other, says that it does not belong there. */
  disowned(): void;
}

export interface SessionOptions {
  /** Given by somebody, tried first. */
  readonly bridgeAddress: string | null;
  /** Whether a challenge is waited for; absent: it is not. */
  readonly hasIdentity?: boolean;
}

export class Session {
  readonly #ports: SessionPorts;
  readonly #view: SessionView;
  readonly #retry: RetrySchedule;
  readonly #time: TimeSync;
  readonly #hasIdentity: boolean;
  #book: AddressBook;
  #policy: DialPolicy = { kind: 'anybody' };
  #state: LinkState = { kind: 'stopped' };
  #browser: Browser | null = null;
  #farewell: (() => void) | null = null;

  constructor(ports: SessionPorts, view: SessionView, options: SessionOptions) {
    this.#ports = ports;
    this.#view = view;
    this.#retry = fullJitter(ports.random, { baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
    this.#time = createTimeSync(ports.clock, (probe) => this.send(probe));
    this.#hasIdentity = options.hasIdentity ?? false;
    this.#book = { given: options.bridgeAddress, last: null, found: [] };
  }

  /** @param lastAddress of the bridge last spoken to. Started twice is harmless. */
  start(lastAddress: string | null, policy: DialPolicy = { kind: 'anybody' }): void {
    if (this.#state.kind !== 'stopped') return;
    this.#policy = policy;
    this.#book = { ...this.#book, last: lastAddress };
    this.#dialFirst(this.#candidates());
    this.#browser =
      this.#ports.discovery?.browse(BRIDGE_SERVICE_TYPE, {
        found: (service) => this.#found(service),
        lost: (name) => {
          this.#book = removeLost(this.#book, name);
        },
      }) ?? null;
  }

  /** It belongs to somebody else now, or to nobody: what it was connected to ends, and what it may dial is dialled at once. */
  follow(policy: DialPolicy): void {
    const state = this.#state;
    this.#policy = policy;
    if (state.kind === 'stopped') return;
    this.#retry.reset();
    this.#dialFirst(this.#candidates());
    if (state.kind === 'dialing') state.attempt.cancel();
    else if (state.kind !== 'waiting') state.link.close(CLOSE_CODES.normal, 'this speaker goes elsewhere');
  }

  /** The machine's addresses have changed: what did not work may work now, and what did may not. */
  networkChanged(): void {
    const state = this.#state;
    if (state.kind === 'connected') {
      // Should it be lost, that says nothing of the bridge: it is dialled soon.
      this.#retry.reset();
      state.heartbeat.doubt(DOUBT_WITHIN_MS);
    }
    if (state.kind === 'dialing') {
      this.#dialFirst(this.#candidates());
      state.attempt.cancel();
    }
    if (state.kind === 'waiting' && !state.isOrdered) {
      this.#retry.reset();
      this.#dialFirst(this.#candidates());
    }
  }

  view(): ConnectionView {
    return connectionView(this.#state);
  }

  /** Where the bridge is before anybody has answered; null when nobody knows. */
  likeliest(lastAddress: string | null, policy: DialPolicy): string | null {
    return dialAddresses({ ...this.#book, last: lastAddress }, policy)[0] ?? null;
  }

  offset(): ClockOffset | null {
    return this.#time.offset();
  }

  /** False when there is no bridge to tell. A bridge that reads too slowly is left, since a lost message would mislead it. */
  send(message: SpeakerMessage): boolean {
    const state = this.#state;
    if (state.kind !== 'connected') return false;
    if (state.link.send(encodeMessage(message))) return true;
    this.#leave(
      CLOSE_CODES.slowReader,
      new TonearmError('connect.slow-reader', 'the bridge does not read what it is sent'),
    );
    return false;
  }

  /** Says goodbye and ends everything; resolves when the link is closed, or after `FAREWELL_MS`. Unstarted is harmless. */
  async stop(): Promise<void> {
    const state = this.#state;
    this.#browser?.stop();
    this.#browser = null;
    if (state.kind === 'stopped') return;
    const goodbye: Goodbye = { kind: 'goodbye', error: null, retryAfterMs: null };
    if (state.kind === 'connected') state.link.send(encodeMessage(goodbye));
    this.#enter({ kind: 'stopped' });
    if (state.kind === 'dialing') state.attempt.cancel();
    if (!('link' in state)) return;
    await this.#closed(state.link);
  }

  #closed(link: TransportLink): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#ports.clock.setTimer('session-farewell', FAREWELL_MS, resolve);
    this.#farewell = () => {
      timer.cancel();
      resolve();
    };
    link.close(CLOSE_CODES.normal, 'the speaker stops');
    return promise;
  }

  /** The one place where the state changes: what belonged to the old one ends here. */
  #enter(next: LinkState): void {
    const before = this.#state;
    this.#state = next;
    if ('timer' in before) before.timer.cancel();
    if (before.kind !== 'connected') return;
    before.heartbeat.stop();
    this.#time.stop();
    this.#view.disconnected();
  }

  #dialFirst(addresses: readonly string[]): void {
    const [address, ...rest] = addresses;
    if (address === undefined) {
      this.#wait(this.#retry.next(), false);
      return;
    }
    const attempt = this.#ports.dialer.dial(address, pinOf(this.#policy));
    const timer = this.#ports.clock.setTimer('session-dial', DIAL_TIMEOUT_MS, () => attempt.cancel());
    const dialing: LinkState = { kind: 'dialing', address, attempt, timer, rest };
    this.#enter(dialing);
    void attempt.outcome.then((outcome) => this.#dialled(attempt, outcome));
  }

  #dialled(attempt: object, outcome: Result<TransportLink, TonearmError>): void {
    const state = this.#state;
    if (state.kind !== 'dialing' || state.attempt !== attempt) {
      // Of an attempt that was given up meanwhile.
      if (outcome.ok) outcome.value.close(CLOSE_CODES.goingAway, 'no longer wanted');
      return;
    }
    if (outcome.ok) this.#open(outcome.value, state.address, state.rest);
    else {
      const { code, message } = outcome.error;
      if (code === 'connect.identity-refused') {
        this.#ports.logger.warn('session.wrong-bridge', { address: state.address, code, reason: message });
      } else this.#ports.logger.debug('session.unreachable', { address: state.address, reason: message });
      this.#dialFirst(state.rest);
    }
  }

  #open(link: TransportLink, address: string, rest: readonly string[]): void {
    const timer = this.#ports.clock.setTimer('session-challenge', CHALLENGE_WITHIN_MS, () => this.#greet(null));
    this.#enter({ kind: 'opened', address, link, timer, rest });
    link.listen({
      received: (text) => this.#received(link, text),
      closed: (code, reason) => this.#linkClosed(link, code, reason),
    });
    if (!this.#hasIdentity) this.#greet(null);
  }

  #greet(challenge: Challenge | null): void {
    const state = this.#state;
    if (state.kind !== 'opened') return;
    const { address, link, rest } = state;
    if (challenge !== null && !isOurs(challenge, this.#policy)) {
      const message = `${address} is not the bridge that this speaker was paired with`;
      this.#leave(CLOSE_CODES.identityRefused, new TonearmError('connect.identity-refused', message));
      return;
    }
    const timer = this.#ports.clock.setTimer('session-welcome', WELCOME_TIMEOUT_MS, () =>
      this.#leave(
        CLOSE_CODES.helloTimedOut,
        new TonearmError('connect.unreachable', `${address} does not answer hello`),
      ),
    );
    this.#enter({ kind: 'greeting', address, link, timer, rest });
    link.send(encodeMessage(this.#view.hello(challenge)));
  }

  #received(link: TransportLink, text: string): void {
    if (!this.#isCurrent(link)) return;
    const message = parseMessage(bridgeMessageSchema, text, 'message from the bridge');
    if (!message.ok) {
      const code = message.error.code === 'input.too-large' ? CLOSE_CODES.tooLarge : CLOSE_CODES.invalidMessage;
      this.#leave(code, message.error);
      return;
    }
    if (this.#state.kind === 'connected') this.#state.heartbeat.heard();
    this.#handle(message.value);
  }

  #handle(message: BridgeMessage): void {
    const state = this.#state;
    if (message.kind === 'goodbye') this.#dismissed(message);
    else if (message.kind === 'challenge' && state.kind === 'opened') this.#greet(message);
    else if (message.kind === 'challenge' && state.kind === 'greeting') {
      // Too late to be answered on this link.
    } else if (state.kind === 'greeting' && message.kind === 'welcome')
      this.#welcomed(message, state.link, state.address);
    else if (state.kind !== 'connected' || message.kind === 'welcome' || message.kind === 'challenge') {
      const when = state.kind === 'connected' ? 'after the welcome' : 'before the welcome';
      this.#leave(
        CLOSE_CODES.protocolError,
        new TonearmError('input.out-of-order', `${message.kind} ${when}`, { field: 'kind' }),
      );
    } else if (message.kind === 'heartbeat') this.send({ kind: 'heartbeatAnswer', sequence: message.sequence });
    else if (message.kind === 'timeReply') this.#time.replied(message);
    else if (message.kind !== 'heartbeatAnswer') this.#view.received(message);
  }

  #welcomed(welcome: Welcome, link: TransportLink, address: string): void {
    if (!PROTOCOL_VERSIONS_ACCEPTED.includes(welcome.protocol)) {
      const message = `${address} speaks version ${welcome.protocol} of the protocol, this speaker ${PROTOCOL_VERSIONS_ACCEPTED.join(', ')}`;
      this.#leave(
        CLOSE_CODES.versionRefused,
        new TonearmError('connect.version-refused', message, { field: 'protocol' }),
      );
      return;
    }
    const { clock, random, logger } = this.#ports;
    const view = {
      send: (sequence: number) => void this.send({ kind: 'heartbeat', sequence }),
      dead: () =>
        this.#leave(CLOSE_CODES.heartbeatLost, new TonearmError('connect.closed', 'no sign of life from the bridge')),
    };
    const heartbeat = createHeartbeat(clock, random, view, heartbeatOptions(welcome));
    this.#enter({ kind: 'connected', address, link, heartbeat, bridge: welcome.bridge, sinceUs: clock.nowUs() });
    this.#book = { ...this.#book, last: address };
    heartbeat.start();
    logger.info('speaker.connected', { bridge: address, bridgeName: welcome.bridge.name, role: welcome.role });
    this.#view.welcomed(welcome, address);
    this.#time.start();
  }

  #dismissed(goodbye: Goodbye): void {
    const reason = goodbye.error?.message ?? 'goodbye';
    const after = goodbye.retryAfterMs === null ? null : ms(Math.min(goodbye.retryAfterMs, RETRY_AFTER_MAX_MS));
    this.#leave(CLOSE_CODES.normal, new TonearmError('connect.closed', `the bridge said: ${reason}`), after);
    // Who said it is sure only where the certificate was pinned, which is where there is a house.
    if (goodbye.error?.code === 'connect.not-paired' && this.#policy.kind === 'house') this.#view.disowned();
  }

  #linkClosed(link: TransportLink, code: number, reason: string): void {
    this.#farewell?.();
    if (!this.#isCurrent(link)) return;
    this.#lost(
      new TonearmError('connect.closed', reason === '' ? `the link closed (${code})` : `${reason} (${code})`),
      null,
    );
  }

  /** Closes the link from this side, for a reason, and goes on as if it had been lost. */
  #leave(code: CloseCode, error: TonearmError, retryAfter: Ms | null = null): void {
    const state = this.#state;
    if (!('link' in state)) return;
    this.#lost(error, retryAfter);
    state.link.close(code, error.message);
  }

  #lost(error: TonearmError, retryAfter: Ms | null): void {
    const state = this.#state;
    if (!('link' in state)) return;
    const fields = { bridge: state.address, code: error.code, reason: error.message, field: error.field };
    this.#ports.logger.warn(state.kind === 'connected' ? 'speaker.disconnected' : 'session.not-welcomed', fields);
    if (retryAfter !== null) {
      // The jitter comes on top: all speakers of a house were told the same time.
      this.#wait(ms(retryAfter + this.#retry.next()), true);
    } else if (state.kind !== 'connected') {
      this.#dialFirst(state.rest);
    } else {
      const lastedMs = (this.#ports.clock.nowUs() - state.sinceUs) / US_PER_MS;
      if (lastedMs >= STABLE_AFTER_MS) this.#retry.reset();
      this.#wait(this.#retry.next(), false);
    }
  }

  #wait(delay: Ms, isOrdered: boolean): void {
    const timer = this.#ports.clock.setTimer('session-retry', delay, () => this.#dialFirst(this.#candidates()));
    this.#enter({ kind: 'waiting', timer, isOrdered });
  }

  /** A bridge announces itself: no use in waiting any longer, nor in dialling where one used to be. */
  #found(service: FoundService): void {
    const state = this.#state;
    const addresses = foundAddresses(service, this.#policy);
    this.#book = addFound(this.#book, service);
    this.#ports.logger.debug('session.bridge-found', { name: service.name, addresses: addresses.join(' ') });
    if (addresses.length === 0) return;
    if (state.kind === 'waiting' && !state.isOrdered) {
      this.#dialFirst([...new Set([...addresses, ...this.#candidates()])]);
    } else if (state.kind === 'dialing' && !addresses.includes(state.address)) {
      const rest = [...new Set([...addresses, ...state.rest])];
      if (state.address === this.#book.given) this.#state = { ...state, rest };
      else {
        this.#dialFirst([...rest, state.address]);
        state.attempt.cancel();
      }
    }
  }

  #isCurrent(link: TransportLink): boolean {
    const state = this.#state;
    return 'link' in state && state.link === link;
  }

  #candidates(): readonly string[] {
    return dialAddresses(this.#book, this.#policy);
  }
}
