/**
 * A WebSocket of the `ws` package as a `TransportLink`, dialled or accepted alike.
 *
 * It keeps the promises that a raw socket does not: messages that arrive in the turn of the handshake wait for a
 * listener, `closed` comes exactly once, and a peer that reads too slowly makes `send` say no instead of memory grow.
 */
import type { RawData, WebSocket } from 'ws';
import { CLOSE_CODES, type CloseCode, type TransportLink, type TransportListener } from '#protocol/ports/transport';
import { MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';

/** Bytes that may wait in one socket: 16 of the largest messages. More, and the reader is slower than its news. */
export const SEND_QUEUE_BYTES_MAX = 16 * MESSAGE_LENGTH_MAX;
/** Messages held for a listener that has not been set yet; by the port's contract it comes in the same turn. */
const EARLY_MESSAGES_MAX = 64;
/** Messages that may still come when a link is closing, since they were on their way; with more it is a flood, and cut. */
const LATE_MESSAGES_MAX = 64;
/** How long a peer may take to answer a close before the socket is cut. */
export const CLOSE_TIMEOUT_MS = 2_000;
/** Frames of one message. Nobody of ours sends more than one; proxies may cut one in a few. */
const FRAGMENTS_MAX = 16;
/** Pieces in which one frame arrives: of 64 kB, even 64 bytes at a time are fewer. */
const CHUNKS_MAX = 1_024;
/** Pings of one peer: proxies and clients of other makes send one in tens of seconds. */
const PINGS_PER_SECOND_MAX = 10;
const MS_PER_SECOND = 1_000;
/** A close frame holds 125 bytes, two of them the code (RFC 6455 section 5.5). */
const CLOSE_REASON_BYTES_MAX = 123;

/**
 * What both ends give `ws`. No compression: messages are small, and its memory (about 300 kB a socket) is not.
 * `maxPayload` makes `ws` itself close with 1009 before a larger message has been held.
 */
export const WS_SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: MESSAGE_LENGTH_MAX,
  closeTimeout: CLOSE_TIMEOUT_MS,
  maxFragments: FRAGMENTS_MAX,
  maxBufferedChunks: CHUNKS_MAX,
  // Answered here, with a bound: whoever floods with pings and reads no answers would fill our memory.
  autoPong: false,
} as const;

const WS_OPEN = 1;
const TOO_LARGE_CODES = new Set(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'WS_ERR_TOO_MANY_BUFFERED_PARTS']);

type Event =
  | { readonly kind: 'received'; readonly text: string }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };

/**
 * Takes the socket over: nobody else may listen to it or send on it.
 * @param socket open, and given in the turn in which it opened
 */
export function createWsLink(socket: WebSocket): TransportLink {
  return new WsLink(socket);
}

const LINK = Symbol('link');
type LinkedSocket = WebSocket & { [LINK]?: WsLink };

/** A class, and listeners that all sockets share: ten thousand idle links hold no closures of their own. */
class WsLink implements TransportLink {
  readonly #socket: WebSocket;
  #listener: TransportListener | null = null;
  #isClosing = false;
  /** How it ended, where we know better than the close event does, which says 1006 for whatever was not answered. */
  #ending: { readonly code: CloseCode; readonly reason: string } | null = null;
  #waiting: Event[] | null = null;
  #pings = 0;
  #pingsSecond = 0;
  #lateMessages = 0;

  constructor(socket: LinkedSocket) {
    this.#socket = socket;
    socket[LINK] = this;
    socket.on('message', whenMessage);
    // After an error `ws` closes by itself; without a listener here it would end the process.
    socket.on('error', whenError);
    socket.on('close', whenClosed);
    socket.on('ping', whenPinged);
  }

