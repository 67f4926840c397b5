/** The neighbours that make Web-API clients useful: who am I, search, tracks, albums, artists. */
import type { FastifyInstance } from 'fastify';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import { viewAlbum, viewArtist, viewTrack } from '#bridge/core/views/web-api-catalogue';
import { sliceOf, viewPage } from '#bridge/core/views/web-api-page';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { albumParams, artistParams, idsIn, idsQuery, pageQuery, searchQuery, trackParams } from './catalogue-inputs.ts';
import { WEB_API_ITEMS_MAX } from './http-limits.ts';
import { baseUrlOf, paramsOf, queryOf, unwrap } from './request-parts.ts';

export interface CatalogueRoutesOptions {
  /** The bridge's name for people. */
  readonly name: string;
}

export function addCatalogueRoutes(
  app: FastifyInstance,
  ports: { readonly catalogue: CatalogueReader },
  options: CatalogueRoutesOptions,
): void {
  app.get('/v1/me', async (request) => viewMe(baseUrlOf(request), options.name));
  addSearch(app, ports.catalogue);
  addTracks(app, ports.catalogue);
  addAlbums(app, ports.catalogue);
  addArtists(app, ports.catalogue);
}

/** There are no accounts yet: whoever asks is the household. */
function viewMe(base: string, name: string) {
  return {
    display_name: name,
    external_urls: {},
    followers: { href: null, total: 0 },
    href: `${base}/v1/me`,
    id: 'household',
    images: [],
    product: 'premium',
    type: 'user',
    uri: 'tonearm:user:household',
  };
}

function addSearch(app: FastifyInstance, catalogue: CatalogueReader): void {
  app.get('/v1/search', async (request) => {
    const { q, type, limit, offset } = queryOf(searchQuery, request);
    const base = baseUrlOf(request);
    const page = { limit, offset };
    const found = await catalogue.search(q, page);
    const urlOf = (kind: string) => `${base}/v1/search?q=${encodeURIComponent(q)}&type=${kind}`;
    const kinds = type.split(',');
    const { tracks, albums, artists } = found;
    return {
      ...(kinds.includes('track')
        ? {
            tracks: viewPage(
              urlOf('track'),
              mapPage(tracks, (it) => viewTrack(base, it)),
              page,
            ),
          }
        : {}),
      ...(kinds.includes('album')
        ? {
            albums: viewPage(
              urlOf('album'),
              mapPage(albums, (it) => viewAlbum(base, it)),
              page,
            ),
          }
        : {}),
      ...(kinds.includes('artist')
        ? {
            artists: viewPage(
              urlOf('artist'),
              mapPage(artists, (it) => viewArtist(base, it)),
              page,
            ),
          }
        : {}),
    };
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

type PageQuery = { readonly offset: number; readonly limit: number };

function mapPage<From, To>(
  page: { readonly items: readonly From[]; readonly total: number },
  view: (item: From) => To,
): { readonly items: readonly To[]; readonly total: number } {
  return { items: page.items.map(view), total: page.total };
}
