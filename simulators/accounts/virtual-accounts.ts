/**
 * The accounts of a simulated house: the real core over twins of what it needs. Passwords are kept as they are and
 * tokens are signed by nobody, which a simulation may do and a house may not.
 */
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import type { AccessClaims, AccessTokens } from '#bridge/core/ports/access-tokens';
import type { PasswordHasher } from '#bridge/core/ports/password-hasher';
import { type Accounts, createAccounts } from '#bridge/core/services/accounts/accounts';
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { accessClaimsSchema } from '#protocol/wire/access-token';
import { parseValue } from '#protocol/wire/schema';
import { type AccountsDisk, createAccountsDisk, createMemoryAccountsStore } from '#sim/world/memory-accounts-store';

export const VIRTUAL_ISSUER = 'virtual-bridge';

export const virtualPasswordHasher: PasswordHasher = {
  hash: async (password) => `plain$${password}`,
  isRight: async (password, hash) => hash === `plain$${password}`,
};

/** Remembers what it has signed; anything else is forged. Counts how often it was asked. */
export class VirtualAccessTokens implements AccessTokens {
  readonly #signed = new Map<string, AccessClaims>();
  verifications = 0;

  async sign(claims: AccessClaims): Promise<string> {
    const parsed = parseValue(accessClaimsSchema, claims, 'claims');
    if (!parsed.ok) throw parsed.error;
    const token = `virtual.${this.#signed.size}.${claims.jti}`;
    this.#signed.set(token, parsed.value);
    return token;
  }

  async verify(token: string): Promise<AccessClaims | null> {
    this.verifications += 1;
    return this.#signed.get(token) ?? null;
  }
}

/** Nobody is known before its `book.start()` has resolved. */
export function createVirtualAccounts(
  ports: { readonly clock: Clock; readonly random: Random },
  options: { readonly disk?: AccountsDisk; readonly tokens?: AccessTokens; readonly isShared?: boolean } = {},
): Accounts {
  const store = createMemoryAccountsStore(options.disk ?? createAccountsDisk());
  const tokens = options.tokens ?? new VirtualAccessTokens();
  const all = { ...ports, digest: nodeDigest, passwords: virtualPasswordHasher, tokens, store };
  const { isShared = false } = options;
  return createAccounts({ ...all, isShared }, VIRTUAL_ISSUER);
}
