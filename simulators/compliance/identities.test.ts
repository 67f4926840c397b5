/** The identity suite on the real keys and on their cheap twins. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { createFileIdentityStore } from '#protocol/adapters/file-identity-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { createIdentityDisk, VirtualIdentities } from '#sim/world/virtual-identities';
import { describeIdentity } from './identity.suite.ts';

describeIdentity('virtual', async () => {
  const world = new VirtualIdentities(new SeededRandom(4));
  const disk = createIdentityDisk();
  return {
    check: world,
    open: () => world.storeOn(disk),
    damage: async () => {
      disk.isDamaged = true;
    },
    stop: async () => {},
  };
});

describeIdentity('Ed25519 in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-identity-'));
  return {
    check: ed25519Check,
    open: () => createFileIdentityStore(folder),
    damage: () => writeFile(join(folder, 'identity.key'), '-----BEGIN PRIVATE KEY-----\n'),
    stop: () => rm(folder, { recursive: true }),
  };
});
