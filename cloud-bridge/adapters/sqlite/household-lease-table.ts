/** One row: who is home of the household, and the key by which its bridges seal what they say to each other. */
export const HOUSEHOLD_LEASE_TABLE = `
  CREATE TABLE household_lease (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    node TEXT,
    term INTEGER NOT NULL,
    beats INTEGER NOT NULL,
    bus_key BLOB NOT NULL
  ) STRICT;
  INSERT INTO household_lease (only_row, node, term, beats, bus_key) VALUES (1, NULL, 0, 0, randomblob(32));
`;
