/** The table of the speakers that belong to this house. */
export const PAIRED_SPEAKER_TABLES = `
  CREATE TABLE paired_speakers (
    id TEXT PRIMARY KEY,
    public_key BLOB NOT NULL,
    name TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    paired_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
