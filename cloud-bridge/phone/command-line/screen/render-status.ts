/** What plays where, as lines. Pure: the time since the view was made comes in. */
import type { Ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot, SessionView, TrackSummary } from '#protocol/wire/household';
import { positionNow } from '../bridge/household-mirror.ts';
import { clockTime, describeTrack } from './describe-session.ts';
import { progressBar } from './ingest-progress.ts';
import type { Colours } from './output.ts';
import { printable } from './printable.ts';
import { renderDevices } from './render-devices.ts';

export interface RenderOptions {
  /** Time since the view was made; the position is carried on by it while music plays. */
  readonly ageMs: Ms;
  readonly columns: number;
  readonly colours: Colours;
}

/** Tracks of the queue in the status; `tonearm queue` shows all. */
const NEXT_SHOWN = 3;
const BAR_CELLS_MAX = 48;

const SIGN_BY_PLAYBACK: Record<SessionView['playback'], string> = {
  playing: '▶',
  buffering: '…',
  paused: '⏸',
  stopped: '■',
};

export function renderStatus(household: HouseholdSnapshot, options: RenderOptions): string[] {
  const { session, ingest } = household;
  const { colours } = options;
  return [
    ...(session.track === null ? ['■ Nothing is playing.'] : renderTrack(session, session.track, options)),
    ...(session.problem === null
      ? []
      : [colours.yellow(`  ${printable(session.problem.message)} (${session.problem.code})`)]),
    '',
    ...renderDevices(household.speakers, colours),
    ...(ingest.isRunning ? ['', `Reading music: ${progressBar(ingest)}`] : []),
  ];
}

function renderTrack(session: SessionView, track: TrackSummary, options: RenderOptions): string[] {
  const { colours, columns } = options;
  const position = positionNow(session, options.ageMs);
  const times = `${clockTime(position)} / ${clockTime(track.durationMs)}`;
  const cells = Math.max(8, Math.min(BAR_CELLS_MAX, columns - times.length - 6));
  const filled = track.durationMs === 0 ? 0 : Math.min(cells, Math.floor((position / track.durationMs) * cells));
  const modes = [session.isShuffled ? 'shuffled' : '', session.repeat === 'off' ? '' : `repeats ${session.repeat}`];
  const next = session.next.slice(0, NEXT_SHOWN).map((it) => printable(it.title));
  return [
    `${SIGN_BY_PLAYBACK[session.playback]} ${colours.bold(printable(track.title))}`,
    `  ${printable(track.artists.join(', '))}${colours.dim(` · ${printable(track.album)}`)}`,
    `  ${colours.green('━'.repeat(filled))}${colours.dim('─'.repeat(cells - filled))} ${times}`,
    ...(next.length === 0
      ? []
      : [colours.dim(`  then ${next.join(', ')}${session.next.length > next.length ? ' …' : ''}`)]),
    ...(modes.some((it) => it !== '') ? [colours.dim(`  ${modes.filter((it) => it !== '').join(', ')}`)] : []),
  ];
}

export function renderQueue(session: SessionView, colours: Colours): string[] {
  if (session.track === null) return ['Nothing is playing, and nothing is queued.'];
  const row = (track: TrackSummary) => `${printable(describeTrack(track))} ${colours.dim(clockTime(track.durationMs))}`;
  return [
    `${SIGN_BY_PLAYBACK[session.playback]} ${row(session.track)}`,
    ...session.next.map((track, index) => `${String(index + 1).padStart(3)}  ${row(track)}`),
  ];
}
