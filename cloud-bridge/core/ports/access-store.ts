/**
 * Who has an account, which speakers belong to it, and what has been revoked. A household has few of each, so all of it
 * is loaded at the start and every change is written before it is answered.
 */
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Revocations } from '#protocol/wire/content-token';

/** What an account is worth. `free` hears at most what `access-policy` lets it. */
export type Tier = 'free' | 'premium';

export interface Account {
  /** As `accountIdSchema` of `wire/content-token` has it. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly tier: Tier;
  /** Where its listeners are, ISO 3166-1 alpha-2; null: nobody has said. */
  readonly country: string | null;
  /** Seconds since 1970; null: it may play. */
  readonly revokedSinceS: number | null;
}

/** A speaker that is not just one of the household's. */
export interface SpeakerAccess {
  readonly speakerId: SpeakerId;
  readonly accountId: string;
  /** Seconds since 1970; null: it may play. */
  readonly revokedSinceS: number | null;
}

/** All that is stored. */
export interface StoredAccess {
  readonly accounts: readonly Account[];
  readonly speakers: readonly SpeakerAccess[];
  readonly revocations: Revocations;
}

/** What changes together; each part that is there replaces what had the same name, `revocations` the whole list. */
export interface AccessChange {
  readonly account?: Account;
  readonly speaker?: SpeakerAccess;
  readonly revocations?: Revocations;
}

export interface AccessStore {
  /** With nothing stored: no accounts, no speakers, revision 0. */
  load(): Promise<StoredAccess>;
  /** All of it or none; after it returned, a kill does not undo it. Rejects with `storage.full` or `storage.failed`. */
  save(change: AccessChange): Promise<void>;
}
