/** What phones are shown, made from what the household knows. Pure, so that every phone and every test sees the same. */
import type { SpeakerId, TrackId } from '#protocol/vocabulary/ids';
import { ms, type Us } from '#protocol/vocabulary/units';
import { type IngestView, NEXT_SHOWN_MAX, type SessionView, type TrackSummary } from '#protocol/wire/household';
import type { SessionState } from '#protocol/wire/playback-state';
import { currentTrackOf, nextEntries, nextTracks } from './next-tracks.ts';
import { positionMsNow, type TimedSession } from './playback-position.ts';

export interface SessionFacts {
  readonly epoch: number;
  readonly activeSpeakerId: SpeakerId | null;
  readonly timed: TimedSession | null;
}

/** The tracks whose summaries a view needs. */
export function tracksShown(state: SessionState | null): readonly TrackId[] {
  if (state === null) return [];
  const current = currentTrackOf(state);
  return [...(current === null ? [] : [current]), ...nextTracks(state, NEXT_SHOWN_MAX)];
}

/** @param summaryOf null for a track that the catalogue does not have (any more): it is left out */
export function viewSession(
  facts: SessionFacts,
  summaryOf: (id: TrackId) => TrackSummary | null,
  nowUs: Us,
): SessionView {
  const { epoch, activeSpeakerId, timed } = facts;
  if (timed === null) return { ...NOTHING, epoch, activeSpeakerId };
  const { state } = timed;
  const current = state.playback.kind === 'stopped' ? null : state.playback.trackId;
  const next = nextEntries(state, NEXT_SHOWN_MAX).flatMap(({ trackId, uid }) => {
    const summary = summaryOf(trackId);
    return summary === null ? [] : [{ summary, uid }];
  });
  const track = current === null ? null : summaryOf(current);
  return {
    activeSpeakerId,
    epoch,
    playback: state.playback.kind,
    track,
    // Asked to begin beyond the end, and kept before any speaker knew how long it is: the catalogue does.
    positionMs: ms(Math.min(positionMsNow(timed, nowUs), track?.durationMs ?? Number.POSITIVE_INFINITY)),
    contextUri: state.queue.contextUri,
    next: next.map(({ summary }) => summary),
    nextUids: next.map(({ uid }) => uid),
    contextCount: state.queue.trackIds.length,
    isShuffled: state.shuffleSeed !== null,
    repeat: state.repeat,
    problem: state.problem?.error ?? null,
  };
}

/** Characters of JSON that the failures of an ingest may fill of one event, of which a socket takes 65,536. */
const FAILURES_LENGTH_MAX = 16_384;

/** The newest failures that fit; paths can be as long as a file system allows, and an event that does not fit is none. */
export function fitIngest(ingest: IngestView): IngestView {
  let left = FAILURES_LENGTH_MAX;
  const isFitting = (failure: IngestView['failures'][number]) => {
    left -= JSON.stringify(failure).length;
    return left >= 0;
  };
  const failures = ingest.failures.filter(isFitting);
  return failures.length === ingest.failures.length ? ingest : { ...ingest, failures };
}

const NOTHING: Omit<SessionView, 'epoch' | 'activeSpeakerId'> = {
  playback: 'stopped',
  track: null,
  positionMs: ms(0),
  contextUri: null,
  next: [],
  isShuffled: false,
  repeat: 'off',
  problem: null,
};
