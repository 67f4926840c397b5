/**
 * An MQTT broker in the bridge's own process (aedes), for houses that have none. Nobody is let in without an account,
 * nothing is allowed but what the rules say, sessions end with their connection, and everything has a limit.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type AedesOptions, type Client } from 'aedes';
import type { BusRules } from '#bridge/core/perimeter/bus-rules';
import { TOPIC_LEVELS_MAX } from '#bridge/core/perimeter/topic-filter';
import { createMessageBudget } from '#bridge/core/relay/message-budget';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { FrameGuard } from './frame-guard.ts';
import { GuardedStream } from './guarded-stream.ts';
import {
  BROKER_CLIENTS_MAX,
  BROKER_CONNECT_WITHIN,
  BROKER_DRAIN_WITHIN,
  BROKER_INFLIGHT_MAX,
  BROKER_PACKET_BYTES_MAX,
  BROKER_PACKETS_BURST,
  BROKER_PACKETS_PER_SECOND,
  BROKER_QUEUE_MAX,
  BROKER_SUBSCRIPTIONS_MAX,
  CLIENT_ID_LENGTH_MAX,
} from './mqtt-limits.ts';
import { SignInLockout } from './sign-in-lockout.ts';

/** What the bridge's own connections are called, and nobody else's. */
export const OWN_CLIENT_PREFIX = 'tonearm-bridge-';

/** Who may come in. */
export interface BrokerAccount {
  readonly name: string;
  readonly password: string;
}

export interface EmbeddedBrokerPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: BusRules;
}

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** PEM; null: without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly accounts: readonly BrokerAccount[];
}

export interface EmbeddedBroker {
  readonly port: number;
  /** A connection of the bridge's own, to which everything is allowed. */
  dial(): Duplex;
  /** Cuts every client. */
  close(): Promise<void>;
}

