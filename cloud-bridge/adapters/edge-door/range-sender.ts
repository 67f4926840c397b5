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
import { type Bytes, bytes } from '#protocol/vocabulary/units';
import { AT_ONCE_BYTES_MAX, PIECE_BYTES } from './edge-limits.ts';

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
    const { content } = this.#ports;
    if (range.length > AT_ONCE_BYTES_MAX) return null;
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
    let held = 0;
    for (const [number, part] of parts.entries()) {
      counts.sentBytes += part.length;
      held += part.buffer.byteLength;
      if (number < last) response.write(part);
      else response.end(part);
    }
    // What the system did not take at once is held until it does.
    if (response.writableLength > 0) this.#watch(response, bytes(held));
  }

  /** Headers go out with the first piece: until then a failure can still be said. */
  async #sendInPieces(sending: Sending, begin: () => void): Promise<void> {
    const { response, fileId, range, span, authorization } = sending;
    const { content, counts } = this.#ports;
    let hasBegun = false;
    for (let index = span.first; index <= span.last; index += 1) {
      const { from, to } = partOfSlice(range, index, content.sliceBytes);
      for (let offset = from; offset < to; ) {
        const slice = await content.slice(fileId, index, authorization);
        if (!slice.ok) throw slice.error;
        if (slice.value.length < to) throw shortOf(fileId);
        if (!hasBegun) begin();
        hasBegun = true;
        // As much of the slice as the reader takes without waiting; while it waits the slice is let go.
        let isTaken = true;
        while (offset < to && isTaken) {
          const end = Math.min(to, offset + PIECE_BYTES);
          isTaken = response.write(Buffer.from(slice.value.subarray(offset, end)));
          counts.sentBytes += end - offset;
          offset = end;
        }
        if (!isTaken && !(await this.#drained(response))) return;
      }
    }
    response.end();
  }

  /** @returns false when the reader is gone */
  #drained(response: ServerResponse): Promise<boolean> {
    if (response.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = () => {
        response.off('drain', finish);
        response.off('close', finish);
        resolve(!response.destroyed);
      };
      response.on('drain', finish);
      response.on('close', finish);
      this.#watch(response, bytes(response.writableLength));
    });
  }

  /** Holds a reader to the budget until it has taken what waits, or is gone. */
  #watch(response: ServerResponse, heldBytes: Bytes): void {
    const { readers, counts, clock } = this.#ports;
    const reader: WaitingReader = { cut: () => response.destroy() };
    const ended = () => {
      readers.ended(reader);
      for (const event of ['drain', 'finish', 'close']) response.off(event, ended);
    };
    for (const event of ['drain', 'finish', 'close']) response.on(event, ended);
    counts.cutReaders += readers.began(reader, heldBytes, clock.nowUs() / 1000);
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
