/** The Web API's playlists, read-only: those that other programs keep beside the music. */
import type { FastifyInstance } from 'fastify';
import type { CatalogueReader, PageRequest } from '#bridge/core/ports/catalogue';
import type { Playlist, PlaylistReader } from '#bridge/core/ports/playlists';
import { tracksInOrder } from '#bridge/core/views/tracks-in-order';
import { sliceOf, viewPage } from '#bridge/core/views/web-api-page';
import { viewPlaylist, viewPlaylistItems } from '#bridge/core/views/web-api-playlist';
import { pageQuery, playlistParams, playlistQuery } from './catalogue-inputs.ts';
import { WEB_API_PLAYLIST_ITEMS_MAX } from './http-limits.ts';
import { baseUrlOf, paramsOf, queryOf, unwrap } from './request-parts.ts';

const SCOPES = { config: { scopes: ['playlist-read-private'] } } as const;

export interface PlaylistRoutesPorts {
  readonly catalogue: Pick<CatalogueReader, 'tracks'>;
  readonly playlists: PlaylistReader;
}

export function addPlaylistRoutes(app: FastifyInstance, { catalogue, playlists }: PlaylistRoutesPorts): void {
  const itemsOf = async (base: string, playlist: Playlist, page: PageRequest) => {
    const { items: ids, total } = sliceOf(playlist.trackIds, page);
    const tracks = { items: await tracksInOrder(catalogue, ids), total };
    return viewPlaylistItems(base, `${base}/v1/playlists/${playlist.id}/items`, tracks, page);
  };
  app.get('/v1/me/playlists', SCOPES, async (request) => {
    const page = queryOf(pageQuery, request);
    const base = baseUrlOf(request);
    const { items, total } = sliceOf(await playlists.playlists(), page);
    return viewPage(`${base}/v1/me/playlists`, { items: items.map((it) => viewPlaylist(base, it)), total }, page);
  });
  app.get('/v1/playlists/:id', SCOPES, async (request) => {
    const playlist = unwrap(await playlists.playlist(paramsOf(playlistParams, request).id));
    const base = baseUrlOf(request);
    const items = await itemsOf(base, playlist, { offset: 0, limit: WEB_API_PLAYLIST_ITEMS_MAX });
    return { ...viewPlaylist(base, playlist), followers: { href: null, total: 0 }, items, tracks: items };
  });
  // The items had another name until 2026.
  for (const path of ['/v1/playlists/:id/items', '/v1/playlists/:id/tracks']) {
    app.get(path, SCOPES, async (request) => {
      const playlist = unwrap(await playlists.playlist(paramsOf(playlistParams, request).id));
      return itemsOf(baseUrlOf(request), playlist, queryOf(playlistQuery, request));
    });
  }
}
