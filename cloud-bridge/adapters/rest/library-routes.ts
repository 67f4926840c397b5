/** What is known of the library beyond the Web API: sorted lists, genres, lyrics, and where and when music may be played. */
import type { FastifyInstance } from 'fastify';
import type { AvailabilityRules, AvailabilityRulesStore } from '#bridge/core/ports/availability-rules';
import type { Album, CatalogueReader, ListOrder, ListSort } from '#bridge/core/ports/catalogue';
import type { LyricsReader } from '#bridge/core/ports/lyrics';
import { summaryOf } from '#bridge/core/relay/track-summaries';
import { TonearmError } from '#protocol/vocabulary/errors';
import {
  availabilityBody,
  libraryAlbumParams,
  libraryPageQuery,
  libraryTrackParams,
  listQuery,
} from './library-inputs.ts';
import { bodyOf, paramsOf, queryOf, unwrap } from './request-parts.ts';

export interface LibraryRoutesPorts {
  readonly catalogue: CatalogueReader;
  readonly lyrics: LyricsReader;
  readonly rules: AvailabilityRulesStore;
}

const LIBRARY = { config: { scopes: ['tonearm-library'] } } as const;

export function addLibraryRoutes(app: FastifyInstance, ports: LibraryRoutesPorts): void {
  const { catalogue, lyrics } = ports;
  app.get('/tonearm/v1/tracks', async (request) => {
    const { sort, genre, ...page } = queryOf(listQuery, request);
    const tracks = await catalogue.allTracks(page, orderOf(sort, genre));
    return { items: tracks.items.map(summaryOf), total: tracks.total, ...page };
  });
  app.get('/tonearm/v1/albums', async (request) => {
    const { sort, genre, ...page } = queryOf(listQuery, request);
    const albums = await catalogue.albums(page, orderOf(sort, genre));
    return { items: albums.items.map(viewAlbumSummary), total: albums.total, ...page };
  });
  app.get('/tonearm/v1/genres', async (request) => {
    const page = queryOf(libraryPageQuery, request);
    const genres = await catalogue.genres(page);
    return { ...genres, ...page };
  });
  app.get('/tonearm/v1/tracks/:id/lyrics', async (request) =>
    unwrap(await lyrics.lyrics(paramsOf(libraryTrackParams, request).id)),
  );
  addAvailability(app, ports.rules);
}

function addAvailability(app: FastifyInstance, rules: AvailabilityRulesStore): void {
  app.get('/tonearm/v1/tracks/:id/availability', async (request) =>
    viewRules(unwrap(await rules.trackRules(paramsOf(libraryTrackParams, request).id))),
  );
  app.put('/tonearm/v1/tracks/:id/availability', LIBRARY, async (request, reply) => {
    const { id } = paramsOf(libraryTrackParams, request);
    unwrap(await rules.setTrackRules(id, rulesOf(bodyOf(availabilityBody, request))));
    return reply.code(204).send();
  });
  app.get('/tonearm/v1/albums/:id/availability', async (request) =>
    viewRules(unwrap(await rules.albumRules(paramsOf(libraryAlbumParams, request).id))),
  );
  app.put('/tonearm/v1/albums/:id/availability', LIBRARY, async (request, reply) => {
    const { id } = paramsOf(libraryAlbumParams, request);
    unwrap(await rules.setAlbumRules(id, rulesOf(bodyOf(availabilityBody, request))));
    return reply.code(204).send();
  });
}

function orderOf(sort: ListSort, genre: string | undefined): ListOrder {
  return { sort, genre: genre ?? null };
}

interface AvailabilityBody {
  readonly countries: readonly string[] | null;
  readonly from: string | null;
  readonly until: string | null;
}

function rulesOf({ countries, from, until }: AvailabilityBody): AvailabilityRules {
  const fromMs = from === null ? null : Date.parse(from);
  const untilMs = until === null ? null : Date.parse(until);
  if (fromMs !== null && untilMs !== null && untilMs <= fromMs) {
    throw new TonearmError('input.invalid', 'body: field "until": not after "from"', { field: 'until' });
  }
  return { countries: countries === null ? null : [...new Set(countries)], fromMs, untilMs };
}

function viewRules({ countries, fromMs, untilMs }: AvailabilityRules): AvailabilityBody {
  const textOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return { countries, from: textOf(fromMs), until: textOf(untilMs) };
}

function viewAlbumSummary(album: Album) {
  return {
    id: album.id,
    uri: `tonearm:album:${album.id}`,
    title: album.title,
    artists: album.artists.map((artist) => artist.name),
    year: album.year,
    trackCount: album.trackCount,
    artPath: album.artPath,
  };
}
