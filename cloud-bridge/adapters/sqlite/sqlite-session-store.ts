/** People's sessions and the speakers that were ever here, in the bridge's SQLite file. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import {
  type KnownSpeaker,
  PERFORMED_KEPT_MAX,
  type PerformedCommand,
  type SessionStore,
  type StoredSession,
} from '#bridge/core/ports/session-store';
import { foldSession, unfoldSession } from '#protocol/kit/track-lists';
import { accountId, commandId, type SpeakerId, speakerId, trackId } from '#protocol/vocabulary/ids';
import { type SessionState, sessionStateSchema } from '#protocol/wire/playback-state';
import { type Infer, parseValue, trackIdSchema } from '#protocol/wire/schema';
import { maybeTextOf, numberOf, textOf } from './rows.ts';

const historySchema = z.array(
  z.object({ trackId: trackIdSchema, playedAtMs: z.number(), contextUri: z.nullable(z.string()) }),
);
/** Tracks of a list in a row of letters: an id is of one length. */
const TRACK_ID_LENGTH = 22;

export class SqliteSessionStore implements SessionStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async loadSessions(): Promise<readonly StoredSession[]> {
    const rows = this.#database
      .prepare('SELECT s.*, l.track_ids FROM account_sessions s LEFT JOIN track_lists l ON l.id = s.list_id')
      .all();
    return rows.map((row) => {
      const active = maybeTextOf(row, 'active_speaker_id');
      const [epoch, reservedEpoch] = [numberOf(row, 'epoch'), numberOf(row, 'reserved_epoch')];
      return {
        accountId: accountId(textOf(row, 'account_id')),
        name: maybeTextOf(row, 'name'),
        epoch,
        ...(reservedEpoch > epoch ? { reservedEpoch } : {}),
        activeSpeakerId: active === null ? null : speakerId(active),
        state: stateOf(maybeTextOf(row, 'state'), maybeTextOf(row, 'track_ids')),
        history: historyOf(textOf(row, 'history')),
      };
    });
  }

  async saveSession(session: StoredSession): Promise<void> {
    const { accountId: id, name, epoch, reservedEpoch = epoch, activeSpeakerId, state, history } = session;
    const list = state?.queue.list;
    if (list !== undefined && state !== null) this.#keepList(list.id, state.queue.trackIds);
    const folded = state === null ? null : JSON.stringify(foldSession(state));
    this.#database
      .prepare(
        `INSERT INTO account_sessions (account_id, name, epoch, reserved_epoch, active_speaker_id, state, list_id, history)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, epoch = excluded.epoch,
           reserved_epoch = excluded.reserved_epoch,
           active_speaker_id = excluded.active_speaker_id, state = excluded.state, list_id = excluded.list_id,
           history = excluded.history`,
      )
      .run(id, name, epoch, reservedEpoch, activeSpeakerId, folded, list?.id ?? null, JSON.stringify(history));
  }

  async forgetSession(id: StoredSession['accountId']): Promise<void> {
    this.#database.prepare('DELETE FROM account_sessions WHERE account_id = ?').run(id);
    this.#database.prepare('DELETE FROM performed_commands WHERE account_id = ?').run(id);
  }

  async performedCommands(): Promise<readonly PerformedCommand[]> {
    const rows = this.#database
      .prepare('SELECT account_id, command_id FROM performed_commands ORDER BY number DESC LIMIT ?')
      .all(PERFORMED_KEPT_MAX);
    return rows
      .map((row) => ({
        accountId: accountId(textOf(row, 'account_id')),
        commandId: commandId(textOf(row, 'command_id')),
      }))
      .reverse();
  }

  async savePerformed({ accountId: account, commandId: command }: PerformedCommand): Promise<void> {
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO performed_commands (account_id, command_id) VALUES (?, ?)')
      .run(account, command);
    this.#database
      .prepare('DELETE FROM performed_commands WHERE number <= ?')
      .run(Number(lastInsertRowid) - PERFORMED_KEPT_MAX);
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

  /** Written once, and those that no session names any more go: a context begins seldom and is saved often. */
  #keepList(id: string, trackIds: readonly string[]): void {
    if (this.#database.prepare('SELECT 1 FROM track_lists WHERE id = ?').get(id) !== undefined) return;
    this.#database
      .prepare(
        'DELETE FROM track_lists WHERE id NOT IN (SELECT list_id FROM account_sessions WHERE list_id IS NOT NULL)',
      )
      .run();
    this.#database.prepare('INSERT INTO track_lists (id, track_ids) VALUES (?, ?)').run(id, trackIds.join(''));
  }
}

/** A state that this version cannot read (written by another) is as good as none: the music has to be chosen anew. */
function stateOf(text: string | null, tracks: string | null): SessionState | null {
  if (text === null) return null;
  const parsed = parseValue(sessionStateSchema, JSON.parse(text), 'the stored session');
  return parsed.ok ? unfoldSession(parsed.value, () => (tracks === null ? null : splitIds(tracks))) : null;
}

function splitIds(text: string) {
  const count = Math.floor(text.length / TRACK_ID_LENGTH);
  return Array.from({ length: count }, (_, place) =>
    trackId(text.slice(place * TRACK_ID_LENGTH, (place + 1) * TRACK_ID_LENGTH)),
  );
}

function historyOf(text: string): Infer<typeof historySchema> {
  const parsed = parseValue(historySchema, JSON.parse(text), 'the stored history');
  return parsed.ok ? parsed.value : [];
}
