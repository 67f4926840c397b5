/**
 * Tells the bridge what changed: a snapshot after each welcome and on request, differences otherwise. Spec section 6.
 *
 * Phones extrapolate a position while it moves, so a report of one is due only when extrapolation would be wrong, and
 * now and then against drift. What a command changed is told at once, before its answer; all else at a bounded rate.
 */
import type { Clock, Timer } from '#protocol/ports/clock';
import { type Ms, ms, msToUs, type Us, us } from '#protocol/vocabulary/units';
import {
  changedFields,
  type Playback,
  type SessionState,
  type SpeakerStatus,
  type StateDifference,
  type StateSnapshot,
} from '#protocol/wire/playback-state';
import type { ClockOffset } from './time-sync.ts';

/** Least time between two differences that no command caused. */
export const REPORT_EVERY_MS = ms(100);
/** A position that moves as expected, and how much is buffered, are told this often. */
export const REFRESH_EVERY_MS = ms(10_000);
/** How far a position may be from where phones take it to be before they are told: below what a progress bar shows. */
export const POSITION_TOLERANCE_MS = ms(100);

const FRAMES_PER_MS = 48;
const US_PER_MS = 1_000;

/** All that a report tells, at one moment. */
export interface ReportedState {
  readonly epoch: number;
  readonly session: SessionState | null;
  readonly speaker: SpeakerStatus;
  /** When the session's position was true; null when it does not move. */
  readonly positionTrueAtUs: Us | null;
  /** How far the bridge's clock is from ours; null while it is not known. Never due by itself: it goes with what is. */
  readonly clockOffset: ClockOffset | null;
}

export interface StateReportView {
  read(): ReportedState;
  send(message: StateSnapshot | StateDifference): void;
}

export interface StateReport {
  /** A link is up, or a snapshot was asked for: sends one, and differences from it from now on. */
  sendSnapshot(): void;
  /** Something may have changed; told within `REPORT_EVERY_MS`. */
  changed(): void;
  /** Something was changed by a command: told now. @returns the revision after it, for the answer */
  flush(): number;
  revision(): number;
  /** The link is down: changes are counted, nothing is sent. */
  pause(): void;
  stop(): void;
}

interface Baseline extends ReportedState {
  readonly atUs: Us;
}

export function createStateReport(clock: Clock, view: StateReportView): StateReport {
  let revision = 0;
  let baseline: Baseline | null = null;
  let isOnline = false;
  let waiting: Timer | null = null;
  let publishedAtUs: Us | null = null;

  function ageUs(state: ReportedState): Us {
    return state.positionTrueAtUs === null ? us(0) : us(clock.nowUs() - state.positionTrueAtUs);
  }

  function clockOf({ clockOffset, positionTrueAtUs }: ReportedState): Pick<StateSnapshot, 'clock'> {
    if (clockOffset === null) return {};
    const { offsetUs, errorUs } = clockOffset;
    return { clock: { offsetUs, errorUs, positionAtUs: us((positionTrueAtUs ?? clock.nowUs()) + offsetUs) } };
  }

  function sendSnapshot(): void {
    const state = view.read();
    if (baseline === null || !isEqual(baseline, state)) revision += 1;
    const { epoch, session, speaker } = state;
    rebase(state);
    const header = { epoch, revision, positionAgeUs: ageUs(state), ...clockOf(state) };
    view.send({ kind: 'stateSnapshot', ...header, session, speaker });
  }

  function rebase(state: ReportedState): void {
    waiting?.cancel();
    waiting = null;
    publishedAtUs = clock.nowUs();
    baseline = { ...state, atUs: publishedAtUs };
  }

  function publish(): void {
    const state = view.read();
    if (baseline === null || !isOnline) {
      if (baseline !== null && !isEqual(baseline, state)) {
        revision += 1;
        baseline = { ...state, atUs: clock.nowUs() };
      }
      return;
    }
    // A difference can neither begin nor end a session, nor change the epoch: that takes a snapshot.
    if (baseline.epoch !== state.epoch || (baseline.session === null) !== (state.session === null)) {
      sendSnapshot();
      return;
    }
    const changes = changesDue(baseline, state, clock.nowUs());
    if (changes === null) return;
    const baseRevision = revision;
    revision += 1;
    rebase(state);
    const header = { epoch: state.epoch, revision, baseRevision, positionAgeUs: ageUs(state), ...clockOf(state) };
    view.send({ kind: 'stateDifference', ...header, ...changes });
  }

  function changed(): void {
    if (waiting !== null) return;
    const sinceMs = publishedAtUs === null ? Number.POSITIVE_INFINITY : (clock.nowUs() - publishedAtUs) / US_PER_MS;
    if (!isOnline || sinceMs >= REPORT_EVERY_MS) {
      publish();
      return;
    }
    waiting = clock.setTimer('state-report', ms(REPORT_EVERY_MS - sinceMs), () => {
      waiting = null;
      publish();
    });
  }

  function pause(): void {
    isOnline = false;
    waiting?.cancel();
    waiting = null;
  }

  return {
    sendSnapshot: () => {
      isOnline = true;
      sendSnapshot();
    },
    changed,
    flush: () => {
      publish();
      return revision;
    },
    revision: () => revision,
    pause,
    stop: pause,
  };
}

