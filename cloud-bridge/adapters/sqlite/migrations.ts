/**
 * The shape of the bridge's database, as numbered steps. A step that has been released is never edited; the database
 * remembers in `user_version` how many it has had.
 */
import { ACCESS_TABLES } from './access-tables.ts';
import { ACCOUNTS_TABLES } from './accounts-tables.ts';
import { CATALOGUE_TABLES } from './catalogue-tables.ts';
import { HOUSEHOLD_LEASE_TABLE } from './household-lease-table.ts';
import { PAIRED_SPEAKER_TABLES } from './paired-speaker-tables.ts';
import { SESSION_TABLES } from './session-tables.ts';

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE folders (
    path TEXT PRIMARY KEY,
    device_number INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE artists (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sort_name TEXT NOT NULL
  ) STRICT;
  CREATE INDEX artists_in_order ON artists (sort_name, id);

  CREATE TABLE albums (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    sort_title TEXT NOT NULL,
    has_own_artists INTEGER NOT NULL,
    artists TEXT NOT NULL,
    artist_sort TEXT NOT NULL,
    year INTEGER,
    genres TEXT NOT NULL,
    picture_key TEXT,
    track_count INTEGER NOT NULL,
    added_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX albums_by_artist_and_year ON albums (artist_sort, year, sort_title, id);
  CREATE INDEX albums_by_artist_and_title ON albums (artist_sort, sort_title, id);

  CREATE TABLE album_artists (
    album_id TEXT NOT NULL REFERENCES albums (id) ON DELETE CASCADE,
    artist_id TEXT NOT NULL,
    PRIMARY KEY (artist_id, album_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX album_artists_by_album ON album_artists (album_id);

  CREATE TABLE tracks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    artists TEXT NOT NULL,
    album_id TEXT NOT NULL,
    disc INTEGER NOT NULL,
    position INTEGER NOT NULL,
    duration_frames INTEGER NOT NULL,
    year INTEGER,
    genres TEXT NOT NULL,
    picture_key TEXT,
    availability TEXT NOT NULL CHECK (availability IN ('probing', 'preparing', 'ready', 'unreadable')),
    failure_code TEXT,
    failure_message TEXT,
    added_at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX tracks_of_album ON tracks (album_id, disc, position, id);
  CREATE INDEX tracks_waiting ON tracks (number) WHERE availability IN ('probing', 'preparing');

  CREATE TABLE track_artists (
    track_id TEXT NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    artist_id TEXT NOT NULL,
    PRIMARY KEY (track_id, place)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX track_artists_by_artist ON track_artists (artist_id);

  CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    folder TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    track_id TEXT,
    scan INTEGER NOT NULL,
    failure_code TEXT,
    failure_message TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sources_of_track ON sources (track_id);
  CREATE INDEX sources_of_folder ON sources (folder, scan);

  CREATE TABLE files (
    id TEXT PRIMARY KEY,
    track_id TEXT NOT NULL,
    recipe TEXT NOT NULL,
    bitrate_kbps INTEGER NOT NULL,
    pre_skip_frames INTEGER NOT NULL,
    segment_frames INTEGER NOT NULL,
    segment_sizes BLOB NOT NULL,
    content_key BLOB NOT NULL,
    duration_frames INTEGER NOT NULL,
    integrated_lufs REAL,
    true_peak_dbtp REAL
  ) STRICT;
  CREATE INDEX files_of_track ON files (track_id);

  CREATE TABLE scans (number INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE session (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    epoch INTEGER NOT NULL,
    active_speaker_id TEXT,
    state TEXT
  ) STRICT;
  CREATE TABLE speakers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    last_seen_ms INTEGER NOT NULL
  ) STRICT;

  CREATE VIRTUAL TABLE track_search USING fts5 (title, artists, album, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
  CREATE VIRTUAL TABLE album_search USING fts5 (title, artists, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
  CREATE VIRTUAL TABLE artist_search USING fts5 (name, id UNINDEXED, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
  `,
  // Several qualities a track. What was stored before is encoded anew, so its rows go.
  `
  DROP TABLE files;
  CREATE TABLE files (
    id TEXT PRIMARY KEY,
    track_id TEXT NOT NULL,
    recipe TEXT NOT NULL,
    bitrate_kbps INTEGER NOT NULL,
    pre_skip_frames INTEGER NOT NULL,
    segment_frames INTEGER NOT NULL,
    segment_sizes BLOB NOT NULL,
    head_segments INTEGER NOT NULL,
    content_key BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX files_of_track ON files (track_id, bitrate_kbps);

  CREATE TABLE encoded_tracks (
    track_id TEXT PRIMARY KEY,
    recipe TEXT NOT NULL,
    duration_frames INTEGER NOT NULL,
    ladder_kbps TEXT NOT NULL,
    missing_kbps TEXT NOT NULL,
    integrated_lufs REAL,
    true_peak_dbtp REAL,
    range_lu REAL,
    loudness_blocks BLOB
  ) STRICT;
  CREATE INDEX encoded_tracks_unfinished ON encoded_tracks (recipe) WHERE missing_kbps <> '[]';
  UPDATE tracks SET availability = 'preparing' WHERE availability = 'ready';
  `,
  ACCESS_TABLES,
  CATALOGUE_TABLES,
  // Which run of an ingest has counted the end of a path, so that no run has to remember its files itself.
  'ALTER TABLE sources ADD COLUMN settled_run INTEGER NOT NULL DEFAULT 0;',
  ACCOUNTS_TABLES,
  PAIRED_SPEAKER_TABLES,
  // An epoch that was given away and led to nothing must not be given again, and makes nobody the writer.
  'ALTER TABLE session ADD COLUMN reserved_epoch INTEGER NOT NULL DEFAULT 0;',
  SESSION_TABLES,
  HOUSEHOLD_LEASE_TABLE,
];
