/**
 * Who may play, as it stands now: accounts, their speakers, and what has been revoked. Kept in memory, written before it
 * holds, so that neither a manifest nor a range waits for the disk and no kill undoes a revocation.
 */
import type { AccessChange, AccessStore, Account, SpeakerAccess } from '#bridge/core/ports/access-store';
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { ContentClaims, Revocations } from '#protocol/wire/content-token';
import { RevocationList } from './revocation-list.ts';
import { TOKEN_LIFE_MAX_S } from './token-life.ts';

/** The account of whoever is in the house. */
export const HOUSEHOLD_ACCOUNT = 'household';
/** What the schema of the feed allows. */
const REVOCATIONS_MAX = 10_000;
/** Speakers of accounts of their own, or revoked once; a house has dozens. */
const SPEAKERS_MAX = 4_096;
const ACCOUNTS_MAX = 1_024;

type Entry = Revocations['entries'][number];

/** What can lose its access, and get it back but for a token, which ends by itself. */
export type AccessSubject =
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'speaker'; readonly speakerId: SpeakerId }
  | { readonly kind: 'token'; readonly tokenId: string };

/** Who asks for music. */
export interface Asker {
  readonly account: Account;
  readonly isSpeakerRevoked: boolean;
}

export interface AccessControlPorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly store: AccessStore;
}

export class AccessControl {
  readonly #ports: AccessControlPorts;
  readonly #list = new RevocationList();
  /** One change at a time: each is computed from what the one before has stored. */
  readonly #lock = createSerialLock();
  readonly #accounts = new Map<string, Account>();
  readonly #speakers = new Map<SpeakerId, SpeakerAccess>();
  #feed: Revocations = { revision: 0, entries: [] };

  constructor(ports: AccessControlPorts) {
    this.#ports = ports;
  }

  /** @param household `country` of the account that everybody in the house has; null: as it was, at first none */
  async start(household: { readonly country: string | null }): Promise<void> {
    const stored = await this.#ports.store.load();
    for (const account of stored.accounts) this.#accounts.set(account.id, account);
    for (const speaker of stored.speakers) this.#speakers.set(speaker.speakerId, speaker);
    this.#use(stored.revocations);
    const had = this.#accounts.get(HOUSEHOLD_ACCOUNT);
    if (had !== undefined && (household.country === null || had.country === household.country)) return;
    const fresh: Account = {
      id: HOUSEHOLD_ACCOUNT,
      name: 'Household',
      tier: 'premium',
      country: null,
      revokedSinceS: null,
    };
    await this.#lock.run(() => this.#save({ account: { ...(had ?? fresh), country: household.country } }));
  }

  /** A speaker that nobody has given to another account is the household's, and so is who does not say which it is. */
  askerOf(speakerId: SpeakerId | null): Asker {
    const speaker = speakerId === null ? undefined : this.#speakers.get(speakerId);
    const account = this.#accounts.get(speaker?.accountId ?? HOUSEHOLD_ACCOUNT);
    if (account === undefined) throw new Error('access control was started, so its household is known');
    return { account, isSpeakerRevoked: speaker !== undefined && speaker.revokedSinceS !== null };
  }

  isRevoked(claims: ContentClaims): boolean {
    return this.#list.isRevoked(claims);
  }

  /** A token for them must not be good from earlier than this, or it would be revoked already. */
  goodFromS(accountId: string, speakerId: SpeakerId | null): number {
    return this.#list.goodFromS(accountId, speakerId);
  }

  /** What edges poll. */
  revocations(): Revocations {
    return this.#feed;
  }

  /** By id. */
  accounts(): readonly Account[] {
    return [...this.#accounts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Adds an account, or replaces what is said of it; whether it may play stays as it is. Refused with `input.too-large`. */
  describeAccount(described: Omit<Account, 'revokedSinceS'>): Promise<Result<void, TonearmError>> {
    return this.#lock.run(async () => {
      const had = this.#accounts.get(described.id);
      if (had === undefined && this.#accounts.size >= ACCOUNTS_MAX) {
        return refused(
          new TonearmError('input.too-large', `more than ${ACCOUNTS_MAX} accounts`, { field: 'accountId' }),
        );
      }
      await this.#save({ account: { ...described, revokedSinceS: had?.revokedSinceS ?? null } });
      return ok(undefined);
    });
  }

