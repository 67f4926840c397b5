/**
 * What clients of the Web API ask for around the catalogue: what is saved. In a house everything that is in the library is
 * saved, newest first.
 */
import type { FastifyInstance } from 'fastify';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { PlaylistReader } from '#bridge/core/ports/playlists';
import { type MusicUri, parseMusicUri } from '#bridge/core/views/music-uri';
import { viewSavedAlbum, viewSavedTrack } from '#bridge/core/views/web-api-catalogue';
import { viewPage } from '#bridge/core/views/web-api-page';
import { albumId, trackId } from '#protocol/vocabulary/ids';
import { idsIn, idsQuery, pageQuery, urisQuery } from './catalogue-inputs.ts';
import { baseUrlOf, queryOf } from './request-parts.ts';

const NEWEST_FIRST = { sort: 'added', genre: null } as const;
const LIBRARY_SCOPES = { config: { scopes: ['user-library-read'] } } as const;

export interface SavedRoutesPorts {
  readonly catalogue: CatalogueReader;
  readonly playlists: PlaylistReader;
}

export function addSavedRoutes(app: FastifyInstance, { catalogue, playlists }: SavedRoutesPorts): void {
  app.get('/v1/me/tracks', LIBRARY_SCOPES, async (request) => {
    const page = queryOf(pageQuery, request);
    const base = baseUrlOf(request);
    const { items, total } = await catalogue.allTracks(page, NEWEST_FIRST);
    return viewPage(`${base}/v1/me/tracks`, { items: items.map((track) => viewSavedTrack(base, track)), total }, page);
  });
  app.get('/v1/me/albums', LIBRARY_SCOPES, async (request) => {
    const page = queryOf(pageQuery, request);
    const base = baseUrlOf(request);
    const { items, total } = await catalogue.albums(page, NEWEST_FIRST);
    return viewPage(`${base}/v1/me/albums`, { items: items.map((album) => viewSavedAlbum(base, album)), total }, page);
  });
  addContains(app, { catalogue, playlists });
}

/** By addresses, and by ids of one kind as older clients ask. */
function addContains(app: FastifyInstance, ports: SavedRoutesPorts): void {
  const areThere = (uris: readonly (MusicUri | null)[]) =>
    Promise.all(uris.map((uri) => (uri === null ? false : isThere(ports, uri))));
  app.get('/v1/me/library/contains', LIBRARY_SCOPES, async (request) =>
    areThere(idsIn(queryOf(urisQuery, request).uris).map(parseMusicUri)),
  );
  app.get('/v1/me/tracks/contains', LIBRARY_SCOPES, async (request) =>
    areThere(idsIn(queryOf(idsQuery, request).ids).map((id) => ({ kind: 'track', id: trackId(id) }))),
  );
  app.get('/v1/me/albums/contains', LIBRARY_SCOPES, async (request) =>
    areThere(idsIn(queryOf(idsQuery, request).ids).map((id) => ({ kind: 'album', id: albumId(id) }))),
  );
}

async function isThere({ catalogue, playlists }: SavedRoutesPorts, uri: MusicUri): Promise<boolean> {
  switch (uri.kind) {
    case 'track':
      return (await catalogue.track(uri.id)).ok;
    case 'album':
      return (await catalogue.album(uri.id)).ok;
    case 'playlist':
      return (await playlists.playlist(uri.id)).ok;
    case 'artist':
      return (await catalogue.artist(uri.id)).ok;
    default:
      return true;
  }
}
