/** Rules of availability in the bridge's SQLite file. They outlive their track: music that comes back is as it was. */
import type { DatabaseSync } from 'node:sqlite';
import type { AvailabilityRules, AvailabilityRulesStore } from '#bridge/core/ports/availability-rules';
import { AVAILABLE_EVERYWHERE } from '#bridge/core/services/catalogue/availability';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AlbumId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { maybeNumberOf, maybeTextOf, type Row } from './rows.ts';
import { statement } from './statement.ts';

type Subject = 'track' | 'album';

export class SqliteAvailability implements AvailabilityRulesStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async rulesFor(id: TrackId): Promise<readonly AvailabilityRules[]> {
    return statement(
      this.#database,
      `SELECT * FROM availability_rules WHERE subject = 'track' AND id = ?1
         UNION ALL SELECT * FROM availability_rules
           WHERE subject = 'album' AND id = (SELECT album_id FROM tracks WHERE id = ?1)`,
    )
      .all(id)
      .map(rulesOf);
  }

  async setTrackRules(id: TrackId, rules: AvailabilityRules): Promise<Result<void, TonearmError>> {
    return this.#set('track', id, rules);
  }

  async setAlbumRules(id: AlbumId, rules: AvailabilityRules): Promise<Result<void, TonearmError>> {
    return this.#set('album', id, rules);
  }

  async trackRules(id: TrackId): Promise<Result<AvailabilityRules, TonearmError>> {
    return this.#get('track', id);
  }

  async albumRules(id: AlbumId): Promise<Result<AvailabilityRules, TonearmError>> {
    return this.#get('album', id);
  }

  #get(subject: Subject, id: string): Result<AvailabilityRules, TonearmError> {
    if (!this.#isThere(subject, id)) return notFound(subject, id);
    const row = statement(this.#database, 'SELECT * FROM availability_rules WHERE subject = ? AND id = ?').get(
      subject,
      id,
    );
    return ok(row === undefined ? AVAILABLE_EVERYWHERE : rulesOf(row));
  }

  #set(subject: Subject, id: string, rules: AvailabilityRules): Result<void, TonearmError> {
    if (!this.#isThere(subject, id)) return notFound(subject, id);
    const { countries, fromMs, untilMs } = rules;
    if (countries === null && fromMs === null && untilMs === null) {
      statement(this.#database, 'DELETE FROM availability_rules WHERE subject = ? AND id = ?').run(subject, id);
      return ok(undefined);
    }
    statement(
      this.#database,
      'INSERT OR REPLACE INTO availability_rules (subject, id, countries, from_ms, until_ms) VALUES (?, ?, ?, ?, ?)',
    ).run(subject, id, countries === null ? null : JSON.stringify(countries), fromMs, untilMs);
    return ok(undefined);
  }

  #isThere(subject: Subject, id: string): boolean {
    const table = subject === 'track' ? 'tracks' : 'albums';
    return statement(this.#database, `SELECT 1 FROM ${table} WHERE id = ?`).get(id) !== undefined;
  }
}

function rulesOf(row: Row): AvailabilityRules {
  const countries = maybeTextOf(row, 'countries');
  return {
    countries: countries === null ? null : (JSON.parse(countries) as readonly string[]),
    fromMs: maybeNumberOf(row, 'from_ms'),
    untilMs: maybeNumberOf(row, 'until_ms'),
  };
}

function notFound(subject: Subject, id: string): { readonly ok: false; readonly error: TonearmError } {
  return refused(new TonearmError('catalogue.not-found', `no ${subject} ${id}`));
}
