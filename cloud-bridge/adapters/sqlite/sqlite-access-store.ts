/** Accounts, speakers and revocations in the bridge's SQLite file. */
import type { DatabaseSync } from 'node:sqlite';
import type { AccessChange, AccessStore, Account, SpeakerAccess, StoredAccess } from '#bridge/core/ports/access-store';
import { TonearmError } from '#protocol/vocabulary/errors';
import { speakerId } from '#protocol/vocabulary/ids';
import { type Revocations, revocationsSchema } from '#protocol/wire/content-token';
import { parseValue } from '#protocol/wire/schema';
import { inTransaction } from './database.ts';
import { maybeNumberOf, maybeTextOf, type Row, textOf } from './rows.ts';

/** SQLite's word for a full disk (`SQLITE_FULL`). */
const SQLITE_FULL = 13;

export class SqliteAccessStore implements AccessStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async load(): Promise<StoredAccess> {
    const accounts = this.#database.prepare('SELECT * FROM accounts ORDER BY id').all().map(accountOf);
    const speakers = this.#database.prepare('SELECT * FROM speaker_access ORDER BY speaker_id').all().map(speakerOf);
    const row = this.#database.prepare('SELECT list FROM revocations').get();
    return { accounts, speakers, revocations: row === undefined ? { revision: 0, entries: [] } : listOf(row) };
  }

  async save(change: AccessChange): Promise<void> {
    try {
      inTransaction(this.#database, () => this.#write(change));
    } catch (cause) {
      const isFull = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_FULL;
      const code = isFull ? 'storage.full' : 'storage.failed';
      throw new TonearmError(code, `who may play what cannot be written: ${String(cause)}`, { cause });
    }
  }

  #write({ account, speaker, revocations }: AccessChange): void {
    if (account !== undefined) {
      this.#database
        .prepare(
          `INSERT INTO accounts (id, name, tier, country, revoked_since_s) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET name = excluded.name, tier = excluded.tier, country = excluded.country,
             revoked_since_s = excluded.revoked_since_s`,
        )
        .run(account.id, account.name, account.tier, account.country, account.revokedSinceS);
    }
    if (speaker !== undefined) {
      this.#database
        .prepare(
          `INSERT INTO speaker_access (speaker_id, account_id, revoked_since_s) VALUES (?, ?, ?)
           ON CONFLICT (speaker_id) DO UPDATE SET account_id = excluded.account_id,
             revoked_since_s = excluded.revoked_since_s`,
        )
        .run(speaker.speakerId, speaker.accountId, speaker.revokedSinceS);
    }
    if (revocations !== undefined) {
      this.#database
        .prepare(
          `INSERT INTO revocations (only_row, list) VALUES (1, ?)
           ON CONFLICT (only_row) DO UPDATE SET list = excluded.list`,
        )
        .run(JSON.stringify(revocations));
    }
  }
}

function accountOf(row: Row): Account {
  return {
    id: textOf(row, 'id'),
    name: textOf(row, 'name'),
    tier: textOf(row, 'tier') === 'free' ? 'free' : 'premium',
    country: maybeTextOf(row, 'country'),
    revokedSinceS: maybeNumberOf(row, 'revoked_since_s'),
  };
}

function speakerOf(row: Row): SpeakerAccess {
  return {
    speakerId: speakerId(textOf(row, 'speaker_id')),
    accountId: textOf(row, 'account_id'),
    revokedSinceS: maybeNumberOf(row, 'revoked_since_s'),
  };
}

/** A list that cannot be read must not let in whom it kept out: it is a failure to start with. */
function listOf(row: Row): Revocations {
  const parsed = parseValue(revocationsSchema, JSON.parse(textOf(row, 'list')), 'the stored revocations');
  if (parsed.ok) return parsed.value;
  throw new TonearmError('storage.failed', parsed.error.message, { cause: parsed.error });
}
