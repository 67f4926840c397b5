/**
 * One TCP connection through a simulated network: two sockets and, between them, what is on its way. An end and a reset
 * travel as the bytes do, behind them; a network that holds or swallows holds and swallows those too.
 */
import { connect, type Socket } from 'node:net';
import { us } from '#protocol/vocabulary/units';
import type { Endpoint } from './endpoint.ts';
import type { Flow, ShapedPath } from './shaped-path.ts';
import type { NetworkConnection, SimulatedNetwork, Way } from './simulated-network.ts';

/** Signs among the packets, told apart by being themselves. */
const END = new Uint8Array(0);
const RESET = new Uint8Array(0);
/**
 * One-way trips after a connection is opened until its first bytes can be at the other end: a handshake takes two, then who
 * has connected sends, and who was connected to hears that it is open only then. The kernel's own handshake with this
 * program is over at once; this makes up for it.
 */
const TRIPS_BEFORE: Readonly<Record<Way, number>> = { up: 3, down: 4 };

/** One way of it. */
class Lane implements Flow {
  readonly waiting: Uint8Array[] = [];
  readonly isStream = true;
  readonly notBeforeUs: number;
  hasHole = false;
  readonly #way: Way;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #path: ShapedPath;
  readonly #network: SimulatedNetwork;
  /** Taken from one socket and not given to the other. */
  #underWayBytes = 0;

  constructor(
    way: Way,
    sockets: { readonly from: Socket; readonly to: Socket },
    network: SimulatedNetwork,
    notBeforeUs: number,
  ) {
    this.#way = way;
    this.#from = sockets.from;
    this.#to = sockets.to;
    this.#network = network;
    this.#path = network[way];
    this.notBeforeUs = notBeforeUs;
    this.#from.on('data', (data: Buffer) => this.#take(data));
    this.#from.on('end', () => this.#take(END));
    this.#to.on('drain', () => this.#flow());
  }

  /** What it came from is gone without an end. */
  break(): void {
    this.#take(RESET);
  }

  deliver(packet: Uint8Array): void {
    if (this.#to.destroyed) return;
    if (packet === RESET) this.#to.resetAndDestroy();
    else if (packet === END) this.#to.end();
    else {
      this.#underWayBytes -= packet.length;
      this.#to.write(packet);
      this.#flow();
    }
  }

  forget(): void {
    this.waiting.length = 0;
    this.#path.forget(this);
  }

  #take(packet: Uint8Array): void {
    if (this.#network.swallows(this.#way)) {
      this.hasHole = true;
      this.#path.drop();
      return;
    }
    // Once something is missing, nothing more can follow.
    if (this.hasHole) return;
    this.#underWayBytes += packet.length;
    this.waiting.push(packet);
    this.#path.offer(this);
    this.#flow();
  }

  /** As a window does: who sends is held while more is on its way than the path takes. */
  #flow(): void {
    const isFull = this.#underWayBytes + this.#to.writableLength >= this.#path.windowBytes;
    if (isFull) this.#from.pause();
    else if (this.#from.isPaused()) this.#from.resume();
  }
}

export class TcpPassage implements NetworkConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #lanes: Readonly<Record<Way, Lane>>;
  #isOver = false;

  /** @param over called once, when both ends are closed */
  constructor(client: Socket, to: Endpoint, network: SimulatedNetwork, nowUs: number, over: () => void) {
    this.#client = client;
    this.#server = connect({ ...to, noDelay: true, allowHalfOpen: true });
    const { up, down } = network.conditions;
    const tripUs = Math.round((up.delayMs + down.delayMs) * 500);
    const notBeforeUs = (way: Way) => us(Math.round(nowUs) + TRIPS_BEFORE[way] * tripUs);
    this.#lanes = {
      up: new Lane('up', { from: client, to: this.#server }, network, notBeforeUs('up')),
      down: new Lane('down', { from: this.#server, to: client }, network, notBeforeUs('down')),
    };
    client.setNoDelay(true);
    client.on('error', () => this.#lanes.up.break());
    this.#server.on('error', () => this.#lanes.down.break());
    for (const socket of [client, this.#server]) {
      socket.on('close', () => {
        if (!(this.#client.destroyed && this.#server.destroyed) || this.#isOver) return;
        this.#isOver = true;
        this.#lanes.up.forget();
        this.#lanes.down.forget();
        over();
      });
    }
  }

  get hasHole(): boolean {
    return this.#lanes.up.hasHole || this.#lanes.down.hasHole;
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }
}
