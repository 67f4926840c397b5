/**
 * A bad network in front of a real server, in user space: it passes requests on, and does to each answer what it is told.
 * For what a virtual network cannot show: that real sockets, timers and parsers meet these faults as they should.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { askUpstream, type WholeAnswer } from './ask-upstream.ts';
import { MUSIC_PATH } from './music-path.ts';
import { AnswerSpoiler, LIES, type Lie } from './spoil-answer.ts';

export type ProxyFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'delays'; readonly byMs: number }
  | { readonly kind: 'throttles'; readonly bytesPerSecond: number }
  /** The connection is refused the hard way: reset before an answer. */
  | { readonly kind: 'refuses' }
  /** RST after so many bytes of the body. */
  | { readonly kind: 'resets'; readonly afterBytes: number }
  /** Nothing after this share of the body, the connection stays open; 0: not even a head. */
  | { readonly kind: 'stalls'; readonly afterShare: number }
  /** A byte a second. */
  | { readonly kind: 'dribbles' }
  /** As many bytes as there should be, and not those. */
  | { readonly kind: Lie }
  /** Says the whole length and ends after half of it. */
  | { readonly kind: 'truncates' }
  /** The right bytes as if they were the whole file. */
  | { readonly kind: 'says 200 for 206' }
  /** The right bytes as if they were others. */
  | { readonly kind: 'says another range' }
  /** A page of HTML for everything, as hotels do. */
  | { readonly kind: 'is a portal' }
  | { readonly kind: 'says'; readonly status: number; readonly retryAfterSeconds?: number };

export interface ProxiedQuestion {
  readonly path: string;
  readonly range: string | undefined;
  readonly atMs: number;
  readonly fault: ProxyFault['kind'];
  /** Of the body, what was handed to the socket. */
  sentBytes: number;
}

/** Of all questions so far. */
export interface QuestionCounts {
  readonly requests: number;
  /** Of these, for files and heads; the others ask how it is. */
  readonly music: number;
  /** Of these, with which something was done wrong on purpose. */
  readonly spoilt: number;
}

const PORTAL = '<!DOCTYPE html><html><body>Welcome! Accept our terms to go on.</body></html>';
/** One write of a throttled answer. */
const PIECE_MS = 20;
const DRIBBLE_MS = 1_000;

/** What is remembered of single questions. */
const ASKED_KEPT_MAX = 10_000;

export class FaultProxy {
  /** The latest. */
  readonly asked: ProxiedQuestion[] = [];
  #requests = 0;
  #music = 0;
  #spoilt = 0;
  /** Asked at each question, numbered from 0; replaceable at any time. */
  fault: (number: number, path: string) => ProxyFault = () => ({ kind: 'none' });
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #spoiler = new AnswerSpoiler();

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((asked, answer) => {
      // Whoever asked has gone, or the server behind has: either way nobody waits for more.
      this.#pass(asked, answer).catch(() => answer.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** @param target base URL of the server that is passed on to */
  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(target));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get counts(): QuestionCounts {
    return { requests: this.#requests, music: this.#music, spoilt: this.#spoilt };
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const path = asked.url ?? '/';
    const fault = this.fault(this.#requests, path);
    this.#requests += 1;
    if (MUSIC_PATH.test(path)) this.#music += 1;
    if (fault.kind !== 'none') this.#spoilt += 1;
    const { range } = asked.headers;
    const question = { path, range, atMs: performance.now(), fault: fault.kind, sentBytes: 0 };
    this.asked.push(question);
    if (this.asked.length > ASKED_KEPT_MAX) this.asked.shift();
    if (fault.kind === 'refuses') {
      answer.socket?.resetAndDestroy();
      return;
    }
    if (fault.kind === 'stalls' && fault.afterShare === 0) return;
    if (fault.kind === 'delays') await sleep(fault.byMs);
    if (fault.kind === 'is a portal') {
      answer.writeHead(200, { 'content-type': 'text/html' }).end(PORTAL);
      return;
    }
    if (fault.kind === 'says') {
      const retryAfter =
        fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
      answer.writeHead(fault.status, { 'content-type': 'text/html', ...retryAfter }).end(PORTAL);
      return;
    }
    const target = { host: this.#target.hostname, port: this.#target.port };
    const right = await askUpstream(asked, target);
    const isMusic = right.status === 200 || right.status === 206;
    const askFor = (other: string) => askUpstream(asked, target, { ...asked.headers, range: other });
    const body =
      isLie(fault) && isMusic ? await this.#spoiler.spoil(fault.kind, asked, right.body, askFor) : right.body;
    answer.writeHead(...headOf(right, fault));
    await sendBody(answer, body, fault, question);
  }
}

function headOf({ status, headers }: WholeAnswer, { kind }: ProxyFault): [number, IncomingMessage['headers']] {
  if (kind === 'says 200 for 206' && status === 206) {
    const { 'content-range': _, ...others } = headers;
    return [200, others];
  }
  const range = headers['content-range'];
  if (kind !== 'says another range' || range === undefined) return [status, headers];
  return [
    status,
    { ...headers, 'content-range': range.replace(/^bytes (\d+)/, (_, from) => `bytes ${Number(from) + 1}`) },
  ];
}

/** Until all of it is sent, or as much as the fault lets through. */
async function sendBody(
  answer: ServerResponse,
  body: Buffer,
  fault: ProxyFault,
  question: ProxiedQuestion,
): Promise<void> {
  const send = (piece: Buffer): void => {
    question.sentBytes += piece.length;
    answer.write(piece);
  };
  switch (fault.kind) {
    case 'resets':
      send(body.subarray(0, fault.afterBytes));
      // What was written must have left before the reset overtakes it.
      await sleep(PIECE_MS);
      answer.socket?.resetAndDestroy();
      return;
    case 'truncates':
      question.sentBytes += body.length >> 1;
      answer.write(body.subarray(0, body.length >> 1), () => answer.destroy());
      return;
    case 'stalls':
      send(body.subarray(0, Math.floor(body.length * fault.afterShare)));
      return;
    case 'throttles':
    case 'dribbles': {
      const everyMs = fault.kind === 'dribbles' ? DRIBBLE_MS : PIECE_MS;
      const size = fault.kind === 'dribbles' ? 1 : Math.ceil((fault.bytesPerSecond * PIECE_MS) / 1_000);
      for (let at = 0; at < body.length && !answer.destroyed; at += size) {
        send(body.subarray(at, at + size));
        await sleep(everyMs);
      }
      answer.end();
      return;
    }
    default:
      question.sentBytes += body.length;
      answer.end(body);
  }
}

function isLie(fault: ProxyFault): fault is { readonly kind: Lie } {
  return LIES.some((lie) => lie === fault.kind);
}
