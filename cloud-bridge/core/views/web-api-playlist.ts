/** Playlists in the Web API's JSON. Their items had another name until 2026, and clients of either kind find theirs. Pure. */
import type { Page, PageRequest, Track } from '../ports/catalogue.ts';
import type { Playlist } from '../ports/playlists.ts';
import { viewTrack } from './web-api-catalogue.ts';
import { viewPage } from './web-api-page.ts';

/** Whoever keeps the music keeps the lists. */
const OWNER = {
  display_name: 'House',
  external_urls: {},
  id: 'house',
  type: 'user',
  uri: 'tonearm:user:house',
} as const;

/** As lists of playlists have it: without its tracks. */
export function viewPlaylist(base: string, { id, name, trackIds }: Playlist) {
  const items = { href: `${base}/v1/playlists/${id}/items`, total: trackIds.length };
  return {
    collaborative: false,
    description: '',
    external_urls: {},
    href: `${base}/v1/playlists/${id}`,
    id,
    images: [],
    items,
    name,
    owner: { ...OWNER, href: `${base}/v1/users/${OWNER.id}` },
    primary_color: null,
    public: true,
    snapshot_id: id,
    tracks: items,
    type: 'playlist',
    uri: `tonearm:playlist:${id}`,
  };
}

/** @param url of the items, absolute */
export function viewPlaylistItems(base: string, url: string, tracks: Page<Track>, page: PageRequest) {
  const items = tracks.items.map((track) => {
    const item = viewTrack(base, track);
    return { added_at: null, added_by: null, is_local: false, primary_color: null, item, track: item };
  });
  return viewPage(url, { items, total: tracks.total }, page);
}
