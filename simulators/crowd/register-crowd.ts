/** Makes a crowd the house's own before its bridge starts: nobody types ten thousand codes. */
import { openDatabase } from '#bridge/adapters/sqlite/database';
import { SqlitePairedSpeakers } from '#bridge/adapters/sqlite/sqlite-paired-speakers';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { crowdIdentity } from './crowd-identity.ts';

/**
 * @param dataDir of a bridge that does not run
 * @param secret as of `crowdIdentity`
 * @throws TonearmError `config.data-locked` when its bridge runs
 */
export async function registerCrowd(dataDir: string, count: number, secret?: string): Promise<void> {
  const opened = openDatabase(dataDir);
  try {
    const paired = new SqlitePairedSpeakers(opened.database);
    // One change for all: a commit each would take longer than what is measured.
    opened.database.exec('BEGIN IMMEDIATE');
    for (let number = 0; number < count; number += 1) {
      const { id, publicKey } = crowdIdentity(number, secret);
      const pairedAtMs = Date.now();
      await paired.add({ id, publicKey, name: `Crowd ${number}`, ownerId: HOUSE_ACCOUNT, pairedAtMs });
    }
    opened.database.exec('COMMIT');
  } finally {
    opened.close();
  }
}
