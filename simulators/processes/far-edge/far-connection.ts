/** One connection through a far edge: knows of HTTP only where a request begins, and whether that is for something far. */
import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../monotonic.ts';
import type { FarEdgeSettings } from './far-edge-settings.ts';
import type { FarFlow, FarPath } from './far-path.ts';

const REQUEST = /^(GET|HEAD|POST|PUT) (\S+) HTTP\/1\.[01]\r\n/;
const MUSIC = /^\/content\/v1\/(files|heads)\//;
const UPGRADE = /\r\nupgrade: websocket\r\n/i;
/** A Connect message to a speaker that asks something of it. */
const COMMAND = /"kind":"command".*?"body":\{"kind":"(\w+)"/;
/** What the path takes from the server ahead of sending it: the window of a connection. */
const WINDOW_BYTES = 64 * 1024;

export interface FarConnectionPorts {
  readonly path: FarPath;
  settings(): FarEdgeSettings;
  print(line: Readonly<Record<string, unknown>>): void;
}

export class FarConnection implements FarFlow {
  readonly waiting: Buffer[] = [];
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #ports: FarConnectionPorts;
  readonly #openedAtMs = monotonicMs();
  /** Of the exchange that goes on. */
  #isFar: boolean;
  #isSocket = false;
  #asked: string | null = null;
  #onTheWayBytes = 0;
  #hasServerEnded = false;

  constructor(client: Socket, targetPort: number, ports: FarConnectionPorts) {
    this.#client = client;
    this.#ports = ports;
    this.#isFar = ports.settings().scope === 'all';
    this.#server = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    client.on('data', (data: Buffer) => this.#up(data));
    this.#server.on('data', (data: Buffer) => this.#down(data));
    client.on('end', () => (this.#isFar ? ports.path.later(0, () => this.#server.end()) : this.#server.end()));
    this.#server.on('end', () => {
      this.#hasServerEnded = true;
      this.#endWhenDelivered();
    });
    for (const socket of [client, this.#server]) {
      socket.on('error', () => this.#destroy());
      socket.on('close', () => this.#destroy());
    }
    if (ports.settings().isGone && this.#isFar) client.resetAndDestroy();
  }

  cutIfFar(): void {
    if (this.#isFar) this.#client.resetAndDestroy();
  }

  /** Resets it if it is in the middle of an answer. @returns whether it was */
  cutIfBusy(): boolean {
    if (!this.#isFar || this.#onTheWayBytes === 0) return false;
    this.#client.resetAndDestroy();
    return true;
  }

  deliver(packet: Buffer): void {
    this.#toClient(packet);
    this.#onTheWayBytes -= packet.length;
    if (this.#onTheWayBytes < WINDOW_BYTES) this.#server.resume();
    this.#endWhenDelivered();
  }

  #up(data: Buffer): void {
    const settings = this.#ports.settings();
    const request = this.#isSocket ? null : REQUEST.exec(data.toString('latin1'));
    if (request !== null) {
      const path = request[2] ?? '';
      this.#asked = path;
      this.#isSocket = UPGRADE.test(data.toString('latin1'));
      this.#isFar = settings.scope === 'all' || MUSIC.test(path);
      if (settings.isTraced) this.#ports.print({ event: 'asked', path, atMs: monotonicMs() });
    }
    if (!this.#isFar) {
      this.#server.write(data);
      return;
    }
    if (settings.isGone) {
      this.#client.resetAndDestroy();
      return;
    }
    this.#ports.path.later(this.#openedAtMs + settings.roundTripMs, () => {
      if (!this.#server.destroyed) this.#server.write(data);
    });
  }

  #down(data: Buffer): void {
    if (!this.#isFar) {
      this.#toClient(data);
      return;
    }
    this.#onTheWayBytes += data.length;
    if (this.#onTheWayBytes >= WINDOW_BYTES) this.#server.pause();
    this.waiting.push(data);
    this.#ports.path.offer(this);
  }

  #toClient(data: Buffer): void {
    if (this.#client.destroyed) return;
    this.#client.write(data);
    if (!this.#ports.settings().isTraced) return;
    if (this.#isSocket) {
      const command = COMMAND.exec(data.toString('latin1'))?.[1];
      if (command !== undefined) this.#ports.print({ event: 'commanded', command, atMs: monotonicMs() });
    } else if (this.#asked !== null) {
      this.#ports.print({ event: 'answered', path: this.#asked, atMs: monotonicMs() });
      this.#asked = null;
    }
  }

  #endWhenDelivered(): void {
    if (this.#hasServerEnded && this.#onTheWayBytes === 0) this.#client.end();
  }

  #destroy(): void {
    this.waiting.length = 0;
    this.#ports.path.forget(this);
    this.#client.destroy();
    this.#server.destroy();
  }
}
