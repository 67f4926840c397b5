/**
 * Who lives in the house and what each has signed in with. A household has few of each, so all of it is loaded at the
 * start and every change is written before it is answered. No secret is stored, only what recognises it.
 */
import type { AccountId } from '#protocol/vocabulary/ids';
import type { AccountRole, Scope } from './callers.ts';

export interface Person {
  readonly id: AccountId;
  /** For people, and what one signs in with; no two have the same but for case. */
  readonly name: string;
  readonly role: AccountRole;
  /** As `PasswordHasher` made it; null: signs in by links only. */
  readonly passwordHash: string | null;
  /** ms since 1970. */
  readonly createdAtMs: number;
  /** ms since 1970; null: stays. Guests have one. */
  readonly expiresAtMs: number | null;
}

/** A link that signs a person in, a bounded number of times. */
export interface Link {
  /** SHA-256 of its token, base64url. */
  readonly hash: string;
  readonly accountId: AccountId;
  /** ms since 1970. */
  readonly expiresAtMs: number;
  readonly usesLeft: number;
}

/** What one device of a person holds: a page's session, or a chain of refresh tokens. */
export interface Grant {
  readonly id: string;
  readonly accountId: AccountId;
  readonly kind: 'page' | 'client';
  /** For people: which device or program it is. */
  readonly label: string;
  /** At most; what the person's role allows is asked for each time. */
  readonly scopes: readonly Scope[];
  /** SHA-256 of the cookie or of the newest refresh token, base64url. */
  readonly hash: string;
  /** Of the refresh tokens before it, the newest first, bounded: one of them again is theft. */
  readonly usedHashes: readonly string[];
  /** ms since 1970. */
  readonly createdAtMs: number;
  /** ms since 1970. */
  readonly expiresAtMs: number;
}

/** All that is stored, each sorted by its id (or hash). */
export interface StoredAccounts {
  readonly people: readonly Person[];
  readonly links: readonly Link[];
  readonly grants: readonly Grant[];
}

/** What changes together. A person that goes takes its links and grants along. */
export interface AccountsChange {
  readonly people?: readonly Person[];
  readonly links?: readonly Link[];
  readonly grants?: readonly Grant[];
  readonly gonePeople?: readonly AccountId[];
  /** Their hashes. */
  readonly goneLinks?: readonly string[];
  /** Their ids. */
  readonly goneGrants?: readonly string[];
}

export interface AccountsStore {
  load(): Promise<StoredAccounts>;
  /** All of it or none; after it returned, a kill does not undo it. Rejects with `storage.full` or `storage.failed`. */
  save(change: AccountsChange): Promise<void>;
}
