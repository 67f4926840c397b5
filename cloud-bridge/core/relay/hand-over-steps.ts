/** The words of a hand-over, whichever way it goes: what the target is told to prepare and to begin with. Spec section 5.4. */
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { CommandId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import { type Frames, frames, type Ms } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { SessionState } from '#protocol/wire/playback-state';
import type { Deadline } from './deadline.ts';
import { LOUDER_STEP_MAX } from './limits.ts';
import { currentTrackOf } from './next-tracks.ts';
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

/** Has the target fill its buffer, without a sound. @returns its answer, once it could sound at once */
export function prepare(
  { roster }: Pick<HandOverPorts, 'roster'>,
  target: Speaker,
  state: SessionState,
  terms: { readonly epoch: number; readonly deadline: Ms },
): Promise<Result<Accepted, TonearmError>> {
  return roster.tell(target, { kind: 'prepare', session: state, positionFrames: positionOf(state) }, terms);
}

/**
 * What makes the target the writer. It begins at its own volume, unless that is much louder than `before` was: nobody
 * should jump because the music moved. @param before who played until now, where that is known
 */
export function commitOf(
  plan: HandOverPlan,
  state: SessionState,
  before: Speaker | null,
): Extract<CommandBody, { kind: 'commit' }> {
  const body = { kind: 'commit', positionFrames: positionOf(state), isPlaying: plan.isPlaying } as const;
  const volume = before === null || before === plan.target ? undefined : before.report?.speaker.volume;
  const own = plan.target.report?.speaker.volume;
  const isLouder = plan.isPlaying && volume !== undefined && own !== undefined && own > volume + LOUDER_STEP_MAX;
  return isLouder ? { ...body, volumeMax: volume } : body;
}

/** The old speaker may have come to another track, or been given another queue, while the target filled its buffer. */
export function isSameMusic(left: SessionState, right: SessionState): boolean {
  return currentTrackOf(left) === currentTrackOf(right) && JSON.stringify(left.queue) === JSON.stringify(right.queue);
}

export function positionOf(state: SessionState): Frames {
  return state.playback.kind === 'stopped' ? frames(0) : state.playback.positionFrames;
}
