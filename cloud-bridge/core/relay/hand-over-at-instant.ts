/**
 * A hand-over at one instant: the source falls silent and the target begins with the same frame, each by its own clock,
 * which both know how to turn into ours. Spec section 5.4.3.
 *
 * Both are told in one turn, so that a bridge that dies has told both or neither, and a moment ahead, so that a target that
 * does not answer can be given up while the source still plays: it is told to keep the session, and nothing has happened.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Frames, frames, type Ms, ms, msToFrames, type Us, us } from '#protocol/vocabulary/units';
import type { Playback, SessionState } from '#protocol/wire/playback-state';
import { commitOf, type HandOverPlan, type HandOverPorts, isSameMusic, prepare } from './hand-over-steps.ts';
import {
  CALL_OFF_BEFORE,
  CLOCK_TOLERATED,
  MEETING_BEFORE_END,
  MEETING_LEAD,
  MEETING_LEAD_MAX,
  MEETINGS_MAX,
  PLACE_WITHIN,
  PREPARE_WITHIN,
  RELEASE_WITHIN,
} from './limits.ts';
import type { Accepted } from './roster.ts';
import type { Speaker } from './speaker.ts';

const US_PER_MS = 1_000;
const FRAMES_PER_MS = 48;
/** Of the errors of both clocks: each is about half of what a message takes there and back. */
const LEAD_PER_ERROR = 4;

/** Where both are at the instant. */
export interface Meeting {
  readonly atUs: Us;
  /** Playing, with the position of that instant. */
  readonly state: SessionState;
}

export type Met =
  | { readonly kind: 'done'; readonly accepted: Accepted }
  /** The source has gone on, as if nothing had been asked; or neither can be told anything, and both do what they were told. */
  | { readonly kind: 'calledOff'; readonly error: TonearmError }
  /** The target failed when the source had fallen silent already: `exact` says where; `epoch` is the newest that was told. */
  | { readonly kind: 'failed'; readonly error: TonearmError; readonly exact: SessionState; readonly epoch: number };

export interface MeetingPlan extends HandOverPlan {
  readonly from: Speaker;
}

type Playing = Extract<Playback, { kind: 'playing' }>;

/**
 * Finds an instant that both can meet at, beyond the end of a track that is about to end.
 * @param offered what the target has prepared, as it said in `prepared`
 * @returns null where there is none: a clock is not known, or nothing sounds any more
 */
export async function agreeOnInstant(
  ports: HandOverPorts,
  { target, from }: MeetingPlan,
  offer: { readonly offered: SessionState; readonly prepared: Accepted; readonly epoch: number },
): Promise<Meeting | null> {
  const { clock, session } = ports;
  let { offered } = offer;
  const errorUs = clockErrorUs(offer.prepared, clock.nowUs());
  if (errorUs === null) return null;
  for (let attempt = 0; attempt < MEETINGS_MAX; attempt += 1) {
    const state = await placeOf(from);
    // Somebody else may play there by now.
    if (state === null || !session.isOf(state)) return null;
    if (state.playback.kind !== 'playing' || !from.sharesClock) return null;
    if (!isSameMusic(offered, state)) {
      const again = await prepare(ports, target, state, { epoch: offer.epoch, deadline: PREPARE_WITHIN });
      if (!again.ok) return null;
      offered = state;
      continue;
    }
    const atUs = us(clock.nowUs() + leadOf(errorUs, from) * US_PER_MS);
    const positionFrames = positionAt(state.playback, from.positionAtUs, atUs);
    const leftFrames = leftOf(state.playback, positionFrames);
    if (leftFrames >= msToFrames(MEETING_BEFORE_END)) {
      return { atUs, state: { ...state, playback: { ...state.playback, positionFrames } } };
    }
    await overTheEnd(from, state, ms(leadOf(errorUs, from) + leftFrames / FRAMES_PER_MS));
  }
  return null;
}

