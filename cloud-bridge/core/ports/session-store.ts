/** What the bridge must still know after it was killed. Written before it is acted upon. */
import type { AccountId, CommandId, SpeakerId } from '#protocol/vocabulary/ids';
import type { SessionState } from '#protocol/wire/playback-state';
import type { PlayedTrack } from './household.ts';

/** A speaker that has connected at least once. */
export interface KnownSpeaker {
  readonly id: SpeakerId;
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly lastSeenMs: number;
}

export interface StoredSession {
  readonly accountId: AccountId;
  /** Of the person, as last heard; null: not known. */
  readonly name: string | null;
  readonly epoch: number;
  /** The newest epoch that was ever given away, also to who then did not become the writer; absent: none after `epoch`. */
  readonly reservedEpoch?: number;
  readonly activeSpeakerId: SpeakerId | null;
  /** As the writer last reported it; positions are coarse here (saved at changes, not at every second). */
  readonly state: SessionState | null;
  /** What was played last, newest first. */
  readonly history: readonly PlayedTrack[];
}

/** A command that was performed, for whom. */
export interface PerformedCommand {
  readonly accountId: AccountId;
  readonly commandId: CommandId;
}

/** Performed commands that are remembered, of all accounts together: minutes of the busiest household. */
export const PERFORMED_KEPT_MAX = 512;

export interface SessionStore {
  /** One of each account that ever played. */
  loadSessions(): Promise<readonly StoredSession[]>;
  /** In the place of the account's last one. A context that has an id is kept once, however often its session is saved. */
  saveSession(session: StoredSession): Promise<void>;
  /** Without one of that account: harmless. */
  forgetSession(accountId: AccountId): Promise<void>;
  /** The newest `PERFORMED_KEPT_MAX`, oldest first. */
  performedCommands(): Promise<readonly PerformedCommand[]>;
  /** Resolves when it survives a kill: whoever asked is answered only then. */
  savePerformed(command: PerformedCommand): Promise<void>;
  knownSpeakers(): Promise<readonly KnownSpeaker[]>;
  saveSpeaker(speaker: KnownSpeaker): Promise<void>;
  /** Without one of that id: harmless. */
  forgetSpeaker(id: SpeakerId): Promise<void>;
}
