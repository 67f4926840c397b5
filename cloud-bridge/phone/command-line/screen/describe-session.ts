/** A session in one sentence, for confirmations: `Playing So What by Miles Davis on Kitchen at 1:23.` */
import type { Ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot, SessionView, TrackSummary } from '#protocol/wire/household';

const WORD_BY_PLAYBACK: Record<SessionView['playback'], string> = {
  playing: 'Playing',
  buffering: 'Loading',
  paused: 'Paused',
  stopped: 'Stopped',
};

export function describeSession(household: HouseholdSnapshot): string {
  const { session } = household;
  const speaker = household.speakers.find((it) => it.id === session.activeSpeakerId);
  const where = speaker === undefined ? '' : ` on ${speaker.name}`;
  if (session.track === null) return `${WORD_BY_PLAYBACK[session.playback]}${where}.`;
  const at = session.positionMs >= 1_000 ? ` at ${clockTime(session.positionMs)}` : '';
  return `${WORD_BY_PLAYBACK[session.playback]} ${describeTrack(session.track)}${where}${at}.`;
}

export function describeTrack(track: Pick<TrackSummary, 'title' | 'artists'>): string {
  return track.artists.length === 0 ? track.title : `${track.title} by ${track.artists.join(', ')}`;
}

/** `1:05`, `1:02:03`; whole seconds, rounded down as a player's display does. */
export function clockTime(time: Ms): string {
  const seconds = Math.floor(time / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
