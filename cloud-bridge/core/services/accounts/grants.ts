/**
 * What devices hold: a page its cookie, a program a chain of refresh tokens of which each works once. A refresh token
 * that comes again was stolen or is held by the thief: the whole chain ends, whoever of the two it was
 * (RFC 9700 section 4.14).
 */
import type { Random } from '#protocol/ports/random';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Grant, Person } from '../../ports/accounts-store.ts';
import type { Scope } from '../../ports/callers.ts';
import type { Digest } from '../../ports/digest.ts';
import type { AccountBook } from './account-book.ts';
import { signInRefused } from './people.ts';
import { hashOf, newSecret } from './secret.ts';

/** A page or program that was not used for so long signs in again. */
export const GRANT_LIFE_MS = 180 * 24 * 60 * 60 * 1_000;
/** Devices of one person; with one more the oldest is signed out. */
export const GRANTS_PER_PERSON_MAX = 32;
/** Used refresh tokens that are still recognised: those of eight hours of constant use. */
export const USED_HASHES_MAX = 32;
const ID_LENGTH = 22;
const LABEL_LENGTH_MAX = 64;

export interface GrantsPorts {
  readonly book: AccountBook;
  readonly random: Random;
  readonly digest: Digest;
}

/** A grant and the secret that goes with it, which is nowhere else. */
export interface FreshGrant {
  readonly grant: Grant;
  readonly secret: string;
}

export class Grants {
  readonly #ports: GrantsPorts;

  constructor(ports: GrantsPorts) {
    this.#ports = ports;
  }

  /** Signs a device in. */
  begin(
    person: Person,
    options: { readonly kind: Grant['kind']; readonly label: string; readonly scopes: readonly Scope[] },
  ): Promise<FreshGrant> {
    const { book, random, digest } = this.#ports;
    return book.run(async () => {
      const secret = newSecret(random);
      const nowMs = Math.trunc(book.nowMs());
      const grant: Grant = {
        id: random.token(ID_LENGTH),
        accountId: person.id,
        kind: options.kind,
        label: options.label.slice(0, LABEL_LENGTH_MAX),
        scopes: options.scopes,
        hash: hashOf(digest, secret),
        usedHashes: [],
        createdAtMs: nowMs,
        expiresAtMs: nowMs + GRANT_LIFE_MS,
      };
      const had = book.grantsOf(person.id);
      const tooMany = had.slice(0, Math.max(0, had.length - GRANTS_PER_PERSON_MAX + 1));
      await book.save({ grants: [grant], goneGrants: tooMany.map((it) => it.id) });
      return { grant, secret };
    });
  }

  /** A new refresh token for an old one, which is used up. Refused with `access.sign-in-refused`. */
  rotate(refreshToken: string): Promise<Result<FreshGrant, TonearmError>> {
    const { book, random, digest } = this.#ports;
    return book.run(async () => {
      const hash = hashOf(digest, refreshToken);
      const grant = book.grantOfSecret(hash);
      if (grant === undefined || grant.kind !== 'client') return refused(signInRefused());
      if (grant.hash !== hash) {
        await book.save({ goneGrants: [grant.id] });
        return refused(signInRefused());
      }
      const secret = newSecret(random);
      const next: Grant = {
        ...grant,
        hash: hashOf(digest, secret),
        usedHashes: [grant.hash, ...grant.usedHashes].slice(0, USED_HASHES_MAX),
        expiresAtMs: Math.trunc(book.nowMs()) + GRANT_LIFE_MS,
      };
      await book.save({ grants: [next] });
      return ok({ grant: next, secret });
    });
  }

  /** By its refresh token or cookie, newest or not; unknown ones are harmless (RFC 7009 section 2.2). */
  async endBySecret(secret: string): Promise<void> {
    const { book, digest } = this.#ports;
    await book.run(async () => {
      const grant = book.grantOfSecret(hashOf(digest, secret));
      if (grant !== undefined) await book.save({ goneGrants: [grant.id] });
    });
  }

  /** One of this person's, by its id; others are harmless. */
  async end(accountId: AccountId, id: string): Promise<void> {
    const { book } = this.#ports;
    await book.run(async () => {
      if (book.grant(id)?.accountId === accountId) await book.save({ goneGrants: [id] });
    });
  }

  /** All of a person's but one. */
  async endOthers(accountId: AccountId, keptId: string | null): Promise<void> {
    const { book } = this.#ports;
    await book.run(async () => {
      const goneGrants = book.grantsOf(accountId).filter((it) => it.id !== keptId);
      await book.save({ goneGrants: goneGrants.map((it) => it.id) });
    });
  }

  /** Of a page's cookie. */
  ofCookie(cookie: string): Grant | undefined {
    const hash = hashOf(this.#ports.digest, cookie);
    const grant = this.#ports.book.grantOfSecret(hash);
    return grant?.kind === 'page' && grant.hash === hash ? grant : undefined;
  }
}