/** @throws TonearmError `config.port-in-use` or `config.invalid` naming the flag */
export async function openEmbeddedBroker(
  ports: EmbeddedBrokerPorts,
  options: EmbeddedBrokerOptions,
): Promise<EmbeddedBroker> {
  const door = new BrokerDoor(ports, options.accounts);
  const broker = await Aedes.createBroker(door.options());
  broker.on('clientError', (client, error) => door.lost(client, error));
  broker.on('connectionError', (client, error) => door.lost(client, error));
  broker.on('clientDisconnect', (client) => door.left(client));
  const server = options.tls === null ? createServer() : createTlsServer(options.tls);
  server.maxConnections = BROKER_CLIENTS_MAX;
  const name = options.tls === null ? 'connection' : 'secureConnection';
  server.on(name, (socket: Duplex & { remoteAddress?: string }) => {
    broker.handle(door.admit(socket, socket.remoteAddress ?? ''));
  });
  // A handshake that fails is the other side's fault.
  server.on('tlsClientError', () => undefined);
  await listen(server, options);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    port: address.port,
    dial: () => {
      const [ours, theirs] = duplexPair();
      door.trust(theirs);
      // The two do not tell each other that they were destroyed.
      theirs.once('close', () => ours.destroy());
      ours.once('close', () => theirs.destroy());
      broker.handle(theirs);
      return ours;
    },
    close: async () => {
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}

/** What aedes asks of us, and what we remember of its clients. */
class BrokerDoor {
  readonly #ports: EmbeddedBrokerPorts;
  readonly #accounts: readonly BrokerAccount[];
  readonly #trusted = new WeakSet<object>();
  readonly #addresses = new WeakMap<object, string>();
  readonly #lockout: SignInLockout;
  /** Account by client id, while it is connected. */
  readonly #owners = new Map<string, { readonly client: Client; readonly account: string }>();
  readonly #subscriptions = new WeakMap<Client, Set<string>>();

  constructor(ports: EmbeddedBrokerPorts, accounts: readonly BrokerAccount[]) {
    this.#ports = ports;
    this.#accounts = accounts;
    this.#lockout = new SignInLockout(ports.clock);
  }

  options(): AedesOptions {
    const { rules } = this.#ports;
    const isOurs = (client: Client | null) => client !== null && this.#trusted.has(client.conn);
    return {
      connectTimeout: BROKER_CONNECT_WITHIN,
      drainTimeout: BROKER_DRAIN_WITHIN,
      queueLimit: BROKER_QUEUE_MAX,
      maxInflightInbound: BROKER_INFLIGHT_MAX,
      maxTopicLevels: TOPIC_LEVELS_MAX,
      maxClientsIdLength: CLIENT_ID_LENGTH_MAX,
      preConnect: (client, packet, done) => {
        // No session outlives its connection: nothing piles up for who is away, and none can be taken over.
        packet.clean = true;
        const { will } = packet;
        const isWillFine = isOurs(client) || will === undefined || rules.mayPublish(will.topic, will.retain === true);
        if (!isWillFine) done(new Error('this will may not be published'), false);
        else if (packet.clientId.length > CLIENT_ID_LENGTH_MAX) done(new Error('the client id is too long'), false);
        else done(null, true);
      },
      authenticate: (client, username, password, done) => {
        done(null, isOurs(client) || this.#isLetIn(client, username, password));
      },
      authorizePublish: (client, packet, done) => {
        if (isOurs(client) || (client !== null && rules.mayPublish(packet.topic, packet.retain))) done(null);
        else done(new Error(`may not publish to ${packet.topic.slice(0, 200)}`));
      },
      authorizeSubscribe: (client, subscription, done) => {
        const isFine =
          isOurs(client) || (rules.maySubscribe(subscription.topic) && this.#hasRoom(client, subscription));
        // Null: answered with 128, and the connection goes on.
        done(null, isFine ? subscription : null);
      },
    };
  }

  trust(stream: Duplex): void {
    this.#trusted.add(stream);
  }

  admit(socket: Duplex, address: string): Duplex {
    const budget = createMessageBudget(this.#ports.clock, {
      perSecond: BROKER_PACKETS_PER_SECOND,
      burst: BROKER_PACKETS_BURST,
    });
    const guard = new FrameGuard({ packetBytesMax: BROKER_PACKET_BYTES_MAX, spend: () => budget.spend() });
    const stream = new GuardedStream(socket, guard, (verdict) => {
      this.#ports.logger.warn('broker.client-cut', { address, verdict });
    });
    this.#addresses.set(stream, address);
    return stream;
  }

  lost(client: Client, error: Error): void {
    const address = this.#addresses.get(client.conn) ?? '';
    this.#ports.logger.info('broker.client-lost', { clientId: client.id, address, reason: error.message });
  }

  left(client: Client): void {
    if (this.#owners.get(client.id)?.client === client) this.#owners.delete(client.id);
  }

  #isLetIn(client: Client, username: string | undefined, password: Buffer | undefined): boolean {
    const address = this.#addresses.get(client.conn) ?? '';
    // Not even told whether it would have been right.
    if (this.#lockout.isLocked(address)) return false;
    const account = this.#accountOf(username ?? '', password ?? Buffer.alloc(0));
    const owner = this.#owners.get(client.id);
    // One account's client is thrown out by that account's alone, the bridge's own by nobody.
    const isTaken = owner !== undefined && owner.account !== account?.name;
    if (account === null || isTaken || client.id.startsWith(OWN_CLIENT_PREFIX)) {
      const why = account === null ? 'wrong name or password' : 'the client id is in use';
      this.#ports.logger.warn('broker.client-refused', { address, why });
      this.#lockout.failed(address);
      return false;
    }
    this.#owners.set(client.id, { client, account: account.name });
    return true;
  }

  /** Compares with every account, so that the time tells nothing. */
  #accountOf(name: string, password: Buffer): BrokerAccount | null {
    const given = digest(`${name}\0${password.toString('utf8')}`);
    let found: BrokerAccount | null = null;
    for (const account of this.#accounts) {
      if (timingSafeEqual(given, digest(`${account.name}\0${account.password}`))) found = account;
    }
    return found;
  }

  #hasRoom(client: Client, { topic }: { readonly topic: string }): boolean {
    const topics = this.#subscriptions.get(client) ?? new Set();
    this.#subscriptions.set(client, topics);
    if (topics.size >= BROKER_SUBSCRIPTIONS_MAX && !topics.has(topic)) return false;
    topics.add(topic);
    return true;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function listen(server: Server, { host, port }: EmbeddedBrokerOptions): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      const message = `--mqtt-port: ${port} is in use on ${host}; choose another, or 0 for any that is free`;
      throw new TonearmError('config.port-in-use', message, { field: 'mqtt-port', cause });
    }
    throw new TonearmError('config.invalid', `--mqtt-host: cannot listen on ${host}: ${code}`, {
      field: 'mqtt-host',
      cause,
    });
  }
}