  /** Gives a speaker to an account. Refused with `input.unknown`. */
  assignSpeaker(speakerId: SpeakerId, accountId: string): Promise<Result<void, TonearmError>> {
    return this.#lock.run(async () => {
      if (!this.#accounts.has(accountId)) return refused(unknownAccount());
      const speaker = this.#speakerOf(speakerId);
      if (speaker === null) return refused(tooManySpeakers());
      await this.#save({ speaker: { ...speaker, accountId } });
      return ok(undefined);
    });
  }

  /** Ends its access at once. Again is harmless. Refused with `input.unknown` or, when the list is full, `input.too-large`. */
  revoke(subject: AccessSubject): Promise<Result<void, TonearmError>> {
    return this.#lock.run(async () => {
      const nowS = this.#nowS();
      const change = this.#changeOf(subject, nowS);
      if (!change.ok) return change;
      const feed = withEntry(this.#feed, entryOf(subject, nowS), nowS);
      if (feed === null) {
        const message = `more than ${REVOCATIONS_MAX} revocations at once: revoke the account instead`;
        return refused(new TonearmError('input.too-large', message));
      }
      await this.#save({ ...change.value, revocations: feed });
      return ok(undefined);
    });
  }

  /** Lets it play again, with new tokens: those it had stay revoked. Refused with `input.unknown`; a token cannot be restored. */
  restore(subject: Exclude<AccessSubject, { kind: 'token' }>): Promise<Result<void, TonearmError>> {
    return this.#lock.run(async () => {
      const change = this.#changeOf(subject, null);
      if (!change.ok) return change;
      await this.#save(change.value);
      return ok(undefined);
    });
  }

  #changeOf(subject: AccessSubject, revokedSinceS: number | null): Result<AccessChange, TonearmError> {
    if (subject.kind === 'token') return ok({});
    if (subject.kind === 'account') {
      const account = this.#accounts.get(subject.accountId);
      return account === undefined ? refused(unknownAccount()) : ok({ account: { ...account, revokedSinceS } });
    }
    const speaker = this.#speakerOf(subject.speakerId);
    return speaker === null ? refused(tooManySpeakers()) : ok({ speaker: { ...speaker, revokedSinceS } });
  }

  /** As it is known, or as any of the household's is. Null: too many are known to add it. */
  #speakerOf(speakerId: SpeakerId): SpeakerAccess | null {
    const known = this.#speakers.get(speakerId);
    if (known !== undefined || this.#speakers.size < SPEAKERS_MAX) {
      return known ?? { speakerId, accountId: HOUSEHOLD_ACCOUNT, revokedSinceS: null };
    }
    return null;
  }

  async #save(change: AccessChange): Promise<void> {
    await this.#ports.store.save(change);
    const { account, speaker, revocations } = change;
    if (account !== undefined) this.#accounts.set(account.id, account);
    if (speaker !== undefined) this.#speakers.set(speaker.speakerId, speaker);
    if (revocations !== undefined) this.#use(revocations);
  }

  #use(feed: Revocations): void {
    this.#feed = feed;
    this.#list.set(feed);
  }

  #nowS(): number {
    return Math.max(0, Math.floor(this.#ports.clock.wallMs() / 1000));
  }
}

/** Tokens of this very second are revoked too, hence the next one. */
function entryOf(subject: AccessSubject, nowS: number): Entry {
  if (subject.kind === 'token') return { kind: 'token', jti: subject.tokenId, until: nowS + TOKEN_LIFE_MAX_S };
  if (subject.kind === 'account') return { kind: 'account', sub: subject.accountId, before: nowS + 1 };
  return { kind: 'speaker', spk: subject.speakerId, before: nowS + 1 };
}

/** The list with one more and without what has expired by itself; null when it would be too long. */
function withEntry(feed: Revocations, entry: Entry, nowS: number): Revocations | null {
  const kept = feed.entries.filter((it) => endOf(it) > nowS && nameOf(it) !== nameOf(entry));
  if (kept.length >= REVOCATIONS_MAX) return null;
  return { revision: feed.revision + 1, entries: [...kept, entry] };
}

function endOf(entry: Entry): number {
  return entry.kind === 'token' ? entry.until : entry.before + TOKEN_LIFE_MAX_S;
}

function nameOf(entry: Entry): string {
  if (entry.kind === 'token') return `token ${entry.jti}`;
  return entry.kind === 'account' ? `account ${entry.sub}` : `speaker ${entry.spk}`;
}

function unknownAccount(): TonearmError {
  return new TonearmError('input.unknown', 'there is no such account', { field: 'accountId' });
}

function tooManySpeakers(): TonearmError {
  return new TonearmError('input.too-large', `more than ${SPEAKERS_MAX} speakers of their own`, { field: 'speakerId' });
}
