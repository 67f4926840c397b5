/**
 * What speakers fetch: manifests, and ranges of sealed files and heads. The bytes flow from the store to the socket at
 * the reader's pace: nothing is read before the socket has taken what came before, who takes nothing for `stalledAfter`
 * is cut, and when too many are being served the next is sent away for a moment.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod/mini';
import type { ByteRange } from '#bridge/core/perimeter/byte-range';
import type { SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import type { ContentReader, ManifestService, StoredObject } from '#bridge/core/ports/content';
import type { ContentCounts } from '#bridge/core/services/content/content-counts';
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import { bytes, kbps, type Ms } from '#protocol/vocabulary/units';
import { fileIdSchema, trackIdSchema } from '#protocol/wire/schema';
import { AUTHORISE_PATH, FILE_PATH, HEAD_PATH, MANIFEST_PATH } from '#protocol/wire/versions';
import { askingSpeaker, saidSpeakerOf } from './asking-speaker.ts';
import { OVERLOADED_RETRY_AFTER_MAX_S } from './http-limits.ts';
import { manifestText } from './manifest-text.ts';
import { baseUrlOf, digitsSchema, paramsOf, queryOf, unwrap } from './request-parts.ts';
import { describeRange, sendPieces } from './stored-reply.ts';

/** What a connection can be said to carry: 10 Gbit/s. */
const NETWORK_KBPS_MAX = 10_000_000;

export const manifestParams = z.object({ trackId: trackIdSchema });
export const manifestQuery = z.object({
  region: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  networkKbps: z.optional(digitsSchema(1, NETWORK_KBPS_MAX)),
  maxKbps: z.optional(digitsSchema(1, NETWORK_KBPS_MAX)),
});
export const fileParams = z.object({ fileId: fileIdSchema });
/** The name is the content's hash: what it names cannot change. */
const FILE_CACHE = 'public, max-age=31536000, immutable';
const BEARER = /^Bearer ([\x21-\x7e]{1,2000})$/i;
/** Another server's path as it was asked there: this and nothing else, no query, nothing encoded, nothing to resolve. */
const CONTENT_PATH = /^\/content\/v1\/(?:files|heads)\/([0-9a-f]{64})$/;

/**
 * For how long another server may believe a yes: revoked access ends within 5 s. While the bridge cannot be asked it may
 * go on believing it until the token ends by itself.
 */
const AUTHORISED_BELIEVED_S = 2;

export interface ContentRoutesPorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly manifests: ManifestService;
  readonly content: ContentReader;
  readonly counts: ContentCounts;
  readonly random: Pick<Random, 'fraction'>;
  /** Absent: speakers are not asked who they are. */
  readonly gate?: SpeakerGate;
}

export interface ContentRoutesOptions {
  /** A reader that takes nothing for this long is cut. */
  readonly stalledAfter: Ms;
  /** Files and heads sent at once. */
  readonly responsesMax: number;
}

/** @returns how many content responses are under way */
export function addContentRoutes(
  app: FastifyInstance,
  ports: ContentRoutesPorts,
  options: ContentRoutesOptions,
): () => number {
  const sender = new FileSender(ports, options);
  app.get(`${MANIFEST_PATH}/:trackId`, { config: { isPublic: true } }, async (request, reply) => {
    const speakerId = askingSpeaker(ports.gate, request);
    const { trackId } = paramsOf(manifestParams, request);
    const { region, networkKbps, maxKbps } = queryOf(manifestQuery, request);
    const manifest = unwrap(
      await ports.manifests.manifestFor(trackId, {
        speakerId,
        region: region ?? null,
        networkKbps: networkKbps === undefined ? null : kbps(networkKbps),
        maxKbps: maxKbps === undefined ? null : kbps(maxKbps),
        bridgeUrl: baseUrlOf(request),
      }),
    );
    ports.counts.manifestGiven();
    // It holds a key and a token, each good for a while only.
    reply.header('cache-control', 'no-store').header('content-type', 'application/json; charset=utf-8');
    return reply.send(manifestText(manifest));
  });
  for (const kind of ['file', 'head'] as const) {
    app.route({
      method: ['GET', 'HEAD'],
      url: `${kind === 'file' ? FILE_PATH : HEAD_PATH}/:fileId`,
      config: { isPublic: true },
      handler: (request, reply) => sender.send(request, reply, kind),
    });
  }
  app.get(AUTHORISE_PATH, { config: { isPublic: true } }, async (request, reply) => {
    const fileId = CONTENT_PATH.exec(headerOf(request, 'x-original-uri'))?.[1];
    if (fileId === undefined) throw new TonearmError('content.token-refused', 'this token does not open this file now');
    const asked = { fileId: fileId as FileId, token: bearerOf(request), speakerId: saidSpeakerOf(request) };
    const { expiresAtS } = unwrap(await ports.content.authorise(asked));
    const leftS = Math.max(0, Math.floor(expiresAtS - ports.clock.wallMs() / 1000) - AUTHORISED_BELIEVED_S);
    const caching = `max-age=${AUTHORISED_BELIEVED_S}, stale-if-error=${leftS}`;
    return reply.code(204).header('cache-control', caching).send();
  });
  return () => sender.running;
}

class FileSender {
  readonly #ports: ContentRoutesPorts;
  readonly #options: ContentRoutesOptions;
  #running = 0;

  constructor(ports: ContentRoutesPorts, options: ContentRoutesOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  async send(request: FastifyRequest, reply: FastifyReply, kind: 'file' | 'head'): Promise<FastifyReply> {
    const { fileId } = paramsOf(fileParams, request);
    if (this.#running >= this.#options.responsesMax) throw this.#overloaded(reply);
    this.#running += 1;
    reply.raw.once('close', () => {
      this.#running -= 1;
    });
    const stored = unwrap(await this.#open(request, fileId, kind));
    const range = describeRange(reply, rangeOf(request, fileId), stored.sizeBytes);
    reply.header('etag', etagOf(fileId)).header('cache-control', FILE_CACHE);
    if (request.method === 'HEAD') return reply.send();
    return sendPieces(reply, this.#counted(stored, range), this.#options.stalledAfter);
  }

  #open(request: FastifyRequest, fileId: FileId, kind: 'file' | 'head'): Promise<Result<StoredObject, TonearmError>> {
    const asked = { fileId, token: bearerOf(request), speakerId: saidSpeakerOf(request) };
    return kind === 'file' ? this.#ports.content.open(asked) : this.#ports.content.openHead(asked);
  }

  /** Spread, so that those who are sent away together do not come back together. */
  #overloaded(reply: FastifyReply): TonearmError {
    const seconds = 1 + Math.floor(this.#ports.random.fraction() * OVERLOADED_RETRY_AFTER_MAX_S);
    reply.header('retry-after', seconds);
    return new TonearmError('content.overloaded', `too many are being served; try again in ${seconds} s`);
  }

  async *#counted(stored: StoredObject, range: ByteRange): AsyncGenerator<Uint8Array> {
    for await (const piece of stored.read(bytes(range.offset), bytes(range.length))) {
      this.#ports.counts.bytesSent(piece.length);
      yield piece;
    }
  }
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

function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