function isEqual(before: ReportedState, after: ReportedState): boolean {
  return (
    before.epoch === after.epoch &&
    JSON.stringify([before.session, before.speaker]) === JSON.stringify([after.session, after.speaker])
  );
}

/**
 * What is to be told: null when phones would not see a difference. What they would not see by itself goes out with what they
 * do, so that nothing stays behind.
 */
function changesDue(
  before: Baseline,
  after: ReportedState,
  nowUs: Us,
): Pick<StateDifference, 'session' | 'speaker'> | null {
  const isRefreshDue = nowUs - before.atUs >= msToUs(REFRESH_EVERY_MS);
  const session = sessionChanges(before, after);
  const speaker = changedFields(before.speaker, after.speaker);
  const keys = [...Object.keys(session ?? {}), ...Object.keys(speaker ?? {})];
  const telling = keys.filter((key) => key !== 'bufferedMs' && !(key === 'playback' && isAsExpected(before, after)));
  if (telling.length === 0 && (keys.length === 0 || !isRefreshDue)) return null;
  return { ...(session && { session }), ...(speaker && { speaker }) };
}

/** A track that begins again reads as it read when it began: it is another moment at which that is so. */
function sessionChanges(before: ReportedState, after: ReportedState): Partial<SessionState> | undefined {
  if (before.session === null || after.session === null) return undefined;
  const changes = changedFields(before.session, after.session);
  const isMoving = before.positionTrueAtUs !== null && after.positionTrueAtUs !== null;
  if (!isMoving || isAsExpected(before, after)) return changes;
  return { ...changes, playback: after.session.playback };
}

/** Whether whoever knows `before` takes the position to be where it is. */
function isAsExpected(before: ReportedState, after: ReportedState): boolean {
  const from = before.session?.playback;
  const to = after.session?.playback;
  if (from === undefined || to === undefined || !isSameButPosition(from, to)) return false;
  if (before.positionTrueAtUs === null || after.positionTrueAtUs === null) return false;
  if (from.kind === 'stopped' || to.kind === 'stopped') return true;
  const elapsedMs = (after.positionTrueAtUs - before.positionTrueAtUs) / US_PER_MS;
  const expected = from.positionFrames + elapsedMs * FRAMES_PER_MS;
  return Math.abs(to.positionFrames - expected) <= framesIn(POSITION_TOLERANCE_MS);
}

function framesIn(time: Ms): number {
  return time * FRAMES_PER_MS;
}

function isSameButPosition(before: Playback, after: Playback): boolean {
  if (before.kind !== after.kind) return false;
  if (before.kind === 'stopped' || after.kind === 'stopped') return true;
  return before.trackId === after.trackId && before.durationFrames === after.durationFrames;
}
