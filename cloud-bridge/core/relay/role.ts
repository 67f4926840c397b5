/**
 * Whether a speaker that says hello goes on as the session's writer: the whole take-over decision, as a pure function.
 * Spec section 4.3.
 */
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Hello } from '#protocol/wire/hello';

export interface SessionClaim {
  readonly epoch: number;
  readonly activeSpeakerId: SpeakerId | null;
  /** The newest epoch in which somebody else's session went to this speaker; 0: none did. */
  readonly othersEpoch: number;
}

export type Role =
  /** Goes on as the writer. `isNews`: the bridge knew of an older epoch or of another writer and must store this one. */
  | { readonly kind: 'active'; readonly epoch: number; readonly isNews: boolean }
  | { readonly kind: 'standby'; readonly epoch: number };

/** @param session what the bridge has stored of whom the speaker says that it plays */
export function chooseRole(speaker: SpeakerId, resume: Hello['resume'], session: SessionClaim): Role {
  const standby: Role = { kind: 'standby', epoch: session.epoch };
  if (resume === null || !resume.isActive) return standby;
  if (resume.epoch < session.epoch) return standby;
  // Whose session came after this one is forgotten by a speaker that lost its last write, and not by who plays there.
  if (resume.epoch < session.othersEpoch) return { kind: 'standby', epoch: session.othersEpoch };
  const isWriter = session.activeSpeakerId === speaker;
  // A bridge that lost its store (or its last write) learns the truth from who is still playing.
  if (resume.epoch > session.epoch) return { kind: 'active', epoch: resume.epoch, isNews: true };
  // Two cannot write in one epoch: the one that the bridge chose is it.
  if (!isWriter && session.activeSpeakerId !== null) return standby;
  return { kind: 'active', epoch: resume.epoch, isNews: !isWriter };
}
