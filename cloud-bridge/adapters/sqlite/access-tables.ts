/** The tables of accounts, of speakers that are not just the household's, and of what has been revoked. */
export const ACCESS_TABLES = `
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    tier TEXT NOT NULL CHECK (tier IN ('free', 'premium')),
    country TEXT,
    revoked_since_s INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE speaker_access (
    speaker_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    revoked_since_s INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE revocations (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    list TEXT NOT NULL
  ) STRICT;
`;
