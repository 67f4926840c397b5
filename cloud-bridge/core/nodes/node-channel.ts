/**
 * One conversation of two bridges over the bus: sealed messages in order, none missing and none twice, with signs of life.
 * Both ends are the same here; what is said is theirs (`front-door.ts`, `home-door.ts`). Spec section 14.6.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import type { NodeBody, NodeMessage } from '#protocol/wire/node-message';
import type { Bus } from '../ports/bus.ts';
import type { BusSeal } from '../ports/bus-seal.ts';
import { CHANNEL_BEAT_EVERY, CHANNEL_DEAD_AFTER } from './node-limits.ts';

const US_PER_MS = 1_000;

export interface NodeChannelPorts {
  readonly clock: Clock;
  readonly bus: Pick<Bus, 'publish' | 'queuedBytes'>;
  readonly seal: BusSeal;
}

export interface NodeChannelView {
  /** In order, each once. */
  said(body: NodeBody): void;
  /** Once; nothing is said afterwards. */
  ended(reason: string): void;
}

export interface NodeChannelOptions {
  /** Where the other side listens. */
  readonly topic: string;
  readonly channel: string;
  /** What every message of this side must show; null until the home has made it. */
  readonly peer: string | null;
  /** The number of the first message that comes. */
  readonly expected: number;
}

export class NodeChannel {
  readonly channel: string;
  readonly #ports: NodeChannelPorts;
  readonly #view: NodeChannelView;
  readonly #topic: string;
  #peer: string | null;
  #sent = 0;
  #expected: number;
  #heardAtUs: number;
  #timer: Timer;
  #isOpen = true;

  constructor(ports: NodeChannelPorts, view: NodeChannelView, options: NodeChannelOptions) {
    this.#ports = ports;
    this.#view = view;
    this.#topic = options.topic;
    this.channel = options.channel;
    this.#peer = options.peer;
    this.#expected = options.expected;
    this.#heardAtUs = ports.clock.nowUs();
    this.#timer = this.#beatLater();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** False: the channel has ended, for instance because the bus takes no more. */
  say(body: NodeBody): boolean {
    if (!this.#isOpen) return false;
    const message: NodeMessage = { channel: this.channel, peer: this.#peer, sequence: this.#sent, body };
    this.#sent += 1;
    const sealed = this.#ports.seal.close(JSON.stringify(message), this.#topic);
    if (this.#ports.bus.publish(this.#topic, sealed)) return true;
    // What follows would not follow: the other side must not hear a part.
    this.#finish('the bus takes nothing');
    return false;
  }

  /** A message of this channel has come. */
  take(message: NodeMessage): void {
    if (!this.#isOpen) return;
    if (this.#peer === null && message.body.kind === 'accept') this.#peer = message.peer;
    // An old one, said again by somebody who has heard it, or by the bus.
    if (message.peer !== this.#peer || message.sequence < this.#expected) return;
    if (message.sequence > this.#expected) {
      this.end('messages are missing');
      return;
    }
    this.#expected += 1;
    this.#heardAtUs = this.#ports.clock.nowUs();
    if (message.body.kind === 'end') this.#finish('the other side has ended it');
    else if (message.body.kind !== 'beat') this.#view.said(message.body);
  }

  queuedBytes(): number {
    return this.#ports.bus.queuedBytes();
  }

  /** Tells the other side, and ends. Twice is harmless. */
  end(reason: string): void {
    if (!this.#isOpen) return;
    this.say({ kind: 'end' });
    this.#finish(reason);
  }

  #finish(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#timer.cancel();
    this.#view.ended(reason);
  }

  #beatLater(): Timer {
    return this.#ports.clock.setTimer('node-channel-beat', CHANNEL_BEAT_EVERY, () => {
      const silentMs = (this.#ports.clock.nowUs() - this.#heardAtUs) / US_PER_MS;
      if (silentMs >= CHANNEL_DEAD_AFTER) {
        this.end('no sign of life');
        return;
      }
      this.#timer = this.#beatLater();
      // Before the home has answered there is nothing to say that it could take.
      if (this.#peer !== null) this.say({ kind: 'beat' });
    });
  }
}
