/** The session and the speakers that were ever here, in the bridge's SQLite file. */
import type { DatabaseSync } from 'node:sqlite';
import type { KnownSpeaker, SessionStore, StoredSession } from '#bridge/core/ports/session-store';
import { type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import { type SessionState, sessionStateSchema } from '#protocol/wire/playback-state';
import { parseValue } from '#protocol/wire/schema';
import { maybeTextOf, numberOf, textOf } from './rows.ts';

export class SqliteSessionStore implements SessionStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async loadSession(): Promise<StoredSession> {
    const row = this.#database.prepare('SELECT * FROM session').get();
    if (row === undefined) return { epoch: 0, activeSpeakerId: null, state: null };
    const active = maybeTextOf(row, 'active_speaker_id');
    const [epoch, reservedEpoch] = [numberOf(row, 'epoch'), numberOf(row, 'reserved_epoch')];
    return {
      epoch,
      ...(reservedEpoch > epoch ? { reservedEpoch } : {}),
      activeSpeakerId: active === null ? null : speakerId(active),
      state: stateOf(maybeTextOf(row, 'state')),
    };
  }

  async saveSession(session: StoredSession): Promise<void> {
    this.#database
      .prepare(
        `INSERT INTO session (only_row, epoch, reserved_epoch, active_speaker_id, state) VALUES (1, ?, ?, ?, ?)
         ON CONFLICT (only_row) DO UPDATE SET epoch = excluded.epoch, reserved_epoch = excluded.reserved_epoch,
           active_speaker_id = excluded.active_speaker_id, state = excluded.state`,
      )
      .run(
        session.epoch,
        session.reservedEpoch ?? session.epoch,
        session.activeSpeakerId,
        session.state === null ? null : JSON.stringify(session.state),
      );
  }

  async knownSpeakers(): Promise<readonly KnownSpeaker[]> {
    const rows = this.#database.prepare('SELECT * FROM speakers ORDER BY name, id').all();
    return rows.map((row) => ({
      id: speakerId(textOf(row, 'id')),
      name: textOf(row, 'name'),
      model: textOf(row, 'model'),
      version: textOf(row, 'version'),
      lastSeenMs: numberOf(row, 'last_seen_ms'),
    }));
  }

  async saveSpeaker(speaker: KnownSpeaker): Promise<void> {
    this.#database
      .prepare(
        `INSERT INTO speakers (id, name, model, version, last_seen_ms) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, model = excluded.model,
           version = excluded.version, last_seen_ms = excluded.last_seen_ms`,
      )
      .run(speaker.id, speaker.name, speaker.model, speaker.version, Math.trunc(speaker.lastSeenMs));
  }

  async forgetSpeaker(id: SpeakerId): Promise<void> {
    this.#database.prepare('DELETE FROM speakers WHERE id = ?').run(id);
  }
}

/** A state that this version cannot read (written by another) is as good as none: the music has to be chosen anew. */
function stateOf(text: string | null): SessionState | null {
  if (text === null) return null;
  const parsed = parseValue(sessionStateSchema, JSON.parse(text), 'the stored session');
  return parsed.ok ? parsed.value : null;
}
