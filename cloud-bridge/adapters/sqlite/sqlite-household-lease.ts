/** The lease in the SQLite file that the bridges of one machine share; each step is one statement, and so one change. */
import type { DatabaseSync } from 'node:sqlite';
import type { HouseholdLease, LeaseView } from '#bridge/core/ports/household-lease';
import type { SessionStore } from '#bridge/core/ports/session-store';
import { TonearmError } from '#protocol/vocabulary/errors';
import { inTransaction } from './database.ts';
import { maybeTextOf, numberOf } from './rows.ts';

export class SqliteHouseholdLease implements HouseholdLease {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** 32 bytes, made with the table: chance from SQLite, which has it from the system. */
  busKey(): Uint8Array {
    const row = this.#database.prepare('SELECT bus_key FROM household_lease').get();
    const key = row?.['bus_key'];
    if (!(key instanceof Uint8Array)) throw new TonearmError('storage.failed', 'the key of the bus is missing');
    return key;
  }

  async read(): Promise<LeaseView> {
    const row = this.#database.prepare('SELECT node, term, beats FROM household_lease').get();
    if (row === undefined) throw new TonearmError('storage.failed', 'the lease of the household is missing');
    return { node: maybeTextOf(row, 'node'), term: numberOf(row, 'term'), beats: numberOf(row, 'beats') };
  }

  async take(node: string, seen: LeaseView): Promise<number | null> {
    const { changes } = this.#database
      .prepare(
        `UPDATE household_lease SET node = ?, term = term + 1, beats = 0
         WHERE node IS ? AND term = ? AND beats = ?`,
      )
      .run(node, seen.node, seen.term, seen.beats);
    return Number(changes) === 1 ? seen.term + 1 : null;
  }

  async renew(term: number): Promise<boolean> {
    const { changes } = this.#database
      .prepare('UPDATE household_lease SET beats = beats + 1 WHERE term = ? AND node IS NOT NULL')
      .run(term);
    return Number(changes) === 1;
  }

  async release(term: number): Promise<void> {
    this.#database.prepare('UPDATE household_lease SET node = NULL WHERE term = ?').run(term);
  }

  /** The same sessions, written only while the term lasts: check and write are one change. */
  fence(sessions: SessionStore, term: number): SessionStore {
    const within = (write: () => Promise<void>): Promise<void> =>
      inTransaction(this.#database, () => {
        const row = this.#database.prepare('SELECT term FROM household_lease').get();
        if (row !== undefined && numberOf(row, 'term') === term) return write();
        throw new TonearmError('storage.failed', 'another bridge is the home of this household now');
      });
    return {
      // What only reads may be old; it changes nothing.
      loadSessions: () => sessions.loadSessions(),
      performedCommands: () => sessions.performedCommands(),
      knownSpeakers: () => sessions.knownSpeakers(),
      saveSession: async (session) => within(() => sessions.saveSession(session)),
      forgetSession: async (accountId) => within(() => sessions.forgetSession(accountId)),
      savePerformed: async (command) => within(() => sessions.savePerformed(command)),
      saveSpeaker: async (speaker) => within(() => sessions.saveSpeaker(speaker)),
      forgetSpeaker: async (id) => within(() => sessions.forgetSpeaker(id)),
    };
  }
}
