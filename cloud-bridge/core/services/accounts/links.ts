/**
 * Links that sign a person in: the first owner's at a bridge's first start, invitations, a device more. Their tokens are
 * in the fragment of a URL, which no server and no log sees, and are kept by their hash alone.
 */
import type { Random } from '#protocol/ports/random';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Link, Person } from '../../ports/accounts-store.ts';
import type { Digest } from '../../ports/digest.ts';
import type { AccountBook } from './account-book.ts';
import { accountNotFound, type People, signInRefused } from './people.ts';
import { hashOf, newSecret } from './secret.ts';

/** How long the first owner has. A restart gives a new one. */
export const WELCOME_LIFE_MS = 24 * 60 * 60 * 1_000;
export const LINK_HOURS_MAX = 24 * 30;
/** Phones and laptops of one person that a link may sign in. */
export const LINK_USES_MAX = 16;
const LINKS_PER_PERSON_MAX = 8;
const MS_PER_HOUR = 3_600_000;

export interface FreshLink {
  readonly token: string;
  /** ms since 1970. */
  readonly expiresAtMs: number;
}

export interface LinksPorts {
  readonly book: AccountBook;
  readonly people: People;
  readonly random: Random;
  readonly digest: Digest;
}

export class Links {
  readonly #ports: LinksPorts;
  /** Of the first owner, who is nobody yet; in memory only, so that a restart ends it. */
  #welcome: { readonly hash: string; readonly expiresAtMs: number } | null = null;

  constructor(ports: LinksPorts) {
    this.#ports = ports;
  }

  /** For whoever starts the bridge: makes the first owner, or signs in the one there is. Ends the one before. */
  welcome(): FreshLink {
    const token = newSecret(this.#ports.random);
    const expiresAtMs = this.#ports.book.nowMs() + WELCOME_LIFE_MS;
    this.#welcome = { hash: hashOf(this.#ports.digest, token), expiresAtMs };
    return { token, expiresAtMs };
  }

  /** Refused with `access.account-not-found`. With too many of one person the oldest ends. */
  create(
    accountId: AccountId,
    options: { readonly hours: number; readonly uses: number },
  ): Promise<Result<FreshLink, TonearmError>> {
    const { book, random, digest } = this.#ports;
    return book.run(async () => {
      if (book.person(accountId) === undefined) return refused(accountNotFound());
      const token = newSecret(random);
      const expiresAtMs = Math.trunc(book.nowMs() + options.hours * MS_PER_HOUR);
      const link: Link = { hash: hashOf(digest, token), accountId, expiresAtMs, usesLeft: options.uses };
      const had = [...book.linksOf(accountId)].sort((a, b) => a.expiresAtMs - b.expiresAtMs);
      const tooMany = had.slice(0, Math.max(0, had.length - LINKS_PER_PERSON_MAX + 1));
      await book.save({ links: [link], goneLinks: tooMany.map((it) => it.hash) });
      return ok({ token, expiresAtMs });
    });
  }

  /** Whose it is, without using it; null for one that makes the first owner. Refused with `access.sign-in-refused`. */
  look(token: string): Result<Person | null, TonearmError> {
    const { book, people, digest } = this.#ports;
    const hash = hashOf(digest, token);
    if (this.#isWelcome(hash)) return ok(people.firstOwner() ?? null);
    const link = book.link(hash);
    const person = link === undefined ? undefined : book.person(link.accountId);
    return person === undefined ? refused(signInRefused()) : ok(person);
  }

  /**
   * Uses it once. `owner` is what the first owner wants to be called.
   * Refused with `access.sign-in-refused`, and with `input.invalid` for a name, which leaves the link as it is.
   */
  async use(
    token: string,
    owner: { readonly name: string; readonly password: string | null },
  ): Promise<Result<Person, TonearmError>> {
    const { book, people, digest } = this.#ports;
    const hash = hashOf(digest, token);
    if (this.#isWelcome(hash)) {
      const welcome = this.#welcome;
      this.#welcome = null;
      const there = people.firstOwner();
      if (there !== undefined) return ok(there);
      const made = await people.createOwner(owner.name, owner.password);
      // Nothing was made: the person tries again with another name.
      if (!made.ok && made.error.code === 'input.invalid') this.#welcome = welcome;
      return made;
    }
    return book.run(async () => {
      const link = book.link(hash);
      const person = link === undefined ? undefined : book.person(link.accountId);
      if (link === undefined || person === undefined) return refused(signInRefused());
      const usesLeft = link.usesLeft - 1;
      await book.save(usesLeft > 0 ? { links: [{ ...link, usesLeft }] } : { goneLinks: [hash] });
      return ok(person);
    });
  }

  #isWelcome(hash: string): boolean {
    return (
      this.#welcome !== null && this.#welcome.hash === hash && this.#ports.book.nowMs() < this.#welcome.expiresAtMs
    );
  }
}
