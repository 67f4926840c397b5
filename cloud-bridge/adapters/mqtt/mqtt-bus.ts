/**
 * The bus over MQTT 3.1.1, by the package `mqtt`: to an external broker over TCP or TLS, or to the embedded one over a
 * stream in this process. Everything is sent with QoS 1; the session is clean, since what matters is said again after a
 * reconnect and what is old must not be.
 */
import type { Duplex } from 'node:stream';
import mqtt, { type IClientOptions, MqttClient } from 'mqtt';
import { matchesTopic } from '#bridge/core/perimeter/topic-filter';
import type { Bus, BusMessage, BusSubscription, BusWill } from '#bridge/core/ports/bus';
import type { BusCounts } from '#bridge/core/services/house-bus/bus-counts';
import type { Logger } from '#protocol/ports/logger';
import {
  BUS_CONNECT_WITHIN,
  BUS_FAREWELL_WITHIN,
  BUS_KEEPALIVE_S,
  BUS_QUEUED_BYTES_MAX,
  BUS_RECONNECT_AFTER,
  BUS_TEXT_LENGTH_MAX,
} from './mqtt-limits.ts';

export interface MqttBusOptions {
  /** Hard to guess: who connects under the same id throws this one out. */
  readonly clientId: string;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly will: BusWill | null;
  /** `mqtt://` or `mqtts://`, or what opens a stream to a broker in this process. */
  readonly broker: URL | (() => Duplex);
}

export interface MqttBusPorts {
  readonly logger: Logger;
  readonly counts: BusCounts;
}

/** Begins to connect, and goes on until it is closed. */
export function openMqttBus(ports: MqttBusPorts, options: MqttBusOptions): Bus {
  return new MqttBus(ports, options);
}

interface Hearer {
  readonly filter: string;
  readonly listener: (message: BusMessage) => void;
}

class MqttBus implements Bus {
  readonly #ports: MqttBusPorts;
  readonly #client: MqttClient;
  readonly #hearers = new Set<Hearer>();
  readonly #watchers = new Set<(isConnected: boolean) => void>();
  #queuedBytes = 0;
  #isUp = false;
  #isClosed = false;
  /** Counts connections, so that subscriptions that answer late are not taken for the present one's. */
  #generation = 0;

  constructor(ports: MqttBusPorts, options: MqttBusOptions) {
    this.#ports = ports;
    this.#client = connect(options);
    this.#client.on('connect', () => this.#connected());
    this.#client.on('close', () => this.#setUp(false));
    this.#client.on('error', (error) => ports.logger.warn('bus.error', { reason: error.message }));
    this.#client.on('message', (topic, payload, packet) => this.#received(topic, payload, packet.retain));
  }

  publish(topic: string, text: string, options?: { readonly isRetained: boolean }): boolean {
    const size = Buffer.byteLength(text);
    if (!this.#isUp || this.#isClosed || this.#queuedBytes + size > BUS_QUEUED_BYTES_MAX) return false;
    this.#queuedBytes += size;
    this.#client.publish(topic, text, { qos: 1, retain: options?.isRetained ?? false }, () => {
      this.#queuedBytes -= size;
    });
    this.#ports.counts.sent();
    return true;
  }

  subscribe(filter: string, listener: (message: BusMessage) => void): BusSubscription {
    const hearer = { filter, listener };
    this.#hearers.add(hearer);
    if (this.#isUp) this.#client.subscribe(filter, { qos: 1 }, (error) => this.#subscribed(filter, error));
    return {
      end: () => {
        if (!this.#hearers.delete(hearer) || !this.#isUp) return;
        if (![...this.#hearers].some((other) => other.filter === filter)) this.#client.unsubscribe(filter);
      },
    };
  }

  watch(listener: (isConnected: boolean) => void): BusSubscription {
    this.#watchers.add(listener);
    queueMicrotask(() => this.#watchers.has(listener) && listener(this.#isUp));
    return { end: () => void this.#watchers.delete(listener) };
  }

  queuedBytes(): number {
    return this.#queuedBytes;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#hearers.clear();
    const wasUp = this.#isUp;
    this.#setUp(false);
    this.#isClosed = true;
    this.#watchers.clear();
    const { promise, resolve } = Promise.withResolvers<void>();
    const farewell = setTimeout(() => this.#client.end(true, () => resolve()), BUS_FAREWELL_WITHIN);
    // Waits for what is on its way, so that the last words are heard.
    this.#client.end(!wasUp, () => resolve());
    await promise;
    clearTimeout(farewell);
  }

  #connected(): void {
    this.#generation += 1;
    const generation = this.#generation;
    const filters = [...new Set([...this.#hearers].map((hearer) => hearer.filter))];
    const ready = () => {
      if (this.#generation === generation && this.#client.connected) this.#setUp(true);
    };
    if (filters.length === 0) ready();
    else {
      this.#client.subscribe(filters, { qos: 1 }, (error) => {
        for (const filter of error === null ? [] : filters) this.#subscribed(filter, error);
        ready();
      });
    }
  }

  #subscribed(filter: string, error: Error | null): void {
    if (error !== null) this.#ports.logger.warn('bus.subscription-refused', { filter, reason: error.message });
  }

  #setUp(isUp: boolean): void {
    if (this.#isUp === isUp || this.#isClosed) return;
    this.#isUp = isUp;
    this.#ports.counts.connected(isUp);
    this.#ports.logger.info(isUp ? 'bus.connected' : 'bus.disconnected');
    for (const watcher of [...this.#watchers]) watcher(isUp);
  }

  #received(topic: string, payload: Buffer, isRetained: boolean): void {
    this.#ports.counts.received();
    if (payload.length > BUS_TEXT_LENGTH_MAX) {
      this.#ports.logger.warn('bus.message-too-large', { topic: topic.slice(0, 200), sizeBytes: payload.length });
      return;
    }
    const message: BusMessage = { topic, text: payload.toString('utf8'), isRetained };
    for (const { filter, listener } of [...this.#hearers]) if (matchesTopic(filter, topic)) listener(message);
  }
}

function connect({ broker, clientId, credentials, will }: MqttBusOptions): MqttClient {
  const options: IClientOptions = {
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: BUS_KEEPALIVE_S,
    reconnectPeriod: BUS_RECONNECT_AFTER,
    connectTimeout: BUS_CONNECT_WITHIN,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: 'native',
    ...(credentials === null ? {} : credentials),
    ...(will === null ? {} : { will: { topic: will.topic, payload: Buffer.from(will.text), qos: 1, retain: true } }),
  };
  return typeof broker === 'function' ? new MqttClient(broker, options) : mqtt.connect(broker.href, options);
}
