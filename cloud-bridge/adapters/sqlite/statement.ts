/**
 * Statements by their text, prepared once for each database: preparing one costs as much as running it, and a manifest
 * runs five. For `get`, `all` and `run`, which leave a statement as they found it; whoever iterates prepares its own.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { createBoundedMemo } from '#protocol/kit/bounded-memo';

/** There are some eighty in the code; more would mean that a text is made of values. */
const STATEMENTS_MAX = 512;

const prepared = new WeakMap<DatabaseSync, (sql: string) => StatementSync>();

export function statement(database: DatabaseSync, sql: string): StatementSync {
  let statementOf = prepared.get(database);
  if (statementOf === undefined) {
    statementOf = createBoundedMemo(STATEMENTS_MAX, (text: string) => database.prepare(text));
    prepared.set(database, statementOf);
  }
  return statementOf(sql);
}
