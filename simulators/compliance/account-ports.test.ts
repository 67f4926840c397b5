/** The suites of passwords and of access tokens: on their twins, and on what a bridge uses. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccessTokens } from '#bridge/adapters/jose-tokens/jose-access-tokens';
import { createScryptPasswordHasher } from '#bridge/adapters/node-crypto/scrypt-password-hasher';
import { VirtualAccessTokens, virtualPasswordHasher } from '#sim/accounts/virtual-accounts';
import { describeAccessTokens, SUITE_ISSUER } from './access-tokens.suite.ts';
import { describePasswordHasher } from './password-hasher.suite.ts';

describePasswordHasher('virtual', () => virtualPasswordHasher);
// Cheap, for tests; the cost of a house's own is in its hashes.
describePasswordHasher('scrypt', () => createScryptPasswordHasher({ N: 1_024, r: 8, p: 1 }));

describeAccessTokens('virtual', async () => ({ tokens: new VirtualAccessTokens(), stop: async () => {} }));
describeAccessTokens('jose', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-suite-'));
  const stop = () => rm(folder, { recursive: true, force: true });
  return { tokens: await openAccessTokens(folder, SUITE_ISSUER), stop };
});
