/**
 * What the Web API's routes answer, as schemas: for the description that clients read, and for tests that hold the door's
 * answers against them.
 */
import * as z from 'zod/mini';
import {
  albumIdSchema,
  artistIdSchema,
  percentSchema,
  playlistIdSchema,
  speakerIdSchema,
  trackIdSchema,
} from '#protocol/wire/schema';

const whole = z.int().check(z.nonnegative());
const noUrls = z.object({});
const image = z.object({ url: z.string(), width: z.nullable(whole), height: z.nullable(whole) });
const followers = z.object({ href: z.null(), total: whole });

const artistReference = z.object({
  external_urls: noUrls,
  href: z.string(),
  id: artistIdSchema,
  name: z.string(),
  type: z.literal('artist'),
  uri: z.string(),
});

const albumFields = {
  album_type: z.literal('album'),
  artists: z.array(artistReference),
  available_markets: z.array(z.string()),
  external_ids: noUrls,
  external_urls: noUrls,
  href: z.string(),
  id: albumIdSchema,
  images: z.array(image),
  name: z.string(),
  release_date: z.string(),
  release_date_precision: z.literal('year'),
  type: z.literal('album'),
  uri: z.string(),
};

export const trackAnswer = z.object({
  album: z.object(albumFields),
  artists: z.array(artistReference),
  available_markets: z.array(z.string()),
  disc_number: whole,
  duration_ms: whole,
  explicit: z.boolean(),
  external_ids: noUrls,
  external_urls: noUrls,
  href: z.string(),
  id: trackIdSchema,
  is_local: z.boolean(),
  is_playable: z.boolean(),
  name: z.string(),
  popularity: whole,
  preview_url: z.null(),
  track_number: whole,
  type: z.literal('track'),
  uri: z.string(),
});

const fullAlbumFields = { ...albumFields, genres: z.array(z.string()), popularity: whole, total_tracks: whole };
export const albumAnswer = z.object(fullAlbumFields);
export const artistAnswer = z.object({
  ...artistReference.shape,
  followers,
  genres: z.array(z.string()),
  images: z.array(image),
  popularity: whole,
});

/** Clients follow `next` and `previous` as they stand. */
export function pageOf<Item extends z.ZodMiniType>(item: Item) {
  return z.object({
    href: z.string(),
    items: z.array(item),
    limit: whole,
    next: z.nullable(z.string()),
    offset: whole,
    previous: z.nullable(z.string()),
    total: whole,
  });
}

export const trackPageAnswer = pageOf(trackAnswer);
export const albumPageAnswer = pageOf(albumAnswer);
export const artistPageAnswer = pageOf(artistAnswer);
/** Of a kind that there is none of. */
const emptyPageAnswer = pageOf(z.object({}));
const owner = z.object({
  display_name: z.string(),
  external_urls: noUrls,
  href: z.string(),
  id: z.string(),
  type: z.literal('user'),
  uri: z.string(),
});
const itemsReference = z.object({ href: z.string(), total: whole });
const playlistFields = {
  collaborative: z.boolean(),
  description: z.string(),
  external_urls: noUrls,
  href: z.string(),
  id: playlistIdSchema,
  images: z.array(image),
  name: z.string(),
  owner,
  primary_color: z.null(),
  public: z.boolean(),
  snapshot_id: z.string(),
  type: z.literal('playlist'),
  uri: z.string(),
};
const playlistAnswer = z.object({ ...playlistFields, items: itemsReference, tracks: itemsReference });
export const playlistPageAnswer = pageOf(playlistAnswer);
export const playlistItemsAnswer = pageOf(
  z.object({
    added_at: z.null(),
    added_by: z.null(),
    is_local: z.boolean(),
    primary_color: z.null(),
    item: trackAnswer,
    track: trackAnswer,
  }),
);
export const playlistWithItemsAnswer = z.object({
  ...playlistFields,
  followers,
  items: playlistItemsAnswer,
  tracks: playlistItemsAnswer,
});
export const albumWithTracksAnswer = z.object({ ...fullAlbumFields, tracks: trackPageAnswer });
export const tracksAnswer = z.object({ tracks: z.array(z.nullable(trackAnswer)) });
export const albumsAnswer = z.object({ albums: z.array(z.nullable(albumAnswer)) });
export const artistsAnswer = z.object({ artists: z.array(z.nullable(artistAnswer)) });
export const savedTrackPageAnswer = pageOf(z.object({ added_at: z.string(), track: trackAnswer }));
export const savedAlbumPageAnswer = pageOf(z.object({ added_at: z.string(), album: albumAnswer }));
export const containsAnswer = z.array(z.boolean());
export const searchAnswer = z.object({
  tracks: z.optional(trackPageAnswer),
  albums: z.optional(albumPageAnswer),
  artists: z.optional(artistPageAnswer),
  playlists: z.optional(playlistPageAnswer),
  shows: z.optional(emptyPageAnswer),
  episodes: z.optional(emptyPageAnswer),
  audiobooks: z.optional(emptyPageAnswer),
});

const device = z.object({
  id: speakerIdSchema,
  is_active: z.boolean(),
  is_private_session: z.boolean(),
  is_restricted: z.boolean(),
  name: z.string(),
  type: z.string(),
  volume_percent: z.nullable(percentSchema),
  supports_volume: z.boolean(),
});
export const devicesAnswer = z.object({ devices: z.array(device) });

const context = z.object({ type: z.string(), href: z.nullable(z.string()), external_urls: noUrls, uri: z.string() });
const disallows = {
  interrupting_playback: z.boolean(),
  pausing: z.boolean(),
  resuming: z.boolean(),
  seeking: z.boolean(),
  skipping_next: z.boolean(),
  skipping_prev: z.boolean(),
  toggling_repeat_context: z.boolean(),
  toggling_shuffle: z.boolean(),
  toggling_repeat_track: z.boolean(),
  transferring_playback: z.boolean(),
};
export const playerStateAnswer = z.object({
  device,
  repeat_state: z.enum(['off', 'context', 'track']),
  shuffle_state: z.boolean(),
  smart_shuffle: z.boolean(),
  context: z.nullable(context),
  timestamp: whole,
  progress_ms: whole,
  is_playing: z.boolean(),
  item: trackAnswer,
  currently_playing_type: z.literal('track'),
  actions: z.object({ ...disallows, disallows: z.object(disallows) }),
});
export const queueAnswer = z.object({ currently_playing: z.nullable(trackAnswer), queue: z.array(trackAnswer) });
export const historyAnswer = z.object({
  href: z.string(),
  items: z.array(z.object({ track: trackAnswer, played_at: z.string(), context: z.nullable(context) })),
  limit: whole,
  next: z.nullable(z.string()),
  cursors: z.nullable(z.object({ after: z.string(), before: z.string() })),
  total: whole,
});

export const userAnswer = z.object({
  display_name: z.string(),
  external_urls: noUrls,
  followers,
  href: z.string(),
  id: z.string(),
  images: z.array(image),
  product: z.string(),
  type: z.literal('user'),
  uri: z.string(),
});

/** Of every route, whatever has gone wrong. `reason` is the player's. */
export const errorAnswer = z.object({
  error: z.object({
    status: z.int(),
    message: z.string(),
    reason: z.optional(z.string()),
    code: z.string(),
    field: z.optional(z.string()),
  }),
});
