/** The household's playback in the Web API's JSON: devices, player state, queue, history. Pure. */
import type { HouseholdSnapshot, SpeakerView } from '#protocol/wire/household';
import type { PlayedTrack } from '../ports/household.ts';
import type { TrackJson } from './web-api-catalogue.ts';

export function viewDevice({ id, name, isActive, status }: SpeakerView) {
  return {
    id,
    is_active: isActive,
    is_private_session: false,
    is_restricted: false,
    name,
    type: 'Speaker',
    volume_percent: status?.volume ?? null,
    supports_volume: true,
  };
}

/** Those that can be commanded now. */
export function viewDevices(household: HouseholdSnapshot) {
  return { devices: household.speakers.filter((speaker) => speaker.isOnline).map(viewDevice) };
}

const KNOWN_CONTEXTS = new Set(['album', 'artist', 'playlist', 'show']);

/** @param uri e.g. `tonearm:album:…`; null for a bare list of tracks */
export function viewContext(base: string, uri: string | null) {
  if (uri === null) return null;
  const [, kind = '', id] = uri.split(':');
  const isKnown = KNOWN_CONTEXTS.has(kind) && id !== undefined;
  return {
    type: kind === '' ? 'collection' : kind,
    href: isKnown ? `${base}/v1/${kind}s/${id}` : null,
    external_urls: {},
    uri,
  };
}

/**
 * @param track the current one; null when nothing is loaded
 * @param nowMs milliseconds since 1970: the position is true now, so now is when the state is from
 * @returns null when there is no player to show (HTTP says 204)
 */
export function viewPlayerState(base: string, household: HouseholdSnapshot, track: TrackJson | null, nowMs: number) {
  const { session } = household;
  const device = household.speakers.find((speaker) => speaker.isActive);
  if (device === undefined || track === null) return null;
  const isPlaying = session.playback === 'playing' || session.playback === 'buffering';
  const disallows = viewDisallows(isPlaying);
  return {
    device: viewDevice(device),
    repeat_state: session.repeat,
    shuffle_state: session.isShuffled,
    smart_shuffle: false,
    context: viewContext(base, session.contextUri),
    timestamp: nowMs,
    progress_ms: Math.floor(session.positionMs),
    is_playing: isPlaying,
    item: track,
    currently_playing_type: 'track',
    // The published schema has them flat, servers send them nested: clients of either kind find theirs.
    actions: { ...disallows, disallows },
  };
}

function viewDisallows(isPlaying: boolean) {
  return {
    interrupting_playback: false,
    pausing: !isPlaying,
    resuming: isPlaying,
    seeking: false,
    skipping_next: false,
    skipping_prev: false,
    toggling_repeat_context: false,
    toggling_shuffle: false,
    toggling_repeat_track: false,
    transferring_playback: false,
  };
}

export function viewQueue(current: TrackJson | null, next: readonly TrackJson[]) {
  return { currently_playing: current, queue: next };
}

export interface HistoryRequest {
  readonly limit: number;
  /** Milliseconds since 1970; entries before, or after, that instant. */
  readonly before?: number;
  readonly after?: number;
}

/** The part of the history that was asked for, newest first. */
export function chooseHistory(entries: readonly PlayedTrack[], { limit, before, after }: HistoryRequest) {
  const isAsked = ({ playedAtMs }: PlayedTrack) =>
    (before === undefined || playedAtMs < before) && (after === undefined || playedAtMs > after);
  const asked = entries.filter(isAsked);
  // Going forward in time, a page is the oldest of what is newer.
  return after === undefined ? asked.slice(0, limit) : asked.slice(-limit);
}

/** @param entries each with its track; those whose track is gone are left out by the caller */
export function viewHistory(
  base: string,
  entries: readonly { readonly played: PlayedTrack; readonly track: TrackJson }[],
  { limit }: HistoryRequest,
) {
  const url = `${base}/v1/me/player/recently-played?limit=${limit}`;
  const oldest = entries.at(-1)?.played.playedAtMs;
  const newest = entries[0]?.played.playedAtMs;
  return {
    href: url,
    items: entries.map(({ played, track }) => ({
      track,
      played_at: new Date(played.playedAtMs).toISOString(),
      context: viewContext(base, played.contextUri),
    })),
    limit,
    next: oldest === undefined || entries.length < limit ? null : `${url}&before=${oldest}`,
    cursors: oldest === undefined || newest === undefined ? null : { after: String(newest), before: String(oldest) },
    total: entries.length,
  };
}
