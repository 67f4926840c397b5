/** The people of the house: owners, members, and guests that expire. There is always an owner once there was one. */
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type AccountId, accountId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Person } from '../../ports/accounts-store.ts';
import { type AccountRole, HOUSE_ACCOUNT } from '../../ports/callers.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import type { AccountBook } from './account-book.ts';

/** A house has a handful; a shared flat with many guests some dozens. */
export const PEOPLE_MAX = 256;
/** NIST SP 800-63B section 5.1.1: at least 8, and long ones allowed. */
export const PASSWORD_LENGTH_MIN = 8;
export const PASSWORD_LENGTH_MAX = 256;
/** The longest that a guest stays, in hours: a year. */
export const GUEST_HOURS_MAX = 8_784;

const ID_LENGTH = 22;
const MS_PER_HOUR = 3_600_000;

/** What may be said of somebody. */
export interface PersonChange {
  readonly name?: string | undefined;
  readonly role?: AccountRole | undefined;
  /** From now; needed for who becomes a guest, and for nobody else. */
  readonly guestHours?: number | undefined;
}

export interface PeoplePorts {
  readonly book: AccountBook;
  readonly random: Random;
  readonly passwords: PasswordHasher;
}

export class People {
  readonly #ports: PeoplePorts;

  constructor(ports: PeoplePorts) {
    this.#ports = ports;
  }

  /** The first owner ever, whose account is the one that an open house has. Refused when there is an owner. */
  createOwner(name: string, password: string | null): Promise<Result<Person, TonearmError>> {
    return this.#ports.book.run(async () => {
      if (this.#owners().length > 0) return refused(signInRefused());
      const taken = this.#nameProblem(name, HOUSE_ACCOUNT);
      if (taken !== null) return refused(taken);
      const passwordHash = password === null ? null : await this.#ports.passwords.hash(password);
      return ok(await this.#put({ ...this.#fresh(HOUSE_ACCOUNT, name), role: 'owner', passwordHash }));
    });
  }

  /** Refused with `input.invalid` (a name that is taken, a guest without hours) or `input.too-large`. */
  add(name: string, role: AccountRole, guestHours?: number): Promise<Result<Person, TonearmError>> {
    return this.#ports.book.run(async () => {
      const taken = this.#nameProblem(name, null);
      if (taken !== null) return refused(taken);
      if (this.#ports.book.people().length >= PEOPLE_MAX) {
        return refused(new TonearmError('input.too-large', `more than ${PEOPLE_MAX} people`));
      }
      const expiry = this.#expiry(role, guestHours, null);
      if (!expiry.ok) return expiry;
      const id = accountId(this.#ports.random.token(ID_LENGTH));
      return ok(await this.#put({ ...this.#fresh(id, name), role, expiresAtMs: expiry.value }));
    });
  }

  /** Refused with `access.account-not-found`, `access.last-owner` or `input.invalid`. */
  change(id: AccountId, change: PersonChange): Promise<Result<Person, TonearmError>> {
    return this.#ports.book.run(async () => {
      const person = this.#ports.book.person(id);
      if (person === undefined) return refused(accountNotFound());
      const name = change.name ?? person.name;
      const taken = this.#nameProblem(name, id);
      if (taken !== null) return refused(taken);
      const role = change.role ?? person.role;
      if (role !== 'owner' && this.#isLastOwner(person)) return refused(lastOwner());
      const kept = person.role === 'guest' ? person.expiresAtMs : null;
      const expiry = this.#expiry(role, change.guestHours, kept);
      if (!expiry.ok) return expiry;
      return ok(await this.#put({ ...person, name, role, expiresAtMs: expiry.value }));
    });
  }

  /** Ends all that the person has signed in with. Refused with `access.account-not-found` or `access.last-owner`. */
  remove(id: AccountId): Promise<Result<void, TonearmError>> {
    return this.#ports.book.run(async () => {
      const person = this.#ports.book.person(id);
      if (person === undefined) return refused(accountNotFound());
      if (this.#isLastOwner(person)) return refused(lastOwner());
      await this.#ports.book.save({ gonePeople: [id] });
      return ok(undefined);
    });
  }

  /** Of whoever is there. Refused with `access.account-not-found`. */
  setPassword(id: AccountId, password: string): Promise<Result<void, TonearmError>> {
    return this.#ports.book.run(async () => {
      const person = this.#ports.book.person(id);
      if (person === undefined) return refused(accountNotFound());
      await this.#put({ ...person, passwordHash: await this.#ports.passwords.hash(password) });
      return ok(undefined);
    });
  }

  byName(name: string): Person | undefined {
    const wanted = spelled(name);
    return this.#ports.book.people().find((person) => spelled(person.name) === wanted);
  }

  /** Who was made owner first, of those who still are. */
  firstOwner(): Person | undefined {
    return this.#owners()[0];
  }

  #owners(): readonly Person[] {
    return this.#ports.book.people().filter((person) => person.role === 'owner');
  }

  #isLastOwner(person: Person): boolean {
    return person.role === 'owner' && this.#owners().length === 1;
  }

  #fresh(id: AccountId, name: string): Person {
    const createdAtMs = Math.trunc(this.#ports.book.nowMs());
    return { id, name: name.trim(), role: 'member', passwordHash: null, createdAtMs, expiresAtMs: null };
  }

  #nameProblem(name: string, own: AccountId | null): TonearmError | null {
    if (spelled(name) === '') return new TonearmError('input.invalid', 'name: is empty', { field: 'name' });
    const other = this.byName(name);
    if (other === undefined || other.id === own) return null;
    return new TonearmError('input.invalid', 'name: somebody in this house has it already', { field: 'name' });
  }

  #expiry(role: AccountRole, hours: number | undefined, kept: number | null): Result<number | null, TonearmError> {
    if (role !== 'guest') return ok(null);
    if (hours !== undefined) return ok(Math.trunc(this.#ports.book.nowMs() + hours * MS_PER_HOUR));
    if (kept !== null) return ok(kept);
    return refused(
      new TonearmError('input.invalid', 'guestHours: how long does the guest stay?', { field: 'guestHours' }),
    );
  }

  async #put(person: Person): Promise<Person> {
    await this.#ports.book.save({ people: [person] });
    return person;
  }
}

/** One refusal for whatever was wrong with a name, a password or a link. */
export function signInRefused(): TonearmError {
  return new TonearmError('access.sign-in-refused', 'the name, the password or the link is not right, or not any more');
}

export function accountNotFound(): TonearmError {
  return new TonearmError('access.account-not-found', 'there is no such person');
}

function lastOwner(): TonearmError {
  return new TonearmError('access.last-owner', 'the last owner stays: make somebody else one first');
}

/** So that two spellings of one name are one name. */
function spelled(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}
