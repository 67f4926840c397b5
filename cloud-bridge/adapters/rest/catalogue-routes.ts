/** The neighbours that make Web-API clients useful: who am I, search, tracks, albums, artists. */
import type { FastifyInstance } from 'fastify';
import type { Caller } from '#bridge/core/ports/callers';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { PlaylistReader } from '#bridge/core/ports/playlists';
import { findPlaylists } from '#bridge/core/services/catalogue/find-playlists';
import { viewAlbum, viewArtist, viewTrack } from '#bridge/core/views/web-api-catalogue';
import { sliceOf, viewPage } from '#bridge/core/views/web-api-page';
import { viewPlaylist } from '#bridge/core/views/web-api-playlist';
import { albumId, artistId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { callerOf } from './callers.ts';
import {
  albumParams,
  artistParams,
  idsIn,
  idsQuery,
  isSearchKind,
  pageQuery,
  searchQuery,
  trackParams,
} from './catalogue-inputs.ts';
import { WEB_API_ITEMS_MAX } from './http-limits.ts';
import { baseUrlOf, paramsOf, queryOf, unwrap } from './request-parts.ts';

/** As many as the Web API tells. */
const TOP_TRACKS_MAX = 10;

export interface CatalogueRoutesPorts {
  readonly catalogue: CatalogueReader;
  readonly playlists: PlaylistReader;
}

export function addCatalogueRoutes(app: FastifyInstance, ports: CatalogueRoutesPorts): void {
  app.get('/v1/me', { config: { scopes: ['user-read-private'] } }, async (request) =>
    viewMe(baseUrlOf(request), callerOf(request)),
  );
  addSearch(app, ports);
  addTracks(app, ports.catalogue);
  addAlbums(app, ports.catalogue);
  addArtists(app, ports.catalogue);
}

function viewMe(base: string, { accountId, name }: Caller) {
  return {
    display_name: name,
    external_urls: {},
    followers: { href: null, total: 0 },
    href: `${base}/v1/me`,
    id: accountId,
    images: [],
    product: 'premium',
    type: 'user',
    uri: `tonearm:user:${accountId}`,
  };
}

function addSearch(app: FastifyInstance, { catalogue, playlists }: CatalogueRoutesPorts): void {
  app.get('/v1/search', async (request) => {
    const { q, type, limit, offset } = queryOf(searchQuery, request);
    const base = baseUrlOf(request);
    const page = { limit, offset };
    const found = await catalogue.search(q, page);
    const urlOf = (kind: string) => `${base}/v1/search?q=${encodeURIComponent(q)}&type=${kind}`;
    const { tracks, albums, artists } = found;
    const lists = type.includes('playlist') ? findPlaylists(await playlists.playlists(), q) : [];
    const pages = {
      track: { tracks: mapPage(tracks, (it) => viewTrack(base, it)) },
      album: { albums: mapPage(albums, (it) => viewAlbum(base, it)) },
      artist: { artists: mapPage(artists, (it) => viewArtist(base, it)) },
      playlist: { playlists: mapPage(sliceOf(lists, page), (it) => viewPlaylist(base, it)) },
    };
    const shown = type
      .split(',')
      .flatMap((kind) =>
        Object.entries(isSearchKind(kind) ? pages[kind] : { [`${kind}s`]: NOTHING }).map(([name, items]) => [
          name,
          viewPage(urlOf(kind), items, page),
        ]),
      );
    return Object.fromEntries(shown);
  });
}

function addTracks(app: FastifyInstance, catalogue: CatalogueReader): void {
  app.get('/v1/tracks', async (request) => {
    const ids = idsIn(queryOf(idsQuery, request).ids).map((id): TrackId => trackId(id));
    const found = new Map((await catalogue.tracks([...new Set(ids)])).map((track) => [track.id, track]));
    const base = baseUrlOf(request);
    const show = (id: TrackId) => {
      const track = found.get(id);
      return track === undefined ? null : viewTrack(base, track);
    };
    return { tracks: ids.map(show) };
  });
  app.get('/v1/tracks/:id', async (request) => {
    const { id } = paramsOf(trackParams, request);
    return viewTrack(baseUrlOf(request), unwrap(await catalogue.track(id)));
  });
}

function addAlbums(app: FastifyInstance, catalogue: CatalogueReader): void {
  const tracksPage = async (id: Parameters<CatalogueReader['albumTracks']>[0], base: string, page: PageQuery) => {
    const tracks = unwrap(await catalogue.albumTracks(id));
    const shown = mapPage(sliceOf(tracks, page), (track) => viewTrack(base, track));
    return viewPage(`${base}/v1/albums/${id}/tracks`, shown, page);
  };
  app.get('/v1/albums', async (request) => {
    const base = baseUrlOf(request);
    const ids = idsIn(queryOf(idsQuery, request).ids);
    const found = await Promise.all(ids.map((id) => catalogue.album(albumId(id))));
    return { albums: found.map((album) => (album.ok ? viewAlbum(base, album.value) : null)) };
  });
  app.get('/v1/albums/:id', async (request) => {
    const { id } = paramsOf(albumParams, request);
    const base = baseUrlOf(request);
    const album = unwrap(await catalogue.album(id));
    return { ...viewAlbum(base, album), tracks: await tracksPage(id, base, { offset: 0, limit: WEB_API_ITEMS_MAX }) };
  });
  app.get('/v1/albums/:id/tracks', async (request) => {
    const { id } = paramsOf(albumParams, request);
    return tracksPage(id, baseUrlOf(request), queryOf(pageQuery, request));
  });
}

function addArtists(app: FastifyInstance, catalogue: CatalogueReader): void {
  app.get('/v1/artists', async (request) => {
    const base = baseUrlOf(request);
    const ids = idsIn(queryOf(idsQuery, request).ids);
    const found = await Promise.all(ids.map((id) => catalogue.artist(artistId(id))));
    return { artists: found.map((artist) => (artist.ok ? viewArtist(base, artist.value) : null)) };
  });
  app.get('/v1/artists/:id/top-tracks', async (request) => {
    const base = baseUrlOf(request);
    // Nobody counts what is played most, so these are the first of the oldest album.
    const tracks = unwrap(await catalogue.artistTracks(paramsOf(artistParams, request).id));
    return { tracks: tracks.slice(0, TOP_TRACKS_MAX).map((track) => viewTrack(base, track)) };
  });
  app.get('/v1/artists/:id', async (request) => {
    const { id } = paramsOf(artistParams, request);
    return viewArtist(baseUrlOf(request), unwrap(await catalogue.artist(id)));
  });
  app.get('/v1/artists/:id/albums', async (request) => {
    const { id } = paramsOf(artistParams, request);
    const page = queryOf(pageQuery, request);
    const base = baseUrlOf(request);
    const albums = unwrap(await catalogue.artistAlbums(id, page));
    return viewPage(
      `${base}/v1/artists/${id}/albums`,
      mapPage(albums, (album) => viewAlbum(base, album)),
      page,
    );
  });
}

/** Of a kind that there is none of here. */
const NOTHING = { items: [], total: 0 };

type PageQuery = { readonly offset: number; readonly limit: number };

function mapPage<From, To>(
  page: { readonly items: readonly From[]; readonly total: number },
  view: (item: From) => To,
): { readonly items: readonly To[]; readonly total: number } {
  return { items: page.items.map(view), total: page.total };
}
