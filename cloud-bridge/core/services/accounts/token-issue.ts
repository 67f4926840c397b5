/** Access tokens for grants: a quarter of an hour at most, never longer than the person or the grant stays. */
import type { Random } from '#protocol/ports/random';
import { ACCESS_AUDIENCE, ACCESS_LIFE_S, CLOCK_STEP_S } from '#protocol/wire/access-token';
import type { AccessClaims, AccessTokens } from '../../ports/access-tokens.ts';
import type { Scope } from '../../ports/callers.ts';
import type { AccountBook } from './account-book.ts';
import type { FreshGrant } from './grants.ts';
import { scopesOf } from './role-scopes.ts';

const ID_LENGTH = 22;
const MS_PER_S = 1_000;

/** As RFC 6749 section 5.1 has it. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
}

export interface TokenIssuePorts {
  readonly book: AccountBook;
  readonly random: Random;
  readonly tokens: AccessTokens;
}

export class TokenIssue {
  readonly #ports: TokenIssuePorts;
  readonly #issuer: string;

  constructor(ports: TokenIssuePorts, issuer: string) {
    this.#ports = ports;
    this.#issuer = issuer;
  }

  /** Null when the person is not there any more. */
  async answer({ grant, secret }: FreshGrant): Promise<TokenAnswer | null> {
    const { book, random, tokens } = this.#ports;
    const person = book.person(grant.accountId);
    if (person === undefined) return null;
    const nowS = Math.floor(book.nowMs() / MS_PER_S);
    const endS = Math.floor((person.expiresAtMs ?? Number.MAX_SAFE_INTEGER) / MS_PER_S);
    const exp = Math.min(nowS + ACCESS_LIFE_S, endS);
    const allowed = scopesOf(person.role);
    const scopes: readonly Scope[] = grant.scopes.filter((scope) => allowed.includes(scope));
    const claims: AccessClaims = {
      iss: this.#issuer,
      aud: ACCESS_AUDIENCE,
      sub: person.id,
      scope: scopes.join(' '),
      grant: grant.id,
      jti: random.token(ID_LENGTH),
      iat: nowS,
      nbf: Math.max(0, nowS - CLOCK_STEP_S),
      exp,
    };
    return {
      access_token: await tokens.sign(claims),
      token_type: 'Bearer',
      expires_in: exp - nowS,
      refresh_token: secret,
      scope: claims.scope,
    };
  }
}
