/**
 * A hand-over as one transaction: prepare the target, then have both meet at an instant; or, where they have no clock in
 * common or nothing sounds, stop the old writer and start the target where it stopped. Spec section 5.4.
 *
 * Until the target is ready nothing has happened: the old speaker plays on and a refusal or a passed deadline only tells
 * the target to forget. Once the old one has been told to let go there is no way back but forward, so the phone's
 * deadline no longer counts, only the limits named in `limits.ts`; and should the target fail even then, the session is
 * given back to the old speaker.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused, unreachable } from '#protocol/vocabulary/result';
import { frames, ms, msToFrames } from '#protocol/vocabulary/units';
import type { Playback, SessionState } from '#protocol/wire/playback-state';
import { agreeOnInstant, type Met, meet } from './hand-over-at-instant.ts';
import { commitOf, type HandOverPlan, type HandOverPorts, isSameMusic, prepare } from './hand-over-steps.ts';
import { COMMIT_WITHIN, PREPARE_AHEAD, PREPARE_WITHIN, RELEASE_WITHIN } from './limits.ts';
import { currentTrackOf } from './next-tracks.ts';
import { broughtTo, pausedAt } from './playback-position.ts';
import type { Accepted } from './roster.ts';
import type { Speaker } from './speaker.ts';

/** @returns why the target does not play; the session is then where it was, or kept by the bridge, standing still */
export async function handOver(ports: HandOverPorts, plan: HandOverPlan): Promise<Result<Accepted, TonearmError>> {
  const { clock, roster, session } = ports;
  const { target } = plan;
  const offered = offer(ports);
  if (offered === null) return refused(nothingToHandOver());
  const before = plan.from ?? roster.find(session.activeSpeakerId);
  const within = ms(Math.min(plan.deadline.left(), PREPARE_WITHIN));
  const asked = { epoch: target.epochAtLeast(session.epoch), deadline: within };
  const prepared = await prepare(ports, target, ahead(offered, plan), asked);
  if (!prepared.ok) return forget(ports, target, prepared.error);

  const epoch = session.nextEpoch();
  const reserved = await session.reserve(epoch);
  if (!reserved.ok) return forget(ports, target, reserved.error);

  const source = stillWriting(ports, plan.from);
  if (source !== null && plan.isPlaying) {
    const meeting = { ...plan, from: source };
    const found = await agreeOnInstant(ports, meeting, { offered, prepared: prepared.value, epoch });
    if (found !== null) return settle(ports, plan, await meet(ports, meeting, found, epoch));
  }
  const from = stillWriting(ports, source);
  const exact = from === null ? (offer(ports) ?? offered) : await letGo(ports, from, epoch);
  // Standing still until somebody plays it: should the commit fail, no time is counted that nobody heard.
  session.timed = pausedAt({ state: exact, positionAtUs: clock.nowUs() }, clock.nowUs());
  if (!isSameMusic(offered, exact)) await prepare(ports, target, exact, { epoch, deadline: PREPARE_WITHIN });
  const terms = { epoch, deadline: COMMIT_WITHIN, id: plan.id };
  const committed = await roster.tell(target, commitOf(plan, exact, before), terms);
  if (!committed.ok) return giveBack(ports, { ...plan, from }, epoch, committed.error);

  session.become(target.known.id, epoch);
  adoptUnlessReported(ports, target, exact, plan.isPlaying);
  await session.save();
  return committed;
}

/** The old writer, unless somebody else has taken it while the target prepared: what it plays and says by then is theirs. */
function stillWriting({ session }: HandOverPorts, from: Speaker | null): Speaker | null {
  return from !== null && session.writerId === from.known.id ? from : null;
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

/** Where the target is to fill its buffer: about where it will begin. */
function ahead(state: SessionState, { from, isPlaying }: HandOverPlan): SessionState {
  const { playback } = state;
  if (from === null || !isPlaying || playback.kind !== 'playing') return state;
  const positionFrames = frames(playback.positionFrames + msToFrames(PREPARE_AHEAD));
  if (playback.durationFrames > 0 && positionFrames >= playback.durationFrames) return state;
  return { ...state, playback: { ...playback, positionFrames } };
}

async function settle(ports: HandOverPorts, plan: HandOverPlan, met: Met): Promise<Result<Accepted, TonearmError>> {
  const { clock, session } = ports;
  switch (met.kind) {
    case 'done':
      await session.save();
      return ok(met.accepted);
    case 'calledOff':
      return refused(met.error);
    case 'failed':
      session.timed = pausedAt({ state: met.exact, positionAtUs: clock.nowUs() }, clock.nowUs());
      return giveBack(ports, plan, met.epoch, met.error);
    default:
      return unreachable(met);
  }
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
  if (answer.ok && answer.value.session && session.isOf(answer.value.session)) return answer.value.session;
  logger.warn('hand-over.position-guessed', { from: from.known.name, code: answer.ok ? null : answer.error.code });
  const state = offer(ports);
  if (state === null || session.timed === null) throw new Error('a session that was offered is still there');
  return pausedAt({ state, positionAtUs: clock.nowUs() }, clock.nowUs()).state;
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
