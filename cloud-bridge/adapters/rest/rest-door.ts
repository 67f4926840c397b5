/**
 * The HTTP door: joins the routes, asks the perimeter before anything else, and turns every refusal and failure into one
 * shape of answer. What goes wrong inside never reaches a client but as `internal.bug`, and always reaches the log.
 */
import type { Server } from 'node:http';
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { retryAfterOf, statusOf } from '#bridge/core/perimeter/error-status';
import type { Perimeter } from '#bridge/core/perimeter/perimeter';
import type { SpeakerGate } from '#bridge/core/perimeter/speaker-gate';
import type { CallerCheck } from '#bridge/core/ports/callers';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { ArtReader, ContentReader, ManifestService } from '#bridge/core/ports/content';
import type { HouseMeter } from '#bridge/core/ports/house-meter';
import type { Household } from '#bridge/core/ports/household';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import type { PlaylistReader } from '#bridge/core/ports/playlists';
import type { ReadinessCheck } from '#bridge/core/ports/readiness';
import type { Accounts } from '#bridge/core/services/accounts/accounts';
import type { ContentCounts } from '#bridge/core/services/content/content-counts';
import { type Metric, renderPrometheus } from '#bridge/core/services/content/prometheus-text';
import { viewWebApiError } from '#bridge/core/views/web-api-error';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { Ms } from '#protocol/vocabulary/units';
import {
  AUTHORISE_PATH,
  CONTENT_KEYS_PATH,
  FILE_PATH,
  HEAD_PATH,
  REVOCATIONS_PATH,
  UPDATE_ARTIFACT_PATH,
} from '#protocol/wire/versions';
import { type AccessRoutesPorts, addAccessRoutes } from './access-routes.ts';
import { askWho } from './callers.ts';
import { addCatalogueRoutes } from './catalogue-routes.ts';
import { addCheckRoutes, type CheckRoutesPorts } from './check-routes.ts';
import { createCommandDoor } from './command-door.ts';
import { addContentRoutes } from './content-routes.ts';
import { addEdgeRoutes, type EdgeRoutesPorts } from './edge-routes.ts';
import { addFirmwareRoutes, type FirmwareRoutesPorts } from './firmware-routes.ts';
import { addFlightRoutes, type FlightRoutesPorts } from './flight-routes.ts';
import { addHouseRoutes } from './house-routes.ts';
import {
  BODY_BYTES_MAX,
  CONNECTIONS_MAX,
  CONTENT_RESPONSES_MAX,
  CONTENT_STALLED_AFTER,
  HEADERS_WITHIN_MS,
  LATE_FOUND_WITHIN_MS,
  REQUEST_WITHIN_MS,
} from './http-limits.ts';
import { addLibraryRoutes, type LibraryRoutesPorts } from './library-routes.ts';
import { listenOn } from './listen-on.ts';
import { countContentAnswers } from './metrics-routes.ts';
import { addOauthRoutes } from './oauth-routes.ts';
import { describeRoutes } from './openapi/openapi-routes.ts';
import type { PageFile } from './page-files.ts';
import { addPageRoutes } from './page-routes.ts';
import { addPairingRoutes, type PairingRoutesPorts } from './pairing-routes.ts';
import { addPeopleRoutes } from './people-routes.ts';
import { addPlayerCommands } from './player-routes.ts';
import { addPlayerViews } from './player-views.ts';
import { addPlaylistRoutes } from './playlist-routes.ts';
import { addSavedRoutes } from './saved-routes.ts';
import { addServiceRoutes } from './service-routes.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addSignInRoutes } from './sign-in-routes.ts';
import { addSpeakerRoutes, type SpeakerRoutesPorts } from './speaker-routes.ts';

export interface RestDoorPorts
  extends AccessRoutesPorts,
    EdgeRoutesPorts,
    CheckRoutesPorts,
    FirmwareRoutesPorts,
    FlightRoutesPorts,
    LibraryRoutesPorts,
    PairingRoutesPorts,
    SpeakerRoutesPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly perimeter: Perimeter;
  readonly callers: CallerCheck;
  /** Absent: speakers are not asked who they are. */
  readonly gate?: SpeakerGate;
  readonly accounts: Accounts;
  readonly household: Household;
  readonly catalogue: CatalogueReader;
  readonly playlists: PlaylistReader;
  readonly manifests: ManifestService;
  readonly content: ContentReader;
  readonly art: ArtReader;
  readonly ingest: IngestControl;
  readonly counts: ContentCounts;
  readonly meter?: Pick<HouseMeter, 'pairingRefused'>;
}

export interface RestDoorOptions {
  readonly name: string;
  readonly version: string;
  readonly page: ReadonlyMap<string, PageFile>;
  /** What other parts of the bridge have counted; nothing otherwise. */
  readonly metrics?: () => readonly Metric[];
  /** What the bridge cannot work without; nothing otherwise. */
  readonly readiness?: readonly ReadinessCheck[];
  /** For tests of stalled readers; `CONTENT_STALLED_AFTER` otherwise. */
  readonly stalledAfter?: Ms;
  /** For tests of too many readers; `CONTENT_RESPONSES_MAX` otherwise. */
  readonly contentResponsesMax?: number;
}