  send(text: string): boolean {
    const socket = this.#socket;
    if (this.#isClosing || socket.readyState !== WS_OPEN) return false;
    if (socket.bufferedAmount + text.length > SEND_QUEUE_BYTES_MAX) return false;
    socket.send(text);
    return true;
  }

  queuedBytes(): number {
    return this.#socket.readyState === WS_OPEN ? this.#socket.bufferedAmount : 0;
  }

  close(code: CloseCode, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#ending = { code, reason };
    this.#socket.close(code, fitReason(reason));
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    // Not inside the caller's call: it may not be ready for an answer before `listen` has returned.
    if (this.#waiting !== null) queueMicrotask(() => this.#deliver());
  }

  received(data: RawData, isBinary: boolean): void {
    if (this.#isClosing) {
      this.#lateMessages += 1;
      if (this.#lateMessages > LATE_MESSAGES_MAX) this.#socket.terminate();
    } else if (isBinary) {
      this.close(CLOSE_CODES.invalidMessage, 'binary message; messages are text');
    } else if (this.#listener !== null && this.#waiting === null) {
      this.#listener.received(textOf(data));
    } else if (this.#listener === null && (this.#waiting?.length ?? 0) >= EARLY_MESSAGES_MAX) {
      this.close(CLOSE_CODES.internal, 'nobody listens to this link');
    } else {
      this.#wait({ kind: 'received', text: textOf(data) });
    }
  }

  pinged(data: Buffer): void {
    if (this.#isClosing) return;
    const second = Math.floor(performance.now() / MS_PER_SECOND);
    this.#pings = second === this.#pingsSecond ? this.#pings + 1 : 1;
    this.#pingsSecond = second;
    if (this.#pings <= PINGS_PER_SECOND_MAX) {
      this.#socket.pong(data);
      return;
    }
    // Cut, not closed: a flood would go on for as long as we wait for its answer to a close.
    this.#ending = { code: CLOSE_CODES.tryLater, reason: `more than ${PINGS_PER_SECOND_MAX} pings a second` };
    this.#isClosing = true;
    this.#socket.terminate();
  }

  failed(error: NodeJS.ErrnoException): void {
    if (!TOO_LARGE_CODES.has(error.code ?? '')) return;
    this.#ending ??= { code: CLOSE_CODES.tooLarge, reason: `a message of more than ${MESSAGE_LENGTH_MAX} bytes` };
    // `ws` would go on to read what follows, to throw it away. It says so to the socket before the next microtask.
    queueMicrotask(() => this.#socket.pause());
  }

  closed(code: number, reason: Buffer): void {
    this.#isClosing = true;
    this.#wait({ kind: 'closed', ...(this.#ending ?? { code, reason: reason.toString('utf8') }) });
    this.#deliver();
  }

  #wait(event: Event): void {
    this.#waiting ??= [];
    this.#waiting.push(event);
  }

  #deliver(): void {
    const listener = this.#listener;
    if (listener === null) return;
    for (let event = this.#waiting?.shift(); event !== undefined; event = this.#waiting?.shift()) {
      if (event.kind === 'closed') listener.closed(event.code, event.reason);
      else if (!this.#isClosing) listener.received(event.text);
    }
    this.#waiting = null;
  }
}

function whenMessage(this: LinkedSocket, data: RawData, isBinary: boolean): void {
  this[LINK]?.received(data, isBinary);
}

function whenError(this: LinkedSocket, error: NodeJS.ErrnoException): void {
  this[LINK]?.failed(error);
}

function whenPinged(this: LinkedSocket, data: Buffer): void {
  this[LINK]?.pinged(data);
}

function whenClosed(this: LinkedSocket, code: number, reason: Buffer): void {
  this[LINK]?.closed(code, reason);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString('utf8');
}

function fitReason(reason: string): string {
  if (Buffer.byteLength(reason) <= CLOSE_REASON_BYTES_MAX) return reason;
  // Four bytes are the longest character; a cut one decodes to a replacement mark of three.
  return Buffer.from(reason)
    .subarray(0, CLOSE_REASON_BYTES_MAX - 4)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
}
