/** What the bridge must still know after it was killed. Written before it is acted upon. */
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { SessionState } from '#protocol/wire/playback-state';

/** A speaker that has connected at least once. */
export interface KnownSpeaker {
  readonly id: SpeakerId;
  readonly name: string;
  readonly model: string;
  readonly version: string;
  readonly lastSeenMs: number;
}

export interface StoredSession {
  readonly epoch: number;
  /** The newest epoch that was ever given away, also to who then did not become the writer; absent: none after `epoch`. */
  readonly reservedEpoch?: number;
  readonly activeSpeakerId: SpeakerId | null;
  /** As the writer last reported it; positions are coarse here (saved at changes, not at every second). */
  readonly state: SessionState | null;
}

export interface SessionStore {
  loadSession(): Promise<StoredSession>;
  saveSession(session: StoredSession): Promise<void>;
  knownSpeakers(): Promise<readonly KnownSpeaker[]>;
  saveSpeaker(speaker: KnownSpeaker): Promise<void>;
  /** Without one of that id: harmless. */
  forgetSpeaker(id: SpeakerId): Promise<void>;
}
