/**
 * The sessions of the house, one for each person who plays, over one set of speakers: whose a speaker's is, and the one
 * count of epochs that fences them all. A speaker plays at most one of them; who plays on it last has it.
 */
import type { AccountId, SpeakerId } from '#protocol/vocabulary/ids';
import type { SpeakerView } from '#protocol/wire/household';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import { ACCOUNT_SESSIONS_MAX } from './limits.ts';
import type { SessionNeighbours, SessionRecord } from './session-record.ts';

/** What this needs of each. */
export interface HeldSession {
  readonly record: SessionRecord;
  isForgettable(): boolean;
}

export interface SessionsView<Session> {
  /** The session of somebody who has not played yet. */
  create(accountId: AccountId): Session;
  /** It is not held any more, and need not be stored. */
  forgotten(session: Session): void;
  /** One has lost its speaker to another. */
  lost(): void;
}

export class Sessions<Session extends HeldSession> implements SessionNeighbours {
  readonly #view: SessionsView<Session>;
  /** Used last at the end. */
  readonly #held = new Map<AccountId, Session>();
  #highestEpoch = 0;

  constructor(view: SessionsView<Session>) {
    this.#view = view;
  }

  /** One that an earlier bridge had. */
  add(session: Session, reservedEpoch = 0): void {
    this.#held.set(session.record.accountId, session);
    this.noteEpoch(Math.max(session.record.epoch, reservedEpoch));
  }

  /** That of an account; absent: of the house's one. */
  of(accountId: AccountId = HOUSE_ACCOUNT): Session {
    const held = this.#held.get(accountId);
    if (held !== undefined) {
      this.#held.delete(accountId);
      this.#held.set(accountId, held);
      return held;
    }
    const session = this.#view.create(accountId);
    this.#held.set(accountId, session);
    this.#forgetOldest();
    return session;
  }

  all(): readonly Session[] {
    return [...this.#held.values()];
  }

  /** The session that a speaker writes; null when it writes none. */
  writtenBy(speaker: SpeakerId): Session | null {
    return this.all().find(({ record }) => record.writerId === speaker) ?? null;
  }

  /** Whose the speakers are that play, for phones. */
  owners(): ReadonlyMap<SpeakerId, NonNullable<SpeakerView['account']>> {
    const owners = new Map<SpeakerId, NonNullable<SpeakerView['account']>>();
    for (const { record } of this.#held.values())
      if (record.writerId !== null) owners.set(record.writerId, record.person);
    return owners;
  }

  /** @returns the newest epoch in which a session other than this one went to the speaker; 0: none is there */
  othersEpochOn(speaker: SpeakerId, session: SessionRecord): number {
    const others = this.all()
      .map(({ record }) => record)
      .filter((record) => record !== session && record.activeSpeakerId === speaker);
    return Math.max(0, ...others.map(({ epoch }) => epoch));
  }

  highestEpoch(): number {
    return this.#highestEpoch;
  }

  nextEpoch(): number {
    this.#highestEpoch += 1;
    return this.#highestEpoch;
  }

  noteEpoch(epoch: number): void {
    this.#highestEpoch = Math.max(this.#highestEpoch, epoch);
  }

  lost(): void {
    this.#view.lost();
  }

  claimed(session: SessionRecord, speaker: SpeakerId): void {
    for (const { record } of this.all()) {
      if (record === session) continue;
      // Two at once: the speaker obeys the newer number, whichever of the two is heard of last.
      if (record.writerId === speaker && record.epoch > session.epoch) {
        session.taken(record.called);
        return;
      }
      if (record.writerId === speaker || record.activeSpeakerId === speaker) {
        record.taken(session.called);
      }
    }
  }

  /** Guests come and go: who has not been here for longest, and neither plays nor looks, is forgotten. */
  #forgetOldest(): void {
    if (this.#held.size <= ACCOUNT_SESSIONS_MAX) return;
    const oldest = this.all().find((session) => session.isForgettable());
    if (oldest === undefined) return;
    this.#held.delete(oldest.record.accountId);
    this.#view.forgotten(oldest);
  }
}
