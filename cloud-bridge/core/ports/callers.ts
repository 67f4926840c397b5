/**
 * Who asks. Every door finds that out before anything else and hands the answer on; the relay knows the account alone,
 * what it may do is decided at the doors.
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import { type AccountId, accountId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';

/** What a token may be for: the names of the Spotify Web API where it has one, ours for what it has not. */
export const SCOPES = [
  'user-read-playback-state',
  'user-read-currently-playing',
  'user-read-recently-played',
  'user-modify-playback-state',
  'user-read-private',
  'playlist-read-private',
  'user-library-read',
  /** Pairing, naming, forgetting and handing on of speakers. */
  'tonearm-speakers',
  /** Reading folders, checking the store, edges. */
  'tonearm-library',
  /** People, guests, and what they may do. */
  'tonearm-accounts',
  /** What Prometheus reads. */
  'tonearm-metrics',
] as const;
export type Scope = (typeof SCOPES)[number];

/** `owner`: everything. `member`: everything but people and pairing. `guest`: plays, until it expires. */
export type AccountRole = 'owner' | 'member' | 'guest';

export interface Caller {
  readonly accountId: AccountId;
  readonly name: string;
  readonly role: AccountRole;
  readonly scopes: ReadonlySet<Scope>;
  /** ms since 1970; a socket opened with it is asked again then. Null: for ever. */
  readonly expiresAtMs: number | null;
}

/** What a request brings to show who sent it. */
export interface Credentials {
  /** Of the header `Authorization: Bearer …`, without the word. */
  readonly bearer: string | null;
  /** Of the page's own cookie. */
  readonly cookie: string | null;
}

export interface CallerCheck {
  /** Refused with `access.sign-in-needed`; the reason is for the log alone. */
  identify(credentials: Credentials): Promise<Result<Caller, TonearmError>>;
  /** Called when somebody's access may have ended: who keeps a socket open asks again. Absent: nobody's ever does. @returns ends it */
  onEnded?(listener: () => void): () => void;
}

/** The one account of a house without sign-in, and the first owner's in one with it. */
export const HOUSE_ACCOUNT: AccountId = accountId('house-owner');

/** Everybody, in a house that asks nobody who they are (`--access open`). */
export const OPEN_HOUSE_CALLER: Caller = {
  accountId: HOUSE_ACCOUNT,
  name: 'House',
  role: 'owner',
  scopes: new Set(SCOPES),
  expiresAtMs: null,
};

/** A house without sign-in: whoever reaches it may do everything. */
export const OPEN_HOUSE: CallerCheck = { identify: async () => ({ ok: true, value: OPEN_HOUSE_CALLER }) };
