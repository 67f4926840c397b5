/**
 * What clients of the Web API ask for around the catalogue: what is saved, and playlists. In a house everything that is in
 * the library is saved, newest first, and there are no playlists: an empty page says so, and 404 whoever names one.
 */
import type { FastifyInstance } from 'fastify';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import { type MusicUri, parseMusicUri } from '#bridge/core/views/music-uri';
import { viewSavedAlbum, viewSavedTrack } from '#bridge/core/views/web-api-catalogue';
import { viewPage } from '#bridge/core/views/web-api-page';
import { TonearmError } from '#protocol/vocabulary/errors';
import { albumId, trackId } from '#protocol/vocabulary/ids';
import { idsIn, idsQuery, pageQuery, playlistParams, urisQuery } from './catalogue-inputs.ts';
import { baseUrlOf, paramsOf, queryOf } from './request-parts.ts';

const NEWEST_FIRST = { sort: 'added', genre: null } as const;
const LIBRARY_SCOPES = { config: { scopes: ['user-library-read'] } } as const;
const PLAYLIST_SCOPES = { config: { scopes: ['playlist-read-private'] } } as const;

export function addSavedRoutes(app: FastifyInstance, { catalogue }: { readonly catalogue: CatalogueReader }): void {
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
  addContains(app, catalogue);
  addPlaylists(app);
}

/** By addresses, and by ids of one kind as older clients ask. */
function addContains(app: FastifyInstance, catalogue: CatalogueReader): void {
  const areThere = (uris: readonly (MusicUri | null)[]) =>
    Promise.all(uris.map((uri) => (uri === null ? false : isThere(catalogue, uri))));
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

async function isThere(catalogue: CatalogueReader, uri: MusicUri): Promise<boolean> {
  switch (uri.kind) {
    case 'track':
      return (await catalogue.track(uri.id)).ok;
    case 'album':
      return (await catalogue.album(uri.id)).ok;
    case 'artist':
      return (await catalogue.artist(uri.id)).ok;
    default:
      return true;
  }
}

function addPlaylists(app: FastifyInstance): void {
  app.get('/v1/me/playlists', PLAYLIST_SCOPES, async (request) =>
    viewPage(`${baseUrlOf(request)}/v1/me/playlists`, { items: [], total: 0 }, queryOf(pageQuery, request)),
  );
  // The items had another name until 2026.
  for (const path of ['/v1/playlists/:id', '/v1/playlists/:id/items', '/v1/playlists/:id/tracks']) {
    app.get(path, PLAYLIST_SCOPES, async (request) => {
      paramsOf(playlistParams, request);
      throw new TonearmError('catalogue.not-found', 'there is no such playlist');
    });
  }
}
