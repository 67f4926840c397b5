/**
 * What speakers fetch: manifests, and ranges of sealed files. The bytes flow from the store to the socket at the
 * reader's pace: nothing is read before the socket has taken what came before, and who takes nothing for
 * `stalledAfter` is cut.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod/mini';
import { type ByteRange, chooseByteRange } from '#bridge/core/perimeter/byte-range';
import type { ContentReader, ManifestService } from '#bridge/core/ports/content';
import type { FileId } from '#protocol/vocabulary/ids';
import { bytes, type Ms } from '#protocol/vocabulary/units';
import { fileIdSchema, trackIdSchema } from '#protocol/wire/schema';
import { FILE_PATH, MANIFEST_PATH } from '#protocol/wire/versions';
import { paramsOf, unwrap } from './request-parts.ts';

const manifestParams = z.object({ trackId: trackIdSchema });
const fileParams = z.object({ fileId: fileIdSchema });
/** The name is the content's hash: what it names cannot change. */
const FILE_CACHE = 'public, max-age=31536000, immutable';
const BEARER = /^Bearer ([\x21-\x7e]{1,2000})$/i;

export interface ContentRoutesPorts {
  readonly manifests: ManifestService;
  readonly content: ContentReader;
}

export interface ContentRoutesOptions {
  /** A reader that takes nothing for this long is cut. */
  readonly stalledAfter: Ms;
}

export function addContentRoutes(app: FastifyInstance, ports: ContentRoutesPorts, options: ContentRoutesOptions): void {
  app.get(`${MANIFEST_PATH}/:trackId`, async (request, reply) => {
    const { trackId } = paramsOf(manifestParams, request);
    const manifest = unwrap(await ports.manifests.manifestFor(trackId));
    // It holds a key and a token, each good for a while only.
    return reply.header('cache-control', 'no-store').send(manifest);
  });
  app.route({
    method: ['GET', 'HEAD'],
    url: `${FILE_PATH}/:fileId`,
    handler: (request, reply) => sendFile(request, reply, ports.content, options),
  });
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  content: ContentReader,
  options: ContentRoutesOptions,
): Promise<FastifyReply> {
  const { fileId } = paramsOf(fileParams, request);
  const stored = unwrap(await content.open(fileId, bearerOf(request)));
  const chosen = chooseByteRange(rangeOf(request, fileId), stored.sizeBytes);
  if (!chosen.ok) {
    reply.header('content-range', `bytes */${stored.sizeBytes}`);
    throw chosen.error;
  }
  const range = chosen.value;
  describeFile(reply, fileId, range, stored.sizeBytes);
  if (request.method === 'HEAD') return reply.send();
  // Without a listener Node destroys the socket of a response that has timed out, which is what is wanted.
  reply.raw.setTimeout(options.stalledAfter);
  return reply.send(Readable.from(stored.read(bytes(range.offset), bytes(range.length)), { objectMode: false }));
}

function describeFile(reply: FastifyReply, fileId: FileId, range: ByteRange, sizeBytes: number): void {
  const { offset, length, isPart } = range;
  reply
    .code(isPart ? 206 : 200)
    .header('content-type', 'application/octet-stream')
    .header('content-length', length)
    .header('accept-ranges', 'bytes')
    .header('etag', etagOf(fileId))
    .header('cache-control', FILE_CACHE);
  if (isPart) reply.header('content-range', `bytes ${offset}-${offset + length - 1}/${sizeBytes}`);
}

/** A range that is to hold only for another version of the file is none: the whole is sent (RFC 9110 section 13.1.5). */
function rangeOf(request: FastifyRequest, fileId: FileId): string | undefined {
  const condition = request.headers['if-range'];
  return condition === undefined || condition === etagOf(fileId) ? request.headers.range : undefined;
}

function etagOf(fileId: FileId): string {
  return `"${fileId}"`;
}

function bearerOf(request: FastifyRequest): string {
  return BEARER.exec(request.headers.authorization ?? '')?.[1] ?? '';
}
