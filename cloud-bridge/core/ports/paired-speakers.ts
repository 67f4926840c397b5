/**
 * The speakers that belong to this house: who they are by their keys, what people call them, whose they are. Pairing adds
 * one, the relay lets nobody else in, and forgetting one takes it out. A house has a
 * handful, so all are listed at once.
 */
import type { AccountId, SpeakerId } from '#protocol/vocabulary/ids';

/** As many as may be connected at once (`SPEAKER_LINKS_MAX`): a home has a dozen, a chain of shops thousands. */
export const PAIRED_SPEAKERS_MAX = 20_000;

export interface PairedSpeaker {
  /** `idOfPublicKey` of its key. */
  readonly id: SpeakerId;
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** For people, 1 to 64 characters. */
  readonly name: string;
  readonly ownerId: AccountId;
  /** ms since 1970. */
  readonly pairedAtMs: number;
}

/** What may change of one. */
export interface PairedSpeakerChange {
  readonly name?: string;
  readonly ownerId?: AccountId;
}

/** Every change is written when it resolves, and rejects with `storage.full` or `storage.failed`. */
export interface PairedSpeakers {
  /** By id. */
  list(): Promise<readonly PairedSpeaker[]>;
  find(id: SpeakerId): Promise<PairedSpeaker | null>;
  /** Replaces what had the same id: a speaker that was reset and paired anew. Rejects with `storage.full` above the limit. */
  add(speaker: PairedSpeaker): Promise<void>;
  /** @returns it as it is now, or null when there is none of that id */
  change(id: SpeakerId, change: PairedSpeakerChange): Promise<PairedSpeaker | null>;
  /** @returns false when there was none */
  forget(id: SpeakerId): Promise<boolean>;
}
