/**
 * Statements by their text, prepared once for each database: preparing one costs as much as running it, and a manifest
 * runs five. For `get`, `all` and `run`, which leave a statement as they found it; whoever iterates prepares its own.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** There are some eighty in the code; more would mean that a text is made of values. */
const STATEMENTS_MAX = 512;

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

export function statement(database: DatabaseSync, sql: string): StatementSync {
  const known = prepared.get(database) ?? new Map<string, StatementSync>();
  prepared.set(database, known);
  const before = known.get(sql);
  if (before !== undefined) return before;
  if (known.size >= STATEMENTS_MAX) known.clear();
  const made = database.prepare(sql);
  known.set(sql, made);
  return made;
}
