/** People, their links and their grants in the bridge's SQLite file. */
import type { DatabaseSync } from 'node:sqlite';
import type {
  AccountsChange,
  AccountsStore,
  Grant,
  Link,
  Person,
  StoredAccounts,
} from '#bridge/core/ports/accounts-store';
import type { AccountRole } from '#bridge/core/ports/callers';
import { parseScopes } from '#bridge/core/services/accounts/role-scopes';
import { TonearmError } from '#protocol/vocabulary/errors';
import { accountId } from '#protocol/vocabulary/ids';
import { inTransaction } from './database.ts';
import { maybeNumberOf, maybeTextOf, numberOf, type Row, textOf } from './rows.ts';
import { statement } from './statement.ts';

const HASH = /^[0-9A-Za-z_-]{43}$/;

export class SqliteAccountsStore implements AccountsStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async load(): Promise<StoredAccounts> {
    return {
      people: this.#database.prepare('SELECT * FROM people ORDER BY id').all().map(personOf),
      links: this.#database.prepare('SELECT * FROM sign_in_links ORDER BY hash').all().map(linkOf),
      grants: this.#database.prepare('SELECT * FROM grants ORDER BY id').all().map(grantOf),
    };
  }

  async save(change: AccountsChange): Promise<void> {
    try {
      inTransaction(this.#database, () => this.#write(change));
    } catch (cause) {
      if (cause instanceof TonearmError) throw cause;
      throw new TonearmError('storage.failed', `the people of the house cannot be written: ${String(cause)}`, {
        cause,
      });
    }
  }

  #write(change: AccountsChange): void {
    for (const it of change.people ?? []) {
      this.#run(
        `INSERT INTO people (id, name, role, password_hash, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role,
           password_hash = excluded.password_hash, created_at_ms = excluded.created_at_ms,
           expires_at_ms = excluded.expires_at_ms`,
        ...[it.id, it.name, it.role, it.passwordHash, it.createdAtMs, it.expiresAtMs],
      );
    }
    for (const it of change.links ?? []) {
      this.#run(
        'INSERT OR REPLACE INTO sign_in_links (hash, account_id, expires_at_ms, uses_left) VALUES (?, ?, ?, ?)',
        ...[it.hash, it.accountId, it.expiresAtMs, it.usesLeft],
      );
    }
    for (const it of change.grants ?? []) {
      this.#run(
        `INSERT OR REPLACE INTO grants
           (id, account_id, kind, label, scopes, hash, used_hashes, created_at_ms, expires_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[it.id, it.accountId, it.kind, it.label, it.scopes.join(' '), it.hash, it.usedHashes.join(' ')],
        ...[it.createdAtMs, it.expiresAtMs],
      );
    }
    for (const hash of change.goneLinks ?? []) this.#run('DELETE FROM sign_in_links WHERE hash = ?', hash);
    for (const id of change.goneGrants ?? []) this.#run('DELETE FROM grants WHERE id = ?', id);
    for (const id of change.gonePeople ?? []) this.#run('DELETE FROM people WHERE id = ?', id);
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): void {
    statement(this.#database, sql).run(...values);
  }
}

function personOf(row: Row): Person {
  return {
    id: accountId(textOf(row, 'id')),
    name: textOf(row, 'name'),
    // The table takes no other.
    role: textOf(row, 'role') as AccountRole,
    passwordHash: maybeTextOf(row, 'password_hash'),
    createdAtMs: numberOf(row, 'created_at_ms'),
    expiresAtMs: maybeNumberOf(row, 'expires_at_ms'),
  };
}

function linkOf(row: Row): Link {
  return {
    hash: textOf(row, 'hash'),
    accountId: accountId(textOf(row, 'account_id')),
    expiresAtMs: numberOf(row, 'expires_at_ms'),
    usesLeft: numberOf(row, 'uses_left'),
  };
}

function grantOf(row: Row): Grant {
  const scopes = textOf(row, 'scopes');
  return {
    id: textOf(row, 'id'),
    accountId: accountId(textOf(row, 'account_id')),
    kind: textOf(row, 'kind') === 'page' ? 'page' : 'client',
    label: textOf(row, 'label'),
    // A name that this version does not know (any more) gives nothing.
    scopes: scopes === '' ? [] : (parseScopes(scopes) ?? []),
    hash: textOf(row, 'hash'),
    usedHashes: textOf(row, 'used_hashes')
      .split(' ')
      .filter((hash) => HASH.test(hash)),
    createdAtMs: numberOf(row, 'created_at_ms'),
    expiresAtMs: numberOf(row, 'expires_at_ms'),
  };
}
