/** Which track a music file is, by its path. */
import type { DatabaseSync } from 'node:sqlite';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { maybeTextOf } from './rows.ts';
import { statement } from './statement.ts';

/** @param paths absolute, as the ingest has found them @returns null for each that is no track */
export function tracksAtPaths(database: DatabaseSync, paths: readonly string[]): readonly (TrackId | null)[] {
  const find = statement(database, 'SELECT track_id FROM sources WHERE path = ?');
  return paths.map((path) => {
    const row = find.get(path);
    const id = row === undefined ? null : maybeTextOf(row, 'track_id');
    return id === null ? null : trackId(id);
  });
}