/** Tells both, and waits until it has happened, or is called off. */
export async function meet(
  ports: HandOverPorts,
  plan: MeetingPlan,
  { atUs, state }: Meeting,
  epoch: number,
): Promise<Met> {
  const { clock, roster, session, logger } = ports;
  const { target, from } = plan;
  const link = target.link;
  const untilCallOff = (): Ms => ms(Math.max(0, (atUs - clock.nowUs()) / US_PER_MS - CALL_OFF_BEFORE));
  from.releasedIn = epoch;
  // In one turn: nothing comes between the two.
  const releaseWithin = ms(untilCallOff() + CALL_OFF_BEFORE + RELEASE_WITHIN);
  const committing = roster.tell(
    target,
    { ...commitOf(plan, state, from), atUs },
    { epoch, deadline: untilCallOff(), id: plan.id },
  );
  const releasing = roster.tell(from, { kind: 'release', atUs }, { epoch, deadline: releaseWithin });
  session.become(target.known.id, epoch);
  session.timed = { state, positionAtUs: atUs };
  const committed = await committing;
  if (!committed.ok) return callOff(ports, plan, { state, error: committed.error, releasing });
  const isLost = await target.until(() => target.link !== link, untilCallOff());
  if (isLost) {
    const error = new TonearmError('connect.closed', `"${target.known.name}" was lost before it could begin`);
    return callOff(ports, plan, { state, error, releasing });
  }
  logger.info('hand-over.met', { from: from.known.name, to: target.known.name, epoch });
  return { kind: 'done', accepted: committed.value };
}

/** The target is not there: the source is told to keep the session, in an epoch in which the target cannot begin any more. */
async function callOff(
  ports: HandOverPorts,
  { target, from }: MeetingPlan,
  facts: {
    readonly state: SessionState;
    readonly error: TonearmError;
    readonly releasing: ReturnType<HandOverPorts['roster']['tell']>;
  },
): Promise<Met> {
  const { clock, roster, session, logger } = ports;
  const { error } = facts;
  // Told nothing new, the two meet: what cuts off both is this bridge's own end, and it must leave one of them the writer.
  if (from.link === null) return { kind: 'calledOff', error };
  const epoch = session.nextEpoch();
  const keeping = roster.tell(from, { kind: 'keep' }, { epoch, deadline: RELEASE_WITHIN });
  target.releasedIn = epoch;
  void roster.tell(target, { kind: 'release' }, { epoch, deadline: RELEASE_WITHIN });
  logger.warn('hand-over.called-off', { target: target.known.name, code: error.code });
  const kept = await keeping;
  if (kept.ok) {
    session.become(from.known.id, epoch);
    const said = from.report?.session ?? null;
    if (said !== null && session.isOf(said)) session.timed = { state: said, positionAtUs: from.positionAtUs };
    await session.save();
    return { kind: 'calledOff', error };
  }
  const released = await facts.releasing;
  session.activeSpeakerId = from.known.id;
  const isKnown = released.ok && session.isOf(released.value.session ?? null);
  const exact = isKnown ? released.value.session : facts.state;
  session.timed = { state: exact ?? facts.state, positionAtUs: clock.nowUs() };
  return { kind: 'failed', error, exact: exact ?? facts.state, epoch };
}

/** What a speaker takes our clock to be, judged. @returns by how much it may be wrong; null where it is not our clock */
function clockErrorUs({ clock }: Accepted, nowUs: Us): number | null {
  if (clock === undefined || Math.abs(clock.nowUs - nowUs) > CLOCK_TOLERATED * US_PER_MS) return null;
  return clock.errorUs;
}

/** Asks the source where it is. */
async function placeOf(from: Speaker): Promise<SessionState | null> {
  const before = from.snapshots;
  from.link?.askForState();
  const hasSaid = await from.until(() => from.snapshots > before || from.link === null, PLACE_WITHIN);
  return hasSaid && from.link !== null ? (from.report?.session ?? null) : null;
}

function leadOf(targetErrorUs: number, from: Speaker): number {
  const errorUs = targetErrorUs + (from.report?.clock?.errorUs ?? 0);
  return Math.min(MEETING_LEAD_MAX, MEETING_LEAD + (LEAD_PER_ERROR * errorUs) / US_PER_MS);
}

function positionAt(playback: Playing, trueAtUs: Us, atUs: Us): Frames {
  const elapsedMs = Math.max(0, atUs - trueAtUs) / US_PER_MS;
  return frames(playback.positionFrames + Math.round(elapsedMs * FRAMES_PER_MS));
}

/** Frames of the track after that position; below nothing when it is over by then. Endless when it is not known. */
function leftOf({ durationFrames }: Playing, positionFrames: Frames): number {
  return durationFrames === 0 ? Number.POSITIVE_INFINITY : durationFrames - positionFrames;
}

/** Lets the track end: what follows is prepared then, and met in. */
async function overTheEnd(from: Speaker, state: SessionState, within: Ms): Promise<void> {
  const isOver = (): boolean => {
    const said = from.report?.session ?? null;
    return from.link === null || said === null || said.playback.kind !== 'playing' || !isSameMusic(said, state);
  };
  await from.until(isOver, ms(Math.max(0, within) + MEETING_BEFORE_END + PLACE_WITHIN));
}
