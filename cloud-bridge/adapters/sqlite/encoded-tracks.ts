/** What is stored of each track: its files, one a quality, and what was found out about its music. */
import type { DatabaseSync } from 'node:sqlite';
import type { EncodedTrack, StoredTrack, UnfinishedTrack } from '#bridge/core/ports/catalogue-writer';
import type { Loudness } from '#bridge/core/ports/track-encoder';
import { albumLoudnessOf } from '#bridge/core/services/ingest/loudness-blocks';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { db } from '#protocol/vocabulary/units';
import { bytesOf, maybeNumberOf, numberOf, type Row, textOf } from './rows.ts';
import { statement } from './statement.ts';
import { ladderOf, ladderText, segmentSizesBlob, storedTrackOf } from './stored-track-rows.ts';

/** A flat folder of more is no album, and adding it up would take longer than a manifest may. */
const ALBUM_TRACKS_MAX = 400;

export class EncodedTracks {
  readonly #database: DatabaseSync;
  readonly #recipe: string;

  /** @param recipe names the way files are encoded; files of another count as none */
  constructor(database: DatabaseSync, recipe: string) {
    this.#database = database;
    this.#recipe = recipe;
  }

  /** Inside a caller's transaction. */
  put(id: TrackId, outcome: EncodedTrack): void {
    statement(this.#database, 'DELETE FROM files WHERE track_id = ? AND recipe <> ?').run(id, this.#recipe);
    const insert = statement(
      this.#database,
      `INSERT OR REPLACE INTO files (id, track_id, recipe, bitrate_kbps, pre_skip_frames, segment_frames, segment_sizes,
         head_segments, content_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const file of outcome.files) {
      insert.run(
        file.fileId,
        id,
        this.#recipe,
        file.bitrateKbps,
        file.preSkipFrames,
        file.segmentFrames,
        segmentSizesBlob(file.segmentSizesBytes),
        file.headSegments,
        file.key,
      );
    }
    this.#putMusic(id, outcome);
  }

  /** Exact length when its music is stored, else null. */
  durationFrames(id: TrackId): number | null {
    const row = this.#row(id);
    return row === null ? null : numberOf(row, 'duration_frames');
  }

  stored(id: TrackId): StoredTrack | null {
    const row = this.#row(id);
    if (row === null) return null;
    const files = this.#files(id);
    return files.length === 0 ? null : storedTrackOf(row, files, this.#albumLoudness(id));
  }

  nextUnfinished(except: ReadonlySet<TrackId>): UnfinishedTrack | null {
    // Reads along the index of unfinished tracks, which has them in the order they came, and stops at the first.
    const rows = this.#database
      .prepare(`SELECT e.track_id, e.missing_kbps, (SELECT min(s.path) FROM sources s WHERE s.track_id = e.track_id) AS path
         FROM encoded_tracks e WHERE e.recipe = ? AND e.missing_kbps <> '[]' AND path IS NOT NULL ORDER BY e.rowid`)
      .iterate(this.#recipe);
    for (const row of rows) {
      const id = trackId(textOf(row, 'track_id'));
      if (!except.has(id)) {
        return { id, sourcePath: textOf(row, 'path'), missingKbps: ladderOf(row, 'missing_kbps') };
      }
    }
    return null;
  }

  isStored(id: string): boolean {
    const found = statement(this.#database, 'SELECT 1 FROM encoded_tracks WHERE track_id = ? AND recipe = ?');
    return found.get(id, this.#recipe) !== undefined;
  }

  /** Forgets what no track or another recipe has. */
  sweep(): void {
    for (const table of ['files', 'encoded_tracks']) {
      statement(
        this.#database,
        `DELETE FROM ${table} WHERE recipe <> ? OR track_id NOT IN (SELECT id FROM tracks)`,
      ).run(this.#recipe);
    }
    this.#database.exec('DELETE FROM encoded_tracks WHERE track_id NOT IN (SELECT track_id FROM files)');
  }

  #putMusic(id: TrackId, outcome: EncodedTrack): void {
    const stored = new Set(this.#files(id).map((row) => numberOf(row, 'bitrate_kbps')));
    const missing = outcome.ladderKbps.filter((bitrate) => !stored.has(bitrate));
    const { loudness } = outcome;
    statement(
      this.#database,
      `INSERT INTO encoded_tracks (track_id, recipe, duration_frames, ladder_kbps, missing_kbps, integrated_lufs,
           true_peak_dbtp, range_lu, loudness_blocks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (track_id) DO UPDATE SET recipe = excluded.recipe, duration_frames = excluded.duration_frames,
           ladder_kbps = excluded.ladder_kbps, missing_kbps = excluded.missing_kbps,
           integrated_lufs = coalesce(excluded.integrated_lufs, integrated_lufs),
           true_peak_dbtp = coalesce(excluded.true_peak_dbtp, true_peak_dbtp),
           range_lu = coalesce(excluded.range_lu, range_lu),
           loudness_blocks = coalesce(excluded.loudness_blocks, loudness_blocks)`,
    ).run(
      id,
      this.#recipe,
      outcome.durationFrames,
      ladderText(outcome.ladderKbps),
      ladderText(missing),
      loudness?.integratedLufs ?? null,
      loudness?.truePeakDbtp ?? null,
      loudness?.rangeLu ?? null,
      outcome.loudnessBlocks,
    );
  }

  /** Null until all tracks of its album that can be played have been measured; those that cannot be read do not count. */
  #albumLoudness(id: TrackId): Loudness | null {
    const rows = statement(
      this.#database,
      `SELECT e.loudness_blocks, e.true_peak_dbtp FROM tracks t
         LEFT JOIN encoded_tracks e ON e.track_id = t.id AND e.recipe = ?
         WHERE t.album_id = (SELECT album_id FROM tracks WHERE id = ?) AND t.availability IN ('preparing', 'ready')
         LIMIT ?`,
    ).all(this.#recipe, id, ALBUM_TRACKS_MAX + 1);
    if (rows.length > ALBUM_TRACKS_MAX || rows.some((row) => row['loudness_blocks'] === null)) return null;
    return albumLoudnessOf(
      rows.map((row) => {
        const peak = maybeNumberOf(row, 'true_peak_dbtp');
        return { blocks: bytesOf(row, 'loudness_blocks'), truePeakDbtp: peak === null ? null : db(peak) };
      }),
    );
  }

  #row(id: TrackId): Row | null {
    return (
      statement(this.#database, 'SELECT * FROM encoded_tracks WHERE track_id = ? AND recipe = ?').get(
        id,
        this.#recipe,
      ) ?? null
    );
  }

  #files(id: TrackId): readonly Row[] {
    return statement(this.#database, 'SELECT * FROM files WHERE track_id = ? AND recipe = ? ORDER BY bitrate_kbps').all(
      id,
      this.#recipe,
    );
  }
}
