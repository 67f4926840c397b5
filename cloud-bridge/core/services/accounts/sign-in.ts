/**
 * Signing in by name and password. Wrong names and wrong passwords get the same answer after the same time, errors are
 * bounded by address and by name, and passwords are checked one after another: each costs tens of megabytes.
 */
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Person } from '../../ports/accounts-store.ts';
import type { PasswordHasher } from '../../ports/password-hasher.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { type People, signInRefused } from './people.ts';

const WINDOW_MS = 15 * 60 * 1_000;
/** Somebody who tries all passwords of his own before he finds the right one. */
export const ERRORS_BY_ADDRESS_MAX = 10;
/** Higher, so that a stranger cannot lock somebody out from one address; what guesses from many meets it. */
export const ERRORS_BY_NAME_MAX = 30;
/** Passwords that wait to be checked. */
const WAITING_MAX = 8;

export interface SignInPorts {
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly people: Pick<People, 'byName'>;
  readonly passwords: PasswordHasher;
}

export class SignIn {
  readonly #ports: SignInPorts;
  readonly #lock = createSerialLock();
  readonly #byAddress: AttemptLimit;
  readonly #byName: AttemptLimit;
  #waiting = 0;

  constructor(ports: SignInPorts) {
    this.#ports = ports;
    this.#byAddress = new AttemptLimit(ports.clock, { errorsMax: ERRORS_BY_ADDRESS_MAX, windowMs: WINDOW_MS });
    this.#byName = new AttemptLimit(ports.clock, { errorsMax: ERRORS_BY_NAME_MAX, windowMs: WINDOW_MS });
  }

  /** @param address of the other end. Refused with `access.sign-in-refused` or `access.rate-limited`. */
  async withPassword(name: string, password: string, address: string): Promise<Result<Person, TonearmError>> {
    const spelled = name.normalize('NFKC').trim().toLowerCase();
    const mayTry = this.#byAddress.mayTry(address) && this.#byName.mayTry(spelled) && this.#waiting < WAITING_MAX;
    if (!mayTry) return refused(tooOften());
    this.#byAddress.tried(address);
    this.#byName.tried(spelled);
    this.#waiting += 1;
    try {
      const person = this.#ports.people.byName(name);
      const hash = person?.passwordHash ?? null;
      const isRight = await this.#lock.run(() => this.#ports.passwords.isRight(password, hash));
      if (!isRight || person === undefined) return refused(signInRefused());
      this.#byAddress.right(address);
      this.#byName.right(spelled);
      return ok(person);
    } finally {
      this.#waiting -= 1;
    }
  }
}

export function tooOften(): TonearmError {
  return new TonearmError('access.rate-limited', 'too many errors; wait a quarter of an hour');
}
