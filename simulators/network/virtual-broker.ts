/**
 * A broker in virtual time: topics, retained messages and wills as MQTT 3.1.1 has them, each message a moment on its way.
 * A scenario cuts connections, duplicates messages, and takes the broker away.
 */

import { matchesTopic } from '#bridge/core/perimeter/topic-filter';
import type { Bus, BusMessage, BusWill } from '#bridge/core/ports/bus';
import type { Clock } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';

const LATENCY_DEFAULT: Ms = ms(1);
const RECONNECT_AFTER: Ms = ms(1_000);

interface Hearer {
  readonly filter: string;
  readonly listener: (message: BusMessage) => void;
}

export class VirtualBroker {
  readonly #clock: Clock;
  readonly #connections = new Set<VirtualBus>();
  readonly #retained = new Map<string, string>();
  readonly latency: Ms;
  /** Every message that anybody has published, in order. */
  readonly published: BusMessage[] = [];
  /** Each message is delivered so many times. */
  copies = 1;
  #isUp = true;

  constructor(clock: Clock, latency: Ms = LATENCY_DEFAULT) {
    this.#clock = clock;
    this.latency = latency;
  }

  /** @param clock of the process that dials, which may die before the broker's */
  dial(will: BusWill | null = null, clock: Clock = this.#clock): VirtualBus {
    const bus = new VirtualBus(this, clock, will);
    this.#connections.add(bus);
    if (this.#isUp) bus.goUp();
    return bus;
  }

  isUp(): boolean {
    return this.#isUp;
  }

  retained(topic: string): string | undefined {
    return this.#retained.get(topic);
  }

  retainedTopics(): readonly string[] {
    return [...this.#retained.keys()].sort();
  }

  /** Everybody loses it; what it had retained stays, as on a disk. */
  goDown(): void {
    this.#isUp = false;
    for (const bus of [...this.#connections]) bus.goDown();
  }

  comeBack(): void {
    this.#isUp = true;
    for (const bus of [...this.#connections]) bus.goUp();
  }

  /** A connection breaks: its will is published; it comes back by itself unless its process has died. */
  cut(bus: VirtualBus, returns = true): void {
    bus.goDown();
    if (bus.will !== null) this.take(bus.will.topic, bus.will.text, true);
    if (!returns) this.#connections.delete(bus);
    else this.#clock.setTimer('virtual-bus-reconnect', RECONNECT_AFTER, () => this.#isUp && bus.goUp());
  }

  forget(bus: VirtualBus): void {
    this.#connections.delete(bus);
  }

  take(topic: string, text: string, isRetained: boolean): void {
    this.published.push({ topic, text, isRetained });
    if (isRetained && text === '') this.#retained.delete(topic);
    else if (isRetained) this.#retained.set(topic, text);
    this.#clock.setTimer('virtual-broker', this.latency, () => {
      for (let copy = 0; copy < this.copies; copy += 1) {
        for (const bus of [...this.#connections]) bus.deliver({ topic, text, isRetained: false });
      }
    });
  }

  /** What was kept for a filter, told to whoever has just subscribed. */
  tell(filter: string, listener: (message: BusMessage) => void): void {
    const kept = [...this.#retained].filter(([topic]) => matchesTopic(filter, topic));
    this.#clock.setTimer('virtual-broker', this.latency, () => {
      for (const [topic, text] of kept) listener({ topic, text, isRetained: true });
    });
  }
}

export class VirtualBus implements Bus {
  readonly will: BusWill | null;
  readonly #broker: VirtualBroker;
  readonly #clock: Clock;
  readonly #hearers = new Set<Hearer>();
  readonly #watchers = new Set<(isConnected: boolean) => void>();
  #isUp = false;
  #isClosed = false;

  constructor(broker: VirtualBroker, clock: Clock, will: BusWill | null) {
    this.#broker = broker;
    this.#clock = clock;
    this.will = will;
  }

  publish(topic: string, text: string, options?: { readonly isRetained: boolean }): boolean {
    if (!this.#isUp || this.#isClosed) return false;
    this.#broker.take(topic, text, options?.isRetained ?? false);
    return true;
  }

  subscribe(filter: string, listener: (message: BusMessage) => void) {
    const hearer = { filter, listener };
    this.#hearers.add(hearer);
    if (this.#isUp) this.#askFor(hearer);
    return { end: () => void this.#hearers.delete(hearer) };
  }

  watch(listener: (isConnected: boolean) => void) {
    this.#watchers.add(listener);
    this.#clock.setTimer('virtual-bus-watch', ms(0), () => {
      if (this.#watchers.has(listener)) listener(this.#isUp);
    });
    return { end: () => void this.#watchers.delete(listener) };
  }

  queuedBytes(): number {
    return 0;
  }

  async close(): Promise<void> {
    this.goDown();
    this.#isClosed = true;
    this.#hearers.clear();
    this.#watchers.clear();
    this.#broker.forget(this);
  }

  deliver(message: BusMessage): void {
    if (!this.#isUp) return;
    for (const hearer of [...this.#hearers]) {
      if (this.#hearers.has(hearer) && matchesTopic(hearer.filter, message.topic)) hearer.listener(message);
    }
  }

  goUp(): void {
    if (this.#isUp || this.#isClosed) return;
    this.#isUp = true;
    for (const hearer of this.#hearers) this.#askFor(hearer);
    for (const watcher of [...this.#watchers]) watcher(true);
  }

  goDown(): void {
    if (!this.#isUp || this.#isClosed) return;
    this.#isUp = false;
    for (const watcher of [...this.#watchers]) watcher(false);
  }

  #askFor(hearer: Hearer): void {
    this.#broker.tell(hearer.filter, (message) => {
      if (this.#isUp && this.#hearers.has(hearer)) hearer.listener(message);
    });
  }
}
