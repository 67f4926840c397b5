/** The tables of people, of links that sign them in, and of what their devices hold. No secret is in them. */
export const ACCOUNTS_TABLES = `
  CREATE TABLE people (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'member', 'guest')),
    password_hash TEXT,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sign_in_links (
    hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    expires_at_ms INTEGER NOT NULL,
    uses_left INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sign_in_links_of_person ON sign_in_links (account_id);

  CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('page', 'client')),
    label TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hash TEXT NOT NULL,
    used_hashes TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX grants_of_person ON grants (account_id);
`;
