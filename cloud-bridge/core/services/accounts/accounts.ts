/** Joins all that has to do with accounts, for the doors and for whoever puts a bridge together. */
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { AccountsStore } from '../../ports/accounts-store.ts';
import type { Digest } from '../../ports/digest.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import { AccountBook } from './account-book.ts';
import { AccountCallers } from './account-callers.ts';
import { CodeGrants } from './code-grants.ts';
import { DeviceGrants } from './device-grants.ts';
import { Grants } from './grants.ts';
import { Links } from './links.ts';
import { People } from './people.ts';
import { SignIn } from './sign-in.ts';
import { TokenIssue } from './token-issue.ts';

export interface AccountsPorts {
  readonly clock: Pick<Clock, 'wallMs' | 'nowUs'>;
  readonly random: Random;
  readonly digest: Digest;
  readonly passwords: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly store: AccountsStore;
  /** Other bridges write to the store too. */
  readonly isShared?: boolean;
}

export interface Accounts {
  readonly book: AccountBook;
  readonly people: People;
  readonly grants: Grants;
  readonly links: Links;
  readonly signIn: SignIn;
  readonly codes: CodeGrants;
  readonly devices: DeviceGrants;
  readonly issue: TokenIssue;
  readonly callers: AccountCallers;
}

/** @param issuer the bridge's id. Nobody is known before `book.start()` has resolved. */
export function createAccounts(ports: AccountsPorts, issuer: string): Accounts {
  const book = new AccountBook(ports);
  const people = new People({ ...ports, book });
  const grants = new Grants({ ...ports, book });
  return {
    book,
    people,
    grants,
    links: new Links({ ...ports, book, people }),
    signIn: new SignIn({ ...ports, people }),
    codes: new CodeGrants({ ...ports, grants }),
    devices: new DeviceGrants({ ...ports, grants }),
    issue: new TokenIssue({ ...ports, book }, issuer),
    callers: new AccountCallers({ book, grants, tokens: ports.tokens }, issuer),
  };
}
