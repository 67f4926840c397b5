/**
 * The speakers that belong to this house: who they are by their keys, what people call them, whose they are. Pairing adds
 * one, the relay lets nobody else in, and forgetting one takes it out. A house has a handful, a chain of shops thousands.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId, SpeakerId } from '#protocol/vocabulary/ids';
import type { Page, PageRequest } from './catalogue.ts';

/** As many as may be connected at once (`SPEAKER_LINKS_MAX`): a home has a dozen, a chain of shops thousands. */
export const PAIRED_SPEAKERS_MAX = 20_000;
/** Of one page of them: some 200 kB as JSON. */
export const PAIRED_PAGE_MAX = 1_000;

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

/** Of a house that has as many as it may have. */
export function houseFull(max: number = PAIRED_SPEAKERS_MAX): TonearmError {
  return new TonearmError('storage.full', `a house has at most ${max} speakers; forget one first`);
}

/** Every change is written when it resolves, and rejects with `storage.full` or `storage.failed`. */
export interface PairedSpeakers {
  /** By id. @param page its `limit` is here at most `PAIRED_PAGE_MAX` */
  page(page: PageRequest): Promise<Page<PairedSpeaker>>;
  /** Whether this one could be added, or is there already; null: some new one. */
  hasRoom(id: SpeakerId | null): Promise<boolean>;
  find(id: SpeakerId): Promise<PairedSpeaker | null>;
  /** Replaces what had the same id: a speaker that was reset and paired anew. Rejects with `houseFull` above the limit. */
  add(speaker: PairedSpeaker): Promise<void>;
  /** @returns it as it is now, or null when there is none of that id */
  change(id: SpeakerId, change: PairedSpeakerChange): Promise<PairedSpeaker | null>;
  /** @returns false when there was none */
  forget(id: SpeakerId): Promise<boolean>;
}
