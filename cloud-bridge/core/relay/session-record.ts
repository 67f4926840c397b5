/**
 * One account's session as the bridge knows it: which epoch, who is its speaker, what it plays; and the record of it that
 * survives a kill. The active speaker writes the session; this follows its reports, and writes only while nobody else does.
 *
 * An epoch is stored before anything is sent in it (`reserve`), so that a bridge that was killed never gives the same
 * number to two speakers; it is counted for the house as a whole, so that a number says whose session is meant. Who writes
 * stays as it was until somebody has taken over: a bridge that is killed in between must not, when it is back, silence the
 * one speaker that plays.
 */
import { createSerialLock } from '#protocol/kit/serial-lock';
import { foldSession } from '#protocol/kit/track-lists';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { AccountId, SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { SessionState } from '#protocol/wire/playback-state';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import type { SessionStore, StoredSession } from '../ports/session-store.ts';
import { createHistory, type History } from './history.ts';
import { HISTORY_ENTRIES_MAX, SAVE_EVERY } from './limits.ts';
import { pausedAt, type TimedSession } from './playback-position.ts';

export interface SessionRecordPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessions: SessionStore;
}

/** The other sessions of the house, as far as one of them has to know. */
export interface SessionNeighbours {
  /** The newest that was ever given away. */
  highestEpoch(): number;
  nextEpoch(): number;
  noteEpoch(epoch: number): void;
  /** `session` has become what `speaker` plays: whoever else had it, has it no longer. */
  claimed(session: SessionRecord, speaker: SpeakerId): void;
  /** One has lost its speaker to another, by no report of a speaker: phones have to be told. */
  lost(): void;
}

/** Of somebody who has not played yet. */
export function newSession(accountId: AccountId): StoredSession {
  return { accountId, name: null, epoch: 0, activeSpeakerId: null, state: null, history: [] };
}

export class SessionRecord {
  readonly accountId: AccountId;
  readonly history: History;
  readonly #ports: SessionRecordPorts;
  readonly #neighbours: SessionNeighbours;
  readonly #lock = createSerialLock();
  #saveTimer: Timer | null = null;
  #savedKey = '';
  #person: { readonly id: AccountId; readonly name: string | null };
  epoch: number;
  activeSpeakerId: SpeakerId | null;
  /** The active speaker while it is known to hold the session; null: the bridge holds it. */
  writerId: SpeakerId | null = null;
  timed: TimedSession | null;

  constructor(ports: SessionRecordPorts, neighbours: SessionNeighbours, stored: StoredSession) {
    this.#ports = ports;
    this.#neighbours = neighbours;
    this.accountId = stored.accountId;
    this.history = createHistory(HISTORY_ENTRIES_MAX, stored.history);
    this.#person = { id: stored.accountId, name: stored.name };
    this.epoch = stored.epoch;
    this.activeSpeakerId = stored.activeSpeakerId;
    // Nobody is known to play it yet, so it stands still where it was.
    const positionAtUs = ports.clock.nowUs();
    this.timed = stored.state === null ? null : pausedAt({ state: stored.state, positionAtUs }, positionAtUs);
  }

  /** Whose it is, for people to see; the same object for as long as it says the same. */
  get person(): { readonly id: AccountId; readonly name: string | null } {
    return this.#person;
  }

  /** What people call them: the name as last heard, or the id. */
  get called(): string {
    return this.#person.name ?? this.accountId;
  }

  /** The person says who they are. */
  isCalled(name: string): void {
    if (name !== this.#person.name) this.#person = { id: this.accountId, name };
  }

  /** A number above every one that was ever given, in this life or, by the store, in an earlier one. */
  nextEpoch(): number {
    return this.#neighbours.nextEpoch();
  }

  /** Some speaker knows of this epoch: none below it will be given. */
  noteEpoch(epoch: number): void {
    this.#neighbours.noteEpoch(epoch);
  }

  /** Stores that `epoch` is given away. Nothing may be sent in it before this has resolved. */
  reserve(epoch: number): Promise<Result<void, TonearmError>> {
    this.noteEpoch(epoch);
    return this.#write(this.#stored());
  }

  /** From now on `speaker` writes, in `epoch`. */
  become(speaker: SpeakerId, epoch: number): void {
    this.noteEpoch(epoch);
    this.epoch = epoch;
    this.activeSpeakerId = speaker;
    this.writerId = speaker;
    this.#neighbours.claimed(this, speaker);
  }

  /** Nobody writes it any more: it stands still, with the bridge as its keeper. */
  keep(): void {
    this.writerId = null;
    if (this.timed !== null) this.timed = pausedAt(this.timed, this.#ports.clock.nowUs());
    this.saveSoon();
  }

  /** Somebody else plays on its speaker now: it stands still and says so, and no speaker is its own until one is named. */
  taken(by: string): void {
    this.activeSpeakerId = null;
    const { timed } = this;
    if (timed !== null) {
      const error = new TonearmError('session.taken', `${by} plays there now; go on at another speaker`).toBody();
      this.timed = { ...timed, state: { ...timed.state, problem: { trackId: null, error } } };
    }
    this.keep();
    this.#neighbours.lost();
  }

  /** Stores what is known now. */
  save(): Promise<Result<void, TonearmError>> {
    const stored = this.#stored();
    this.#savedKey = keyOf(stored);
    return this.#write(stored);
  }

  /** Stores what is known, a little later, and only if something other than the position has changed. */
  saveSoon(): void {
    if (this.#saveTimer !== null || this.#savedKey === keyOf(this.#stored())) return;
    this.#saveTimer = this.#ports.clock.setTimer('session-save', SAVE_EVERY, () => {
      this.#saveTimer = null;
      void this.save();
    });
  }

  /** Stores what is known and leaves no timer behind. */
  async stop(): Promise<void> {
    this.#saveTimer?.cancel();
    this.#saveTimer = null;
    await this.save();
  }

  /** Whether what a speaker says that it plays is this session: the house's one account is not named. */
  isOf(state: SessionState | null): boolean {
    return state !== null && (state.accountId ?? HOUSE_ACCOUNT) === this.accountId;
  }

  #stored(): StoredSession {
    const { accountId, epoch, activeSpeakerId, timed, history } = this;
    const highest = this.#neighbours.highestEpoch();
    return {
      accountId,
      name: this.#person.name,
      epoch,
      ...(highest > epoch ? { reservedEpoch: highest } : {}),
      activeSpeakerId,
      state: timed?.state ?? null,
      history: history.entries(),
    };
  }

  #write(session: StoredSession): Promise<Result<void, TonearmError>> {
    return this.#lock.run(async () => {
      try {
        await this.#ports.sessions.saveSession(session);
        return ok(undefined);
      } catch (cause) {
        const error = toTonearmError(cause, 'storage.failed');
        this.#ports.logger.error('session.save-failed', { code: error.code, reason: error.message });
        return refused(error);
      }
    });
  }
}

/** All but the position of something that moves: it changes all the time and is saved when something else does. */
function keyOf({ epoch, activeSpeakerId, state, history }: StoredSession): string {
  const facts = [epoch, activeSpeakerId, history[0]?.playedAtMs];
  if (state === null) return JSON.stringify(facts);
  const folded = foldSession(state);
  const playback = folded.playback.kind === 'playing' ? { ...folded.playback, positionFrames: 0 } : folded.playback;
  return JSON.stringify([...facts, { ...folded, playback }]);
}
