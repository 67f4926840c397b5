/**
 * A UDP address at which a simulated network begins. Who sends to it is remembered, as by a router that translates
 * addresses: for each there is a socket of its own to where it leads, and what comes back there goes back to it.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import { type Endpoint, listeningFailure } from './endpoint.ts';
import type { Flow, ShapedPath } from './shaped-path.ts';
import type { SimulatedNetwork, Way } from './simulated-network.ts';

/** Those who send; more are not let in until one is forgotten. */
const PEERS_MAX = 1_000;
/** Who has neither sent nor been sent to for so long is forgotten; RFC 4787 asks for no less of a router. */
const IDLE_FOR = ms(120_000);
const LOOK_EVERY = ms(10_000);
/** Of one peer, what waits for its turn on the link; more is lost, as at a router whose queue is full (Linux: txqueuelen). */
const QUEUE_PACKETS_MAX = 1_000;

class DatagramFlow implements Flow {
  readonly waiting: Uint8Array[] = [];
  readonly isStream = false;
  readonly deliver: (packet: Uint8Array) => void;

  constructor(deliver: (packet: Uint8Array) => void) {
    this.deliver = deliver;
  }
}

interface Peer {
  readonly socket: Socket;
  readonly flows: Readonly<Record<Way, DatagramFlow>>;
  lastUs: number;
}

interface UdpPorts {
  readonly network: SimulatedNetwork;
  readonly clock: Clock;
}

export class UdpDoor {
  readonly #to: Endpoint;
  readonly #ports: UdpPorts;
  readonly #socket: Socket;
  /** By address and port. */
  readonly #peers = new Map<string, Peer>();
  #timer: Timer | null = null;

  private constructor(socket: Socket, to: Endpoint, ports: UdpPorts) {
    this.#socket = socket;
    this.#to = to;
    this.#ports = ports;
    socket.on('message', (data, from) => this.#came(data, from));
    this.#look();
  }

  /** @throws TonearmError config.port-in-use, config.invalid when that address cannot be had */
  static async open(
    { listen, to }: { readonly listen: Endpoint; readonly to: Endpoint },
    ports: UdpPorts,
  ): Promise<UdpDoor> {
    const socket = createSocket(isIPv6(listen.host) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => reject(listeningFailure(listen, error)));
      socket.bind(listen.port, listen.host, resolve);
    });
    // An answer that nobody is there to take (ICMP) is no failure of the door.
    socket.removeAllListeners('error').on('error', () => {});
    return new UdpDoor(socket, to, ports);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    for (const key of [...this.#peers.keys()]) this.#forget(key);
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #came(data: Buffer, from: RemoteInfo): void {
    const key = `${from.address} ${from.port}`;
    const peer = this.#peers.get(key) ?? this.#meet(key, from);
    if (peer === null) return;
    peer.lastUs = this.#ports.clock.nowUs();
    this.#send('up', peer, data);
  }

  #meet(key: string, from: RemoteInfo): Peer | null {
    if (this.#peers.size >= PEERS_MAX) return null;
    const socket = createSocket(isIPv6(this.#to.host) ? 'udp6' : 'udp4');
    socket.on('error', () => {});
    const peer: Peer = {
      socket,
      flows: {
        up: new DatagramFlow((packet) => socket.send(packet, this.#to.port, this.#to.host, () => {})),
        down: new DatagramFlow((packet) => this.#socket.send(packet, from.port, from.address, () => {})),
      },
      lastUs: this.#ports.clock.nowUs(),
    };
    socket.on('message', (data) => {
      peer.lastUs = this.#ports.clock.nowUs();
      this.#send('down', peer, data);
    });
    this.#peers.set(key, peer);
    return peer;
  }

  #send(way: Way, peer: Peer, data: Uint8Array): void {
    const { network } = this.#ports;
    const flow = peer.flows[way];
    const path: ShapedPath = network[way];
    if (network.dropsDatagrams(way) || flow.waiting.length >= QUEUE_PACKETS_MAX) {
      path.drop();
      return;
    }
    flow.waiting.push(data);
    path.offer(flow);
  }

  #look(): void {
    const oldestUs = this.#ports.clock.nowUs() - IDLE_FOR * 1_000;
    for (const [key, { lastUs }] of this.#peers) if (lastUs < oldestUs) this.#forget(key);
    this.#timer = this.#ports.clock.setTimer('udp-door', LOOK_EVERY, () => this.#look());
  }

  #forget(key: string): void {
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    this.#peers.delete(key);
    for (const way of ['up', 'down'] as const) this.#ports.network[way].forget(peer.flows[way]);
    peer.socket.close();
  }
}
