/**
 * A hand-over as one transaction: prepare the target, stop the old writer, start the target where the old one stopped.
 * Spec section 5.4.
 *
 * Until the target is ready nothing has happened: the old speaker plays on and a refusal or a passed deadline only tells
 * the target to forget. Once the old one has been told to let go there is no way back but forward, so the phone's
 * deadline no longer counts, only the limits named in `limits.ts`; and should the target fail even then, the session is
 * given back to the old speaker. Volume belongs to each speaker and is not touched.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { CommandId } from '#protocol/vocabulary/ids';
import { type Result, refused } from '#protocol/vocabulary/result';
import { type Frames, frames, type Ms, ms } from '#protocol/vocabulary/units';
import type { Playback, SessionState } from '#protocol/wire/playback-state';
import type { Deadline } from './deadline.ts';
import { COMMIT_WITHIN, PREPARE_WITHIN, RELEASE_WITHIN } from './limits.ts';
import { currentTrackOf } from './next-tracks.ts';
import { broughtTo, pausedAt } from './playback-position.ts';
import type { Accepted, Roster } from './roster.ts';
import type { SessionRecord } from './session-record.ts';
import type { Speaker } from './speaker.ts';

export interface HandOverPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly roster: Roster;
  readonly session: SessionRecord;
}

export interface HandOverPlan {
  readonly target: Speaker;
  /** The writer that has to let go; null when it is away or there is none. */
  readonly from: Speaker | null;
  readonly isPlaying: boolean;
  readonly deadline: Deadline;
  /** The phone's, used for the commit. */
  readonly id: CommandId;
}

/** @returns why the target does not play; the session is then where it was, or kept by the bridge, standing still */
export async function handOver(ports: HandOverPorts, plan: HandOverPlan): Promise<Result<Accepted, TonearmError>> {
  const { clock, roster, session } = ports;
  const { target, from } = plan;
  const offered = offer(ports);
  if (offered === null) return refused(nothingToHandOver());
  const within = ms(Math.min(plan.deadline.left(), PREPARE_WITHIN));
  const prepared = await prepare(ports, target, offered, target.epochAtLeast(session.epoch), within);
  if (!prepared.ok) return forget(ports, target, prepared.error);

  const epoch = session.nextEpoch();
  const reserved = await session.reserve(epoch, target.known.id);
  if (!reserved.ok) return forget(ports, target, reserved.error);

  const exact = from === null ? offered : await letGo(ports, from, epoch);
  // Standing still until somebody plays it: should the commit fail, no time is counted that nobody heard.
  session.timed = pausedAt({ state: exact, positionAtUs: clock.nowUs() }, clock.nowUs());
  if (!isSameMusic(offered, exact)) await prepare(ports, target, exact, epoch, PREPARE_WITHIN);
  const body = { kind: 'commit', positionFrames: positionOf(exact), isPlaying: plan.isPlaying } as const;
  const committed = await roster.tell(target, body, { epoch, deadline: COMMIT_WITHIN, id: plan.id });
  if (!committed.ok) return giveBack(ports, plan, epoch, committed.error);

  session.become(target.known.id, epoch);
  adoptUnlessReported(ports, target, exact, plan.isPlaying);
  await session.save();
  return committed;
}

/** The session as it is to be prepared: brought up to now, and with something to load even when it had run to its end. */
function offer({ clock, session }: HandOverPorts): SessionState | null {
  if (session.timed === null) return null;
  const { state } = broughtTo(session.timed, clock.nowUs());
  const trackId = currentTrackOf(state);
  if (trackId === null) return null;
  if (state.playback.kind !== 'stopped') return state;
  const start: Playback = { kind: 'paused', trackId, positionFrames: frames(0), durationFrames: frames(0) };
  return { ...state, playback: start };
}

function nothingToHandOver(): TonearmError {
  return new TonearmError('session.nothing-to-play', 'nothing has been played that could go on');
}

function prepare(
  { roster }: HandOverPorts,
  target: Speaker,
  state: SessionState,
  epoch: number,
  deadline: Ms,
): Promise<Result<Accepted, TonearmError>> {
  return roster.tell(
    target,
    { kind: 'prepare', session: state, positionFrames: positionOf(state) },
    { epoch, deadline },
  );
}

/** Before the point of no return: the target drops what it has prepared, and all is as it was. */
function forget(ports: HandOverPorts, target: Speaker, error: TonearmError): Result<never, TonearmError> {
  const { roster, session, logger } = ports;
  logger.warn('hand-over.abandoned', { target: target.known.name, code: error.code });
  void roster.tell(
    target,
    { kind: 'release' },
    { epoch: target.epochAtLeast(session.epoch), deadline: RELEASE_WITHIN },
  );
  // Should the store hold the reserved epoch, it holds what is true again.
  void session.save();
  return refused(error);
}

/** Stops the old writer. Its answer says where exactly; without one the extrapolated position has to do. */
async function letGo(ports: HandOverPorts, from: Speaker, epoch: number): Promise<SessionState> {
  const { clock, roster, session, logger } = ports;
  from.releasedIn = epoch;
  const answer = await roster.tell(from, { kind: 'release' }, { epoch, deadline: RELEASE_WITHIN });
  if (answer.ok && answer.value.session) return answer.value.session;
  logger.warn('hand-over.position-guessed', { from: from.known.name, code: answer.ok ? null : answer.error.code });
  const state = offer(ports);
  if (state === null || session.timed === null) throw new Error('a session that was offered is still there');
  return pausedAt({ state, positionAtUs: clock.nowUs() }, clock.nowUs()).state;
}

/** The old speaker may have come to another track, or been given another queue, while the target filled its buffer. */
function isSameMusic(left: SessionState, right: SessionState): boolean {
  return currentTrackOf(left) === currentTrackOf(right) && JSON.stringify(left.queue) === JSON.stringify(right.queue);
}

function positionOf(state: SessionState): Frames {
  return state.playback.kind === 'stopped' ? frames(0) : state.playback.positionFrames;
}

/** What is so until the target's own report comes, which may have overtaken its answer. */
function adoptUnlessReported(ports: HandOverPorts, target: Speaker, exact: SessionState, isPlaying: boolean): void {
  const { clock, session } = ports;
  if (target.report !== null && target.report.epoch === session.epoch && target.report.session !== null) return;
  const playback: Playback =
    exact.playback.kind === 'stopped'
      ? exact.playback
      : { ...exact.playback, kind: isPlaying ? 'buffering' : 'paused' };
  session.timed = { state: { ...exact, playback }, positionAtUs: clock.nowUs() };
}

/** The target failed when the old one had already stopped: the old one gets the session again, or the bridge keeps it. */
async function giveBack(
  ports: HandOverPorts,
  plan: HandOverPlan,
  epoch: number,
  error: TonearmError,
): Promise<Result<never, TonearmError>> {
  const { roster, session, logger } = ports;
  const { target, from } = plan;
  logger.warn('hand-over.failed', { target: target.known.name, code: error.code });
  session.epoch = epoch;
  session.keep();
  void roster.tell(target, { kind: 'release' }, { epoch, deadline: RELEASE_WITHIN });
  if (from !== null && from.link !== null) {
    const deadline = { left: () => PREPARE_WITHIN };
    const id = roster.newCommandId();
    // Once: `from: null` gives back to nobody.
    await handOver(ports, { target: from, from: null, isPlaying: plan.isPlaying, deadline, id });
  } else {
    session.activeSpeakerId = target.known.id;
    await session.save();
  }
  return refused(error);
}
