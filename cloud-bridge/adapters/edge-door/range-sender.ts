/**
 * Writes ranges of files and whole heads to their readers. What is in memory and short is one write without a copy; what
 * is long or has to be fetched goes piece by piece, at the reader's pace, and holds no slice while it waits.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ByteRange, chooseByteRange } from '#bridge/core/perimeter/byte-range';
import type { EdgeContent } from '#bridge/core/services/edge/edge-content';
import type { EdgeCounts } from '#bridge/core/services/edge/edge-counts';
import type { EdgeHeads } from '#bridge/core/services/edge/edge-heads';
import { partOfSlice, planSlices, type SliceSpan } from '#bridge/core/services/edge/slice-plan';
import type { WaitingReader, WaitingReaders } from '#bridge/core/services/edge/waiting-readers';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Bytes } from '#protocol/vocabulary/units';
import { AT_ONCE_BYTES_MAX, CROWDED_PIECE_BYTES, PIECE_BYTES } from './edge-limits.ts';
import { PiecePool } from './piece-pool.ts';

/** The name is the content's hash: what it names cannot change. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';
/** A slice that nothing is known of is asked for by the number in its range, if it has one. */
const RANGE_START = /^bytes=(\d{1,15})-/;

export interface RangeSenderPorts {
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly content: EdgeContent;
  readonly heads: EdgeHeads;
  readonly readers: WaitingReaders;
  readonly counts: EdgeCounts;
}

/** What became of a piece. */
type Written = 'taken' | 'gone';

/** A slice while pieces are cut from it: an object, since a function that waits keeps what its variables name. */
interface Hand {
  slice: Uint8Array | null;
}

/** One answer on its way. */
interface Sending {
  readonly response: ServerResponse;
  readonly fileId: FileId;
  readonly range: ByteRange;
  readonly span: SliceSpan;
  readonly authorization: string;
}

export class RangeSender {
  readonly #ports: RangeSenderPorts;
  readonly #pieces = new PiecePool(PIECE_BYTES);
  readonly #smallPieces = new PiecePool(CROWDED_PIECE_BYTES);

  constructor(ports: RangeSenderPorts) {
    this.#ports = ports;
  }

  /** The token has been checked. @throws TonearmError for what is to be answered instead */
  async sendFile(request: IncomingMessage, response: ServerResponse, fileId: FileId): Promise<void> {
    const { content, counts } = this.#ports;
    const authorization = request.headers.authorization ?? '';
    const etag = `"${fileId}"`;
    const condition = request.headers['if-range'];
    const header = condition === undefined || condition === etag ? request.headers.range : undefined;
    const known = content.knownSize(fileId);
    const size = known ?? (await this.#askSize(fileId, header, authorization));
    const chosen = chooseByteRange(header, size);
    if (!chosen.ok) {
      response.setHeader('content-range', `bytes */${size}`);
      throw chosen.error;
    }
    const range = chosen.value;
    const status = range.isPart ? 206 : 200;
    counts.answered(status);
    const headers = [...describe(etag, range.length)];
    if (range.isPart) headers.push('content-range', `bytes ${range.offset}-${range.offset + range.length - 1}/${size}`);
    if (request.method === 'HEAD') {
      response.writeHead(status, headers).end();
      return;
    }
    const span = planSlices(range, content.sliceBytes);
    const sending = { response, fileId, range, span, authorization };
    if (known !== null && this.#isAllHere(sending)) counts.hits += 1;
    else counts.misses += 1;
    const parts = this.#partsInMemory(sending);
    if (parts !== null) {
      response.writeHead(status, headers);
      this.#sendAtOnce(response, parts);
    } else await this.#sendInPieces(sending, () => response.writeHead(status, headers));
    content.follow(fileId, span.last, authorization);
  }

  /** A head comes whole, whatever range is asked for. */
  async sendHead(request: IncomingMessage, response: ServerResponse, fileId: FileId): Promise<void> {
    const head = await this.#ports.heads.head(fileId, request.headers.authorization ?? '');
    if (!head.ok) throw head.error;
    this.#ports.counts.answered(200);
    response.writeHead(200, describe(`"${fileId}-head"`, head.value.length));
    if (request.method === 'HEAD') response.end();
    else this.#sendAtOnce(response, [head.value]);
  }

  async #askSize(fileId: FileId, header: string | undefined, authorization: string): Promise<Bytes> {
    const { content } = this.#ports;
    const start = Number(RANGE_START.exec(header ?? '')?.[1] ?? 0);
    const size = await content.size(fileId, Math.floor(start / content.sliceBytes), authorization);
    if (!size.ok) throw size.error;
    return size.value;
  }

  #isAllHere({ fileId, span }: Sending): boolean {
    for (let index = span.first; index <= span.last; index += 1) {
      if (!this.#ports.content.isHere(fileId, index)) return false;
    }
    return true;
  }

  /** Null when it is too long, or not all of it is in memory. */
  #partsInMemory({ fileId, range, span }: Sending): Uint8Array[] | null {
    const { content, readers } = this.#ports;
    if (range.length > AT_ONCE_BYTES_MAX || (readers.isCrowded && range.length > CROWDED_PIECE_BYTES)) return null;
    const parts: Uint8Array[] = [];
    for (let index = span.first; index <= span.last; index += 1) {
      const slice = content.peek(fileId, index);
      if (slice === undefined) return null;
      const { from, to } = partOfSlice(range, index, content.sliceBytes);
      parts.push(slice.data.subarray(from, to));
    }
    return parts;
  }

