/**
 * The session as the bridge knows it: which epoch, who is its speaker, what it plays; and the record of it that survives
 * a kill. The active speaker writes the session; this follows its reports, and writes only while nobody else does.
 *
 * An epoch is stored before anything is sent in it (`reserve`), so that a bridge that was killed never gives the same
 * number to two speakers. Who writes stays as it was until somebody has taken over: a bridge that is killed in between
 * must not, when it is back, silence the one speaker that plays.
 */
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { type TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { SessionState } from '#protocol/wire/playback-state';
import type { SessionStore, StoredSession } from '../ports/session-store.ts';
import { SAVE_EVERY } from './limits.ts';
import type { TimedSession } from './playback-position.ts';
import { pausedAt } from './playback-position.ts';

export interface SessionRecordPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessions: SessionStore;
}

export class SessionRecord {
  readonly #ports: SessionRecordPorts;
  readonly #lock = createSerialLock();
  #saveTimer: Timer | null = null;
  #savedKey = '';
  #highestEpoch: number;
  epoch: number;
  activeSpeakerId: SpeakerId | null;
  /** The active speaker while it is known to hold the session; null: the bridge holds it. */
  writerId: SpeakerId | null = null;
  timed: TimedSession | null;

  constructor(ports: SessionRecordPorts, stored: StoredSession) {
    this.#ports = ports;
    this.epoch = stored.epoch;
    this.#highestEpoch = Math.max(stored.epoch, stored.reservedEpoch ?? 0);
    this.activeSpeakerId = stored.activeSpeakerId;
    // Nobody is known to play it yet, so it stands still where it was.
    const positionAtUs = ports.clock.nowUs();
    this.timed = stored.state === null ? null : pausedAt({ state: stored.state, positionAtUs }, positionAtUs);
  }

  /** A number above every one that was ever given, in this life or, by the store, in an earlier one. */
  nextEpoch(): number {
    this.#highestEpoch += 1;
    return this.#highestEpoch;
  }

  /** Some speaker knows of this epoch: none below it will be given. */
  noteEpoch(epoch: number): void {
    this.#highestEpoch = Math.max(this.#highestEpoch, epoch);
  }

  /** Stores that `epoch` is given away. Nothing may be sent in it before this has resolved. */
  reserve(epoch: number): Promise<Result<void, TonearmError>> {
    this.noteEpoch(epoch);
    return this.#write();
  }

  /** From now on `speaker` writes, in `epoch`. */
  become(speaker: SpeakerId, epoch: number): void {
    this.noteEpoch(epoch);
    this.epoch = epoch;
    this.activeSpeakerId = speaker;
    this.writerId = speaker;
  }

  /** Nobody writes it any more: it stands still, with the bridge as its keeper. */
  keep(): void {
    this.writerId = null;
    if (this.timed !== null) this.timed = pausedAt(this.timed, this.#ports.clock.nowUs());
    this.saveSoon();
  }

  /** Stores what is known now. */
  save(): Promise<Result<void, TonearmError>> {
    this.#savedKey = keyOf(this.epoch, this.activeSpeakerId, this.timed?.state ?? null);
    return this.#write();
  }

  /** Stores what is known, a little later, and only if something other than the position has changed. */
  saveSoon(): void {
    if (this.#saveTimer !== null) return;
    if (this.#savedKey === keyOf(this.epoch, this.activeSpeakerId, this.timed?.state ?? null)) return;
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

  #write(): Promise<Result<void, TonearmError>> {
    const { epoch, activeSpeakerId } = this;
    const session: StoredSession = {
      epoch,
      ...(this.#highestEpoch > epoch ? { reservedEpoch: this.#highestEpoch } : {}),
      activeSpeakerId,
      state: this.timed?.state ?? null,
    };
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
function keyOf(epoch: number, activeSpeakerId: SpeakerId | null, state: SessionState | null): string {
  const playback =
    state === null || state.playback.kind !== 'playing' ? state?.playback : { ...state.playback, positionFrames: 0 };
  return JSON.stringify([epoch, activeSpeakerId, state === null ? null : { ...state, playback }]);
}
