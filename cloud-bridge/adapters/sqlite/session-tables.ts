/** People's sessions, the contexts that they name, and the commands that were performed: a step of the database's shape. */
export const SESSION_TABLES = `
  CREATE TABLE track_lists (
    id TEXT PRIMARY KEY,
    track_ids TEXT NOT NULL
  ) STRICT;

  CREATE TABLE account_sessions (
    account_id TEXT PRIMARY KEY,
    name TEXT,
    epoch INTEGER NOT NULL,
    reserved_epoch INTEGER NOT NULL,
    active_speaker_id TEXT,
    state TEXT,
    list_id TEXT,
    history TEXT NOT NULL
  ) STRICT;
  INSERT INTO account_sessions
    SELECT 'house-owner', NULL, epoch, MAX(epoch, reserved_epoch), active_speaker_id, state, NULL, '[]' FROM session;
  DROP TABLE session;

  CREATE TABLE performed_commands (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id TEXT NOT NULL,
    command_id TEXT NOT NULL
  ) STRICT;
`;
