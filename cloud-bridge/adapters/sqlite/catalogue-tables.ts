/** A step of the database's shape: sorted lists of tracks, genres, lyrics, and where and when music may be played. */
export const CATALOGUE_TABLES = `
  ALTER TABLE tracks ADD COLUMN sort_title TEXT NOT NULL DEFAULT '';
  UPDATE tracks SET sort_title = lower(title);
  CREATE INDEX tracks_by_title ON tracks (sort_title, id);
  CREATE INDEX tracks_by_year ON tracks (year, sort_title, id);
  CREATE INDEX tracks_by_age ON tracks (added_at_ms, number);
  CREATE INDEX albums_by_title ON albums (sort_title, id);
  CREATE INDEX albums_by_year ON albums (year, sort_title, id);
  CREATE INDEX albums_by_age ON albums (added_at_ms, number);

  CREATE TABLE track_genres (
    genre TEXT NOT NULL,
    track_id TEXT NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (genre, track_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX track_genres_of_track ON track_genres (track_id);
  INSERT OR IGNORE INTO track_genres (genre, track_id, name)
    SELECT lower(g.value), t.id, g.value FROM tracks t, json_each(t.genres) g;

  CREATE TABLE lyrics (
    track_id TEXT PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
    body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE availability_rules (
    subject TEXT NOT NULL CHECK (subject IN ('track', 'album')),
    id TEXT NOT NULL,
    countries TEXT,
    from_ms INTEGER,
    until_ms INTEGER,
    PRIMARY KEY (subject, id)
  ) STRICT, WITHOUT ROWID;

  CREATE VIRTUAL TABLE track_words USING fts5vocab (track_search, row);
`;