  #sendAtOnce(response: ServerResponse, parts: readonly Uint8Array[]): void {
    const { counts } = this.#ports;
    const last = parts.length - 1;
    for (const [number, part] of parts.entries()) {
      counts.sentBytes += part.length;
      if (number < last) response.write(part);
      else response.end(part);
    }
    // What the system did not take at once is held until it does.
    if (response.writableLength === 0) return;
    const ended = this.#watch(
      response,
      parts.map((part) => part.buffer),
    );
    for (const event of ['finish', 'close']) response.once(event, ended);
  }

  /** Headers go out with the first piece: until then a failure can still be said. */
  async #sendInPieces(sending: Sending, begin: () => void): Promise<void> {
    const { response, range, span } = sending;
    const { content, counts, readers } = this.#ports;
    let hasBegun = false;
    for (let index = span.first; index <= span.last; index += 1) {
      const { from, to } = partOfSlice(range, index, content.sliceBytes);
      const hand: Hand = { slice: null };
      for (let offset = from; offset < to; ) {
        if (hand.slice === null) await this.#takeInHand(hand, sending, index, to);
        if (!hasBegun) begin();
        hasBegun = true;
        const end = Math.min(to, offset + (readers.isCrowded ? CROWDED_PIECE_BYTES : PIECE_BYTES));
        counts.sentBytes += end - offset;
        if ((await this.#writePiece(response, hand, offset, end)) === 'gone') return;
        offset = end;
      }
    }
    response.end();
  }

  async #takeInHand(hand: Hand, { fileId, authorization }: Sending, index: number, to: number): Promise<void> {
    const slice = await this.#ports.content.slice(fileId, index, authorization);
    if (!slice.ok) throw slice.error;
    if (slice.value.length < to) throw shortOf(fileId);
    hand.slice = slice.value;
  }

  /** Settles when the system has taken the piece, or its reader is gone. Who has to be waited for holds no slice. */
  #writePiece(response: ServerResponse, hand: Hand, offset: number, end: number): Promise<Written> {
    const part = hand.slice?.subarray(offset, end);
    if (response.destroyed || part === undefined) return Promise.resolve('gone');
    const pool = part.length > CROWDED_PIECE_BYTES ? this.#pieces : this.#smallPieces;
    const piece = pool.copyOf(part);
    return new Promise((resolve) => {
      // From the start and not when it is seen to wait: thousands may be written before any is looked at again.
      const ended = this.#watch(response, [piece.buffer]);
      const look = setImmediate(() => {
        hand.slice = null;
      });
      // Told once, also of a connection that was closed meanwhile.
      response.write(piece, (failure) => {
        clearImmediate(look);
        ended();
        pool.giveBack(piece);
        resolve(failure === undefined || failure === null ? 'taken' : 'gone');
      });
    });
  }

  /** Holds a reader to the budget. @returns to be called when it has taken what waits, or is gone */
  #watch(response: ServerResponse, held: readonly ArrayBufferLike[]): () => void {
    const { readers, counts, clock } = this.#ports;
    const reader: WaitingReader = { cut: () => response.destroy() };
    counts.cutReaders += readers.began(reader, held, clock.nowUs() / 1000);
    return () => readers.ended(reader);
  }
}

function describe(etag: string, length: number): string[] {
  return [
    ...['content-type', 'application/octet-stream', 'content-length', String(length)],
    ...['accept-ranges', 'bytes', 'etag', etag, 'cache-control', CACHE_CONTROL],
  ];
}

/** The origin has changed what cannot change. */
function shortOf(fileId: FileId): TonearmError {
  return new TonearmError('content.corrupt', 'a slice is shorter than its object says', { context: { fileId } });
}
