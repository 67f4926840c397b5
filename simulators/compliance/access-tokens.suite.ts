/** What all access tokens must keep to: the contract of `cloud-bridge/core/ports/access-tokens.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessClaims, AccessTokens } from '#bridge/core/ports/access-tokens';

/** `iss` of what the tokens of a place are opened for. */
export const SUITE_ISSUER = 'suite-bridge';

export interface AccessTokensPlace {
  readonly tokens: AccessTokens;
  stop(): Promise<void>;
}

const claims: AccessClaims = {
  ...{ iss: SUITE_ISSUER, aud: 'tonearm-doors', sub: 'house-owner', scope: 'tonearm-library tonearm-accounts' },
  ...{ grant: 'grant-00', jti: 'token-00', iat: 1_000, nbf: 940, exp: 1_900 },
};

export function describeAccessTokens(name: string, create: () => Promise<AccessTokensPlace>): void {
  describe(`access tokens: ${name}`, () => {
    let place: AccessTokensPlace;
    beforeEach(async () => {
      place = await create();
    });
    afterEach(() => place.stop());

    it('give back what was signed, whatever the time', async () => {
      const { tokens } = place;
      expect(await tokens.verify(await tokens.sign(claims))).toEqual(claims);
      const old = { ...claims, nbf: 0, iat: 0, exp: 1 };
      expect(await tokens.verify(await tokens.sign(old))).toEqual(old);
    });

    it('are of one line that goes into a header', async () => {
      expect(await place.tokens.sign(claims)).toMatch(/^[\w.-]{1,1000}$/);
    });

    it('are none where one character is another, or nothing was signed', async () => {
      const { tokens } = place;
      const token = await tokens.sign(claims);
      for (const text of ['', 'x', 'a.b.c', `${token}x`, token.slice(1), token.slice(0, -3)]) {
        expect(await tokens.verify(text)).toBeNull();
      }
    });
  });
}
