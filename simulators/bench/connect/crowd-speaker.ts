/**
 * A speaker that is nothing but its Connect socket: a real one, with its proof, hello, state, answers and heartbeats by the
 * contract, and the same way of coming back. Thousands of them fit into one process, which thousands of devices would not.
 */
import { base64url } from '#protocol/kit/base64url';
import { createHeartbeat, type Heartbeat } from '#protocol/kit/heartbeat';
import { fullJitter, type RetrySchedule } from '#protocol/kit/retry-schedule';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { CLOSE_CODES, type TransportDialer, type TransportLink } from '#protocol/ports/transport';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { type Ms, ms, percent, us } from '#protocol/vocabulary/units';
import { bridgeMessageSchema } from '#protocol/wire/bridge-message';
import type { Command } from '#protocol/wire/command';
import { encodeMessage, parseMessage } from '#protocol/wire/envelope';
import type { Challenge, Welcome } from '#protocol/wire/hello';
import { helloProof } from '#protocol/wire/hello-proof';
import type { SpeakerStatus } from '#protocol/wire/playback-state';
import type { SpeakerMessage } from '#protocol/wire/speaker-message';
import type { CrowdIdentity } from './crowd-identity.ts';

/** As the device has them. */
const RETRY = { baseMs: ms(250), capMs: ms(15_000) };
const WELCOME_WITHIN = ms(5_000);
/** What pairing would have told them; as long as a real one. */
const HOUSEHOLD = 'household-of-the-crowd';

export interface CrowdPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: TransportDialer;
  readonly tally: CrowdTally;
  /** Of the bridge's key; absent: its plain port is dialled. */
  readonly pin?: Uint8Array;
}

/** What has happened to all of them. */
export interface CrowdTally {
  welcomed: number;
  /** Attempts that ended by no answer in time, of the handshake or to hello. */
  timedOut: number;
  /** Attempts that ended in any other way. */
  failed: number;
  /** Links that were up and ended. */
  lost: number;
  commands: number;
}

export class CrowdSpeaker {
  readonly #ports: CrowdPorts;
  readonly #self: CrowdIdentity;
  readonly #address: string;
  readonly #retry: RetrySchedule;
  readonly #status: SpeakerStatus = {
    volume: percent(50),
    output: 'crowd',
    outputProblem: null,
    bufferedMs: ms(0),
    underruns: 0,
  };
  #revision = 1;
  #epoch = 0;
  #link: TransportLink | null = null;
  #heartbeat: Heartbeat | null = null;
  #timer: Timer | null = null;

  constructor(ports: CrowdPorts, self: CrowdIdentity, address: string) {
    this.#ports = ports;
    this.#self = self;
    this.#address = address;
    this.#retry = fullJitter(ports.random, RETRY);
  }

  /** Dials; resolves when that attempt has ended. Later ones follow by themselves. */
  async dial(): Promise<void> {
    this.#timer = null;
    this.#dialled(await this.#ports.dialer.dial(this.#address, this.#ports.pin).outcome);
  }

  #dialled(outcome: Result<TransportLink, TonearmError>): void {
    const { tally, clock } = this.#ports;
    if (!outcome.ok) {
      if (/timed out|ETIMEDOUT/.test(outcome.error.message)) tally.timedOut += 1;
      else tally.failed += 1;
      this.#comeBack(ms(0));
      return;
    }
    const link = outcome.value;
    this.#link = link;
    link.listen({ received: (text) => this.#received(link, text), closed: () => this.#closed(link) });
    this.#timer = clock.setTimer('welcome', WELCOME_WITHIN, () => {
      tally.timedOut += 1;
      link.close(CLOSE_CODES.helloTimedOut, 'no welcome');
    });
  }

  /** The bridge speaks first: it offers what is to be signed as the socket opens. */
  #greet(challenge: Challenge): void {
    const { id, publicKey } = this.#self;
    const signature = base64url(this.#self.sign(helloProof(challenge, id)));
    this.#say({
      kind: 'hello',
      protocol: 1,
      speaker: { id, name: `Crowd ${id.slice(-6)}`, model: 'crowd', version: '0' },
      capabilities: { hasVolume: true, codecs: ['opus'] },
      resume: null,
      identity: { publicKey: base64url(publicKey), signature, household: HOUSEHOLD },
    });
  }

  #say(message: SpeakerMessage): void {
    this.#link?.send(encodeMessage(message));
  }

  #received(link: TransportLink, text: string): void {
    if (link !== this.#link) return;
    const message = parseMessage(bridgeMessageSchema, text, 'message');
    if (!message.ok) throw message.error;
    this.#heartbeat?.heard();
    const { value } = message;
    if (value.kind === 'challenge') this.#greet(value);
    else if (value.kind === 'welcome') this.#welcomed(value);
    else if (value.kind === 'command') this.#obey(value);
    else if (value.kind === 'heartbeat') this.#say({ kind: 'heartbeatAnswer', sequence: value.sequence });
    else if (value.kind === 'stateRequest') this.#snapshot();
    else if (value.kind === 'goodbye') this.#dismissed(link, value.retryAfterMs);
  }

  #welcomed(welcome: Welcome): void {
    const { clock, random, tally } = this.#ports;
    this.#timer?.cancel();
    this.#timer = null;
    this.#retry.reset();
    this.#epoch = welcome.epoch;
    tally.welcomed += 1;
    const link = this.#link;
    const view = {
      send: (sequence: number) => this.#say({ kind: 'heartbeat', sequence }),
      dead: () => link?.close(CLOSE_CODES.heartbeatLost, 'no sign of life'),
    };
    const pace = { everyMs: welcome.heartbeatEveryMs, deadAfterMs: welcome.heartbeatDeadAfterMs };
    this.#heartbeat = createHeartbeat(clock, random, view, pace);
    this.#heartbeat.start();
    this.#snapshot();
  }

  #snapshot(): void {
    const header = { epoch: this.#epoch, revision: this.#revision, positionAgeUs: us(0) };
    this.#say({ kind: 'stateSnapshot', ...header, session: null, speaker: this.#status });
  }

  #obey({ id, body, epoch }: Command): void {
    this.#ports.tally.commands += 1;
    this.#epoch = Math.max(this.#epoch, epoch);
    if (body.kind === 'setVolume' && body.volume !== this.#status.volume) {
      this.#status.volume = body.volume;
      const baseRevision = this.#revision;
      this.#revision += 1;
      const header = { epoch: this.#epoch, revision: this.#revision, baseRevision, positionAgeUs: us(0) };
      this.#say({ kind: 'stateDifference', ...header, speaker: { volume: body.volume } });
    }
    this.#say({ kind: 'answer', id, outcome: { kind: 'accepted', revision: this.#revision } });
  }

  #dismissed(link: TransportLink, retryAfterMs: Ms | null): void {
    this.#forget();
    link.close(CLOSE_CODES.normal, '');
    this.#comeBack(retryAfterMs ?? ms(0));
  }

  #closed(link: TransportLink): void {
    if (link !== this.#link) return;
    this.#forget();
    this.#comeBack(ms(0));
  }

  #forget(): void {
    if (this.#heartbeat === null) this.#ports.tally.failed += 1;
    else this.#ports.tally.lost += 1;
    this.#heartbeat?.stop();
    this.#heartbeat = null;
    this.#timer?.cancel();
    this.#link = null;
  }

  #comeBack(after: Ms): void {
    const delay = ms(after + this.#retry.next());
    this.#timer = this.#ports.clock.setTimer('retry', delay, () => void this.dial());
  }
}