export interface RestDoor {
  /** Sockets are accepted on the same server. */
  readonly server: Server;
  readonly app: FastifyInstance;
  /** @returns the port in use; throws `config.port-in-use` or `config.invalid` naming the flag */
  listen(port: number, host: string): Promise<number>;
  /** All figures, for Prometheus. */
  metrics(): string;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export function createRestDoor(ports: RestDoorPorts, options: RestDoorOptions): RestDoor {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_WITHIN_MS,
    http: { headersTimeout: HEADERS_WITHIN_MS, connectionsCheckingInterval: LATE_FOUND_WITHIN_MS },
    forceCloseConnections: true,
    // Clients in use ask for `/v1/search/`.
    routerOptions: { ignoreTrailingSlash: true },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  acceptLenientJson(app);
  guard(app, ports.perimeter);
  askWho(app, ports.callers);
  answerErrors(app, ports);
  describeRoutes(app, options.version);
  const command = createCommandDoor(ports.household, ports.random);
  addPlayerCommands(app, { ...ports, command });
  addPlayerViews(app, { ...ports, command });
  addSessionRoutes(app, { ...ports, command });
  addCatalogueRoutes(app, ports);
  addSavedRoutes(app, ports);
  addPlaylistRoutes(app, ports);
  addHouseRoutes(app, ports, options);
  addLibraryRoutes(app, ports);
  countContentAnswers(app, ports.counts);
  const running = addContentRoutes(app, ports, {
    stalledAfter: options.stalledAfter ?? CONTENT_STALLED_AFTER,
    responsesMax: options.contentResponsesMax ?? CONTENT_RESPONSES_MAX,
  });
  addAccessRoutes(app, ports);
  addOauthRoutes(app, ports, options);
  addSignInRoutes(app, ports);
  addPeopleRoutes(app, ports);
  addPairingRoutes(app, ports);
  addSpeakerRoutes(app, ports);
  addCheckRoutes(app, ports);
  addEdgeRoutes(app, ports);
  addFirmwareRoutes(app, ports);
  addFlightRoutes(app, ports);
  const metrics = () => ports.counts.render(running()) + renderPrometheus(options.metrics?.() ?? []);
  addServiceRoutes(app, { clock: ports.clock, readiness: options.readiness ?? [], metrics }, 'scoped');
  addPageRoutes(app, options.page);
  return {
    app,
    server: app.server,
    metrics,
    listen: (port, host) => listenOn(app, { port, host }, { port: 'port', host: 'host' }),
    close: () => app.close(),
  };
}

/** Clients send JSON under any content type, and empty bodies that claim to be JSON; OAuth's send forms. */
function acceptLenientJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString().trim();
    if (text === '') {
      done(null, undefined);
      return;
    }
    if (FORM.test(request.headers['content-type'] ?? '') && !/^[[{]/.test(text)) {
      const form = new URLSearchParams(text);
      const isPlain = new Set(form.keys()).size === form.size;
      const twice = new TonearmError('input.invalid', 'body: a parameter comes twice', { field: 'body' });
      done(isPlain ? null : twice, isPlain ? Object.fromEntries(form) : undefined);
      return;
    }
    try {
      done(null, JSON.parse(text));
    } catch {
      done(new TonearmError('input.invalid', 'body: not JSON', { field: 'body' }), undefined);
    }
  });
}

/** RFC 6750 section 3: such an answer says how to ask. */
const STATUS_UNAUTHORISED = 401;
const FORM = /^application\/x-www-form-urlencoded\b/i;

/** What edges ask for on behalf of many. */
const CONTENT_PATHS = [FILE_PATH, HEAD_PATH, AUTHORISE_PATH, REVOCATIONS_PATH, CONTENT_KEYS_PATH, UPDATE_ARTIFACT_PATH];

function guard(app: FastifyInstance, perimeter: Perimeter): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    const admitted = perimeter.admit({
      address: request.ip,
      host: request.headers.host,
      origin: request.headers.origin,
      isWrite: request.method !== 'GET' && request.method !== 'HEAD',
      isContent: CONTENT_PATHS.some((path) => request.url.startsWith(path)),
    });
    if (!admitted.ok) throw admitted.error;
  });
}

function answerErrors(app: FastifyInstance, { logger, meter }: Pick<RestDoorPorts, 'logger' | 'meter'>): void {
  app.setErrorHandler(async (thrown: FastifyError | TonearmError | Error, request, reply) => {
    const error = errorOf(thrown);
    const status = statusOf(error);
    if (error.code.startsWith('pairing.')) meter?.pairingRefused(error.code);
    if (error.code === 'internal.bug' || error.code === 'storage.failed') {
      logger.error('rest.failed', { method: request.method, path: pathOf(request), reason: error.message });
    }
    const shown = error.code === 'internal.bug' ? new TonearmError('internal.bug', 'the bridge has failed') : error;
    const retryAfter = retryAfterOf(status);
    if (status === STATUS_UNAUTHORISED) reply.header('www-authenticate', 'Bearer realm="tonearm"');
    if (retryAfter !== null && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter);
    return reply.code(status).send(viewWebApiError(shown, pathOf(request).startsWith('/v1/me/player')));
  });
  app.setNotFoundHandler(async (request) => {
    throw new TonearmError('input.unknown', `there is no ${request.method} ${pathOf(request).slice(0, 200)} here`);
  });
}

/** What the HTTP library refuses by itself, in our words. */
function errorOf(thrown: FastifyError | TonearmError | Error): TonearmError {
  if (thrown instanceof TonearmError) return thrown;
  const status = 'statusCode' in thrown ? thrown.statusCode : undefined;
  if (status === 413) {
    return new TonearmError('input.too-large', `body: more than ${BODY_BYTES_MAX} bytes`, { field: 'body' });
  }
  if (status !== undefined && status >= 400 && status < 500) return new TonearmError('input.invalid', thrown.message);
  return toTonearmError(thrown);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
