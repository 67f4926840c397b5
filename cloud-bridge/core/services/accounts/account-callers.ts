/**
 * Who asks, by access token or by the page's cookie. A token's signature is checked once and remembered until the token
 * ends; that its grant and its person are still there is looked up each time, so that revoking holds at once.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { ACCESS_LIFE_S } from '#protocol/wire/access-token';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Grant, Person } from '../../ports/accounts-store.ts';
import type { Caller, CallerCheck, Credentials, Scope } from '../../ports/callers.ts';
import type { AccountBook } from './account-book.ts';
import type { Grants } from './grants.ts';
import { parseScopes, scopesOf } from './role-scopes.ts';

/** Tokens whose signature is remembered; with one more the one checked longest ago goes. */
export const TOKENS_REMEMBERED_MAX = 4_096;
const MS_PER_S = 1_000;

interface CheckedToken {
  readonly grantId: string;
  readonly scopes: readonly Scope[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** As it was made for this very person; a person that is changed is another value. */
  made: { readonly person: Person; readonly caller: Caller } | null;
}

export interface AccountCallersPorts {
  readonly book: AccountBook;
  readonly grants: Pick<Grants, 'ofCookie'>;
  readonly tokens: Pick<AccessTokens, 'verify'>;
}

export class AccountCallers implements CallerCheck {
  readonly #ports: AccountCallersPorts;
  readonly #issuer: string;
  readonly #checked = new Map<string, CheckedToken>();

  constructor(ports: AccountCallersPorts, issuer: string) {
    this.#ports = ports;
    this.#issuer = issuer;
  }

  async identify({ bearer, cookie }: Credentials): Promise<Result<Caller, TonearmError>> {
    // Who shows a token means it: a bad one is not made good by a cookie.
    const caller = bearer === null ? this.#ofCookie(cookie) : await this.#ofToken(bearer);
    return caller === null ? refused(signInNeeded()) : ok(caller);
  }

  onEnded(listener: () => void): () => void {
    return this.#ports.book.listen(listener);
  }

  /** The page's grant, for what concerns the page itself. */
  grantOf(cookie: string | null): Grant | undefined {
    return cookie === null ? undefined : this.#ports.grants.ofCookie(cookie);
  }

  #ofCookie(cookie: string | null): Caller | null {
    const grant = this.grantOf(cookie);
    const person = grant === undefined ? undefined : this.#ports.book.person(grant.accountId);
    return grant === undefined || person === undefined ? null : callerOf(person, grant.scopes, grant.expiresAtMs);
  }

  async #ofToken(token: string): Promise<Caller | null> {
    const checked = this.#checked.get(token) ?? (await this.#check(token));
    if (checked === null) return null;
    const { book } = this.#ports;
    const nowMs = book.nowMs();
    if (nowMs >= checked.untilMs) this.#checked.delete(token);
    if (nowMs >= checked.untilMs || nowMs < checked.fromMs) return null;
    const grant = book.grant(checked.grantId);
    const person = grant === undefined ? undefined : book.person(grant.accountId);
    if (person === undefined) return null;
    if (checked.made?.person !== person) {
      checked.made = { person, caller: callerOf(person, checked.scopes, checked.untilMs) };
    }
    return checked.made.caller;
  }

  async #check(token: string): Promise<CheckedToken | null> {
    const claims = await this.#ports.tokens.verify(token);
    if (claims === null || claims.iss !== this.#issuer) return null;
    const scopes = parseScopes(claims.scope);
    const isTooLong = claims.exp - claims.iat > ACCESS_LIFE_S;
    if (scopes === null || isTooLong || this.#ports.book.grant(claims.grant)?.accountId !== claims.sub) return null;
    const checked: CheckedToken = {
      grantId: claims.grant,
      // No scope at all is none, not all.
      scopes: claims.scope === '' ? [] : scopes,
      fromMs: claims.nbf * MS_PER_S,
      untilMs: claims.exp * MS_PER_S,
      made: null,
    };
    this.#checked.set(token, checked);
    const oldest = this.#checked.keys().next();
    if (this.#checked.size > TOKENS_REMEMBERED_MAX && !oldest.done) this.#checked.delete(oldest.value);
    return checked;
  }
}

function callerOf(person: Person, granted: readonly Scope[], untilMs: number): Caller {
  const allowed = scopesOf(person.role);
  return {
    accountId: person.id,
    name: person.name,
    role: person.role,
    scopes: new Set(granted.filter((scope) => allowed.includes(scope))),
    expiresAtMs: Math.min(untilMs, person.expiresAtMs ?? Number.POSITIVE_INFINITY),
  };
}

function signInNeeded(): TonearmError {
  return new TonearmError('access.sign-in-needed', 'sign in: there is no token, or it has ended or was revoked');
}
