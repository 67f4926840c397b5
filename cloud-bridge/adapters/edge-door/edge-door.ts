/**
 * The edge's HTTP door: bare node:http, because almost every request is a range of a slice in memory and costs little more
 * than its headers. What is in memory is written at once; all else goes through `send-range.ts`, piece by piece.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { ContentTokenCheck } from '#bridge/core/services/access/content-token-check';
import type { EdgeContent } from '#bridge/core/services/edge/edge-content';
import type { EdgeCounts } from '#bridge/core/services/edge/edge-counts';
import type { EdgeHeads } from '#bridge/core/services/edge/edge-heads';
import type { WaitingReaders } from '#bridge/core/services/edge/waiting-readers';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { FILE_PATH, HEAD_PATH, SPEAKER_HEADER } from '#protocol/wire/versions';
import * as limits from './edge-limits.ts';
import { sendError, sendText } from './plain-answers.ts';
import { RangeSender } from './range-sender.ts';

const BEARER = /^Bearer ([\x21-\x7e]{1,2000})$/i;
const FILE_PREFIX = `${FILE_PATH}/`;
const HEAD_PREFIX = `${HEAD_PATH}/`;

export interface EdgeDoorPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly content: EdgeContent;
  readonly heads: EdgeHeads;
  readonly tokens: Pick<ContentTokenCheck, 'check'>;
  readonly readers: WaitingReaders;
  readonly counts: EdgeCounts;
  /** Whether it knows whose tokens are good. */
  isReady(): boolean;
  metrics(connections: number): string;
}

export interface EdgeDoorOptions {
  /** PEM; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** What it says of itself at `/healthz`. */
  readonly about: Readonly<Record<string, string>>;
}

export class EdgeDoor {
  readonly #ports: EdgeDoorPorts;
  readonly #options: EdgeDoorOptions;
  readonly #server: Server;
  readonly #sender: RangeSender;
  readonly #look: NodeJS.Timeout;
  #connections = 0;

  /** @throws TonearmError `config.invalid` when certificate and key are none */
  constructor(ports: EdgeDoorPorts, options: EdgeDoorOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#sender = new RangeSender(ports);
    this.#server = openServer(options, (request, response) => void this.#answer(request, response));
    this.#server.maxConnections = limits.CONNECTIONS_MAX;
    this.#server.maxRequestsPerSocket = 0;
    this.#server.on('connection', (socket) => {
      this.#connections += 1;
      socket.setNoDelay(true);
      socket.once('close', () => {
        this.#connections -= 1;
      });
    });
    this.#look = setInterval(() => {
      ports.counts.cutReaders += ports.readers.cutStalled(ports.clock.nowUs() / 1000);
    }, limits.STALLED_LOOK_MS);
    this.#look.unref();
  }

  /** @returns the port; rejects with `config.port-in-use` or `config.invalid` */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const isTaken = cause.code === 'EADDRINUSE';
        const code = isTaken ? 'config.port-in-use' : 'config.invalid';
        const message = isTaken ? `port ${port} is taken` : `cannot listen on ${host}:${port}: ${cause.message}`;
        reject(new TonearmError(code, message, { field: isTaken ? 'port' : 'host', cause }));
      });
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#look);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (thrown) {
      const error = toTonearmError(thrown);
      if (error.code === 'internal.bug')
        this.#ports.logger.error('edge.bug', { reason: error.message, stack: error.stack });
      this.#ports.counts.answered(sendError(response, error));
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method } = request;
    const url = request.url ?? '';
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return this.#count(sendText(response, 405, 'GET and HEAD only\n', true));
    }
    if (url.startsWith(FILE_PREFIX)) {
      const id = await this.#authorised(request, url.slice(FILE_PREFIX.length));
      return this.#sender.sendFile(request, response, id);
    }
    if (url.startsWith(HEAD_PREFIX)) {
      const id = await this.#authorised(request, url.slice(HEAD_PREFIX.length));
      return this.#sender.sendHead(request, response, id);
    }
    this.#sendAbout(url, response);
  }

  #sendAbout(url: string, response: ServerResponse): void {
    const [status, text] = this.#about(url);
    this.#count(sendText(response, status, text));
  }

  /** What it says of itself. */
  #about(url: string): readonly [status: number, text: string] {
    switch (url) {
      case '/healthz':
        return [200, `${JSON.stringify({ status: 'ok', ...this.#options.about })}\n`];
      case '/readyz':
        return this.#ports.isReady() ? [200, 'ready\n'] : [503, 'no keys known yet\n'];
      case '/metrics':
        return [200, this.#ports.metrics(this.#connections)];
      default:
        throw new TonearmError('input.unknown', 'there is nothing at this path');
    }
  }

  /** @param name what follows the prefix: a file id and nothing else, so that no path can lead anywhere */
  async #authorised(request: IncomingMessage, name: string): Promise<FileId> {
    if (!ID_PATTERNS.sha256.test(name)) throw new TonearmError('input.invalid', 'not a file id', { field: 'fileId' });
    if (!this.#ports.isReady()) throw new TonearmError('content.overloaded', 'this edge knows no keys yet');
    const id = fileId(name);
    const speaker = request.headers[SPEAKER_HEADER];
    const outcome = await this.#ports.tokens.check({
      token: BEARER.exec(request.headers.authorization ?? '')?.[1] ?? '',
      fileId: id,
      speakerId: typeof speaker === 'string' ? speaker : null,
    });
    if (!outcome.ok) throw outcome.error;
    return id;
  }

  #count(status: number): void {
    this.#ports.counts.answered(status);
  }
}

function openServer(
  options: EdgeDoorOptions,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const shared = {
    keepAliveTimeout: limits.KEEP_ALIVE_MS,
    headersTimeout: limits.HEADERS_WITHIN_MS,
    requestTimeout: limits.HEADERS_WITHIN_MS,
    maxHeaderSize: limits.HEADER_BYTES_MAX,
    highWaterMark: limits.PIECE_BYTES,
  };
  if (options.tls === null) return createServer(shared, answer);
  try {
    return createSecureServer({ ...shared, ...options.tls }, answer);
  } catch (cause) {
    const message = `certificate and key cannot be used: ${String(cause)}`;
    throw new TonearmError('config.invalid', message, { field: 'tls-cert', cause });
  }
}
