/** One connection through a far edge: knows of HTTP only where a request begins, and whether that is for something far. */
import { connect, type Socket } from 'node:net';
import { MUSIC_PATH } from '#sim/network/music-path';
import type { Flow, ShapedPath } from '#sim/proxy/shaped-path';
import { monotonicMs } from '../monotonic.ts';
import type { FarEdgeSettings } from './far-edge-settings.ts';

const REQUEST = /^(GET|HEAD|POST|PUT) (\S+) HTTP\/1\.[01]\r\n/;
const UPGRADE = /\r\nupgrade: websocket\r\n/i;
/** A Connect message to a speaker that asks something of it. */
const COMMAND = /"kind":"command".*?"body":\{"kind":"(\w+)"/;
/** On a path it is the end of what went that way. */
const END = new Uint8Array(0);
/** Half round trips of a handshake and of the first bytes after it. */
const HALVES_TO_FIRST_BYTE = 3;

export interface FarConnectionPorts {
  readonly up: ShapedPath;
  readonly down: ShapedPath;
  settings(): FarEdgeSettings;
  print(line: Readonly<Record<string, unknown>>): void;
}

export class FarConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #ports: FarConnectionPorts;
  readonly #flows: { readonly up: Flow; readonly down: Flow };
  /** Of the exchange that goes on. */
  #isFar: boolean;
  #isSocket = false;
  #asked: string | null = null;
  #onTheWayBytes = 0;

  constructor(client: Socket, targetPort: number, ports: FarConnectionPorts) {
    this.#client = client;
    this.#ports = ports;
    const { scope, roundTripMs, isGone } = ports.settings();
    this.#isFar = scope === 'all';
    this.#server = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const notBeforeUs = Math.round(monotonicMs() * 1_000 + HALVES_TO_FIRST_BYTE * roundTripMs * 500);
    this.#flows = {
      up: { waiting: [], isStream: true, notBeforeUs, deliver: (data) => this.#toServer(data) },
      down: { waiting: [], isStream: true, deliver: (data) => this.#deliverDown(data) },
    };
    client.on('data', (data: Buffer) => this.#up(data));
    this.#server.on('data', (data: Buffer) => this.#down(data));
    client.on('end', () => (this.#isFar ? this.#offer('up', END) : this.#server.end()));
    this.#server.on('end', () => (this.#isFar ? this.#offer('down', END) : client.end()));
    for (const socket of [client, this.#server]) {
      socket.on('error', () => this.#destroy());
      socket.on('close', () => this.#destroy());
    }
    if (isGone && this.#isFar) client.resetAndDestroy();
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

  #up(data: Buffer): void {
    const settings = this.#ports.settings();
    const request = this.#isSocket ? null : REQUEST.exec(data.toString('latin1'));
    if (request !== null) {
      const path = request[2] ?? '';
      this.#asked = path;
      this.#isSocket = UPGRADE.test(data.toString('latin1'));
      this.#isFar = settings.scope === 'all' || MUSIC_PATH.test(path);
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
    this.#offer('up', data);
  }

  #down(data: Buffer): void {
    if (!this.#isFar) {
      this.#toClient(data);
      return;
    }
    this.#onTheWayBytes += data.length;
    if (this.#onTheWayBytes >= this.#ports.down.windowBytes) this.#server.pause();
    this.#offer('down', data);
  }

  #offer(way: 'up' | 'down', data: Uint8Array): void {
    this.#flows[way].waiting.push(data);
    this.#ports[way].offer(this.#flows[way]);
  }

  #toServer(data: Uint8Array): void {
    if (this.#server.destroyed) return;
    if (data === END) this.#server.end();
    else this.#server.write(data);
  }

  #deliverDown(data: Uint8Array): void {
    if (data === END) {
      this.#client.end();
      return;
    }
    this.#onTheWayBytes -= data.length;
    this.#toClient(data);
    if (this.#onTheWayBytes < this.#ports.down.windowBytes) this.#server.resume();
  }

  #toClient(data: Uint8Array): void {
    if (this.#client.destroyed) return;
    this.#client.write(data);
    if (!this.#ports.settings().isTraced) return;
    if (this.#isSocket) {
      const command = COMMAND.exec(Buffer.from(data).toString('latin1'))?.[1];
      if (command !== undefined) this.#ports.print({ event: 'commanded', command, atMs: monotonicMs() });
    } else if (this.#asked !== null) {
      this.#ports.print({ event: 'answered', path: this.#asked, atMs: monotonicMs() });
      this.#asked = null;
    }
  }

  #destroy(): void {
    for (const way of ['up', 'down'] as const) this.#ports[way].forget(this.#flows[way]);
    this.#client.destroy();
    this.#server.destroy();
  }
}
