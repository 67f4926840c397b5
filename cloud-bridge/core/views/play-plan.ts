/**
 * What `play` is to play: a context or a list of tracks, and where in it to begin, made into the list of track ids that a
 * speaker takes. Reads the catalogue, decides nothing else.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { PlaylistId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { CONTEXT_TRACKS_MAX } from '#protocol/wire/playback-state';
import { type CatalogueReader, PAGE_ITEMS_MAX, type Track } from '../ports/catalogue.ts';
import type { PlaylistReader } from '../ports/playlists.ts';
import { formatMusicUri, type MusicUri, parseMusicUri } from './music-uri.ts';
import { tracksInOrder } from './tracks-in-order.ts';

/** As a phone wrote it; field names in refusals are the Web API's. */
export interface PlayWish {
  readonly contextUri: string | undefined;
  readonly uris: readonly string[] | undefined;
  readonly offset: { readonly position?: number | undefined; readonly uri?: string | undefined } | undefined;
}

export interface PlayPlan {
  readonly contextUri: string | null;
  readonly trackIds: readonly TrackId[];
  readonly index: number;
}

type PlanCatalogue = Pick<CatalogueReader, 'tracks' | 'albumTracks' | 'artistTracks' | 'allTracks'>;
type PlanPlaylists = Pick<PlaylistReader, 'playlist'>;

/** @param playlists where there are none, none is found */
export async function planPlay(
  catalogue: PlanCatalogue,
  wish: PlayWish,
  playlists?: PlanPlaylists,
): Promise<Result<PlayPlan, TonearmError>> {
  const listed =
    wish.contextUri === undefined
      ? await listUris(catalogue, wish.uris ?? [])
      : await listContext(catalogue, wish.contextUri, playlists);
  if (!listed.ok) return listed;
  const { trackIds, contextUri } = listed.value;
  if (trackIds.length === 0) {
    return refused(new TonearmError('session.nothing-to-play', 'there is nothing to play in it'));
  }
  const index = indexOf(trackIds, wish.offset);
  return index.ok ? ok({ contextUri, trackIds, index: index.value }) : index;
}

type Listed = Result<{ readonly contextUri: string | null; readonly trackIds: readonly TrackId[] }, TonearmError>;

async function listUris(catalogue: Pick<CatalogueReader, 'tracks'>, uris: readonly string[]): Promise<Listed> {
  const ids: TrackId[] = [];
  for (const [place, text] of uris.entries()) {
    const uri = parseMusicUri(text);
    if (uri?.kind !== 'track') return invalid(`uris.${place}`, 'names no track');
    ids.push(uri.id);
  }
  const found = new Set((await catalogue.tracks([...new Set(ids)])).map((track) => track.id));
  const missing = ids.findIndex((id) => !found.has(id));
  if (missing >= 0) return notFound(`uris.${missing}`);
  return ok({ contextUri: null, trackIds: ids });
}

async function listContext(catalogue: PlanCatalogue, text: string, playlists?: PlanPlaylists): Promise<Listed> {
  const uri = parseMusicUri(text);
  if (uri === null) return invalid('context_uri', 'names no album, artist, playlist, track or library');
  const tracks = await tracksOf(catalogue, uri, playlists);
  if (!tracks.ok) return tracks.error.code === 'catalogue.not-found' ? notFound('context_uri') : tracks;
  const trackIds = tracks.value
    .filter((track) => track.availability !== 'unreadable')
    .slice(0, CONTEXT_TRACKS_MAX)
    .map((track) => track.id);
  return ok({ contextUri: formatMusicUri(uri), trackIds });
}

async function tracksOf(
  catalogue: PlanCatalogue,
  uri: MusicUri,
  playlists?: PlanPlaylists,
): Promise<Result<readonly Track[], TonearmError>> {
  switch (uri.kind) {
    case 'album':
      return catalogue.albumTracks(uri.id);
    case 'artist':
      return catalogue.artistTracks(uri.id);
    case 'playlist':
      return playlistTracks(catalogue, uri.id, playlists);
    case 'library':
      return ok(await firstTracks(catalogue));
    default: {
      const found = await catalogue.tracks([uri.id]);
      return found.length === 0 ? notFound('context_uri') : ok(found);
    }
  }
}

async function playlistTracks(
  catalogue: PlanCatalogue,
  id: PlaylistId,
  playlists?: PlanPlaylists,
): Promise<Result<readonly Track[], TonearmError>> {
  const found = await playlists?.playlist(id);
  if (found === undefined) return notFound('context_uri');
  return found.ok ? ok(await tracksInOrder(catalogue, found.value.trackIds)) : found;
}

/** The library's first tracks, as many as a queue holds. */
async function firstTracks(catalogue: Pick<CatalogueReader, 'allTracks'>): Promise<readonly Track[]> {
  const tracks: Track[] = [];
  while (tracks.length < CONTEXT_TRACKS_MAX) {
    const page = await catalogue.allTracks({ offset: tracks.length, limit: PAGE_ITEMS_MAX });
    tracks.push(...page.items);
    if (page.items.length === 0 || tracks.length >= page.total) break;
  }
  return tracks;
}

function indexOf(trackIds: readonly TrackId[], offset: PlayWish['offset']): Result<number, TonearmError> {
  if (offset?.uri !== undefined) {
    const uri = parseMusicUri(offset.uri);
    const index = uri?.kind === 'track' ? trackIds.indexOf(uri.id) : -1;
    return index < 0 ? invalid('offset.uri', 'is not in what is to be played') : ok(index);
  }
  const position = offset?.position ?? 0;
  if (position >= trackIds.length) {
    return invalid('offset.position', `is past the last of ${trackIds.length} tracks`);
  }
  return ok(position);
}

function invalid(field: string, what: string): Result<never, TonearmError> {
  return refused(new TonearmError('input.invalid', `field "${field}" ${what}`, { field }));
}

function notFound(field: string): Result<never, TonearmError> {
  return refused(new TonearmError('catalogue.not-found', `what "${field}" names is not in the library`, { field }));
}
