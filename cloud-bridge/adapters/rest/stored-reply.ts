/**
 * Stored bytes as an answer, whole or by range (RFC 9110 section 14): at the reader's pace, and who takes nothing for a while
 * is cut. Who may have them, and for how long they may be kept, is the caller's to say.
 */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { type ByteRange, chooseByteRange } from '#bridge/core/perimeter/byte-range';
import type { Ms } from '#protocol/vocabulary/units';

/** @param header `Range`, where there is one that holds @throws TonearmError `content.range-refused`, with the size told */
export function describeRange(reply: FastifyReply, header: string | undefined, sizeBytes: number): ByteRange {
  const chosen = chooseByteRange(header, sizeBytes);
  if (!chosen.ok) {
    reply.header('content-range', `bytes */${sizeBytes}`);
    throw chosen.error;
  }
  const { offset, length, isPart } = chosen.value;
  reply
    .code(isPart ? 206 : 200)
    .header('content-type', 'application/octet-stream')
    .header('content-length', length)
    .header('accept-ranges', 'bytes');
  if (isPart) reply.header('content-range', `bytes ${offset}-${offset + length - 1}/${sizeBytes}`);
  return chosen.value;
}

/** Nothing is read before the socket has taken what came before. */
export function sendPieces(reply: FastifyReply, pieces: AsyncIterable<Uint8Array>, stalledAfter: Ms): FastifyReply {
  // Without a listener Node destroys the socket of a response that has timed out, which is what is wanted.
  reply.raw.setTimeout(stalledAfter);
  return reply.send(Readable.from(pieces, { objectMode: false }));
}
