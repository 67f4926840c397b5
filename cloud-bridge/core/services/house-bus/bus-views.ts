/** What the house publishes of itself, made from what phones are shown. Pure. Spec section 14.3. */
import type { BusSpeakerState } from '#protocol/wire/bus';
import type { BusPlainValue } from '#protocol/wire/bus-topics';
import type { HouseholdSnapshot, SpeakerView } from '#protocol/wire/household';

const MS_PER_SECOND = 1_000;

/** @param sources names on offer */
export function viewBusSpeaker(
  speaker: SpeakerView,
  { session }: Pick<HouseholdSnapshot, 'session'>,
  sources: ReadonlySet<string>,
): BusSpeakerState {
  const volume = speaker.status?.volume ?? null;
  const own = { name: speaker.name, isActive: speaker.isActive, volume, isMuted: volume === 0 };
  if (!speaker.isActive) return { ...own, ...NOTHING };
  const { track, playback } = session;
  return {
    ...own,
    playback,
    title: track?.title ?? null,
    artist: track === null ? null : track.artists.join(', '),
    album: track?.album ?? null,
    durationMs: track?.durationMs ?? null,
    positionMs: track === null ? null : session.positionMs,
    isShuffled: session.isShuffled,
    repeat: session.repeat,
    source: track !== null && sources.has(track.album) ? track.album : null,
  };
}

/** The same as plain values, for players that read one from each topic. */
export function plainValuesOf(state: BusSpeakerState): Readonly<Record<Exclude<BusPlainValue, 'cover'>, string>> {
  const seconds = (value: number | null) => (value === null ? '' : String(Math.floor(value / MS_PER_SECOND)));
  return {
    state: PLAYER_STATES[state.playback],
    title: state.title ?? '',
    artist: state.artist ?? '',
    album: state.album ?? '',
    duration: seconds(state.durationMs),
    position: seconds(state.positionMs),
    level: state.volume === null ? '' : String(state.volume / 100),
    mute: state.isMuted ? 'mute' : 'unmute',
  };
}

/** As a media player of Home Assistant names them. */
const PLAYER_STATES = { stopped: 'idle', buffering: 'buffering', playing: 'playing', paused: 'paused' } as const;

const NOTHING = {
  playback: 'stopped',
  title: null,
  artist: null,
  album: null,
  durationMs: null,
  positionMs: null,
  isShuffled: false,
  repeat: 'off',
  source: null,
} as const;
