/**
 * The device grant (RFC 8628): a program without a browser shows a short code, a person who is signed in types it on
 * another device, sees which program it is, and says yes or no. In memory: a restart ends what is under way.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AccountId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Person } from '../../ports/accounts-store.ts';
import type { Scope } from '../../ports/callers.ts';
import type { Digest } from '../../ports/digest.ts';
import { AttemptLimit } from './attempt-limit.ts';
import type { FreshGrant, Grants } from './grants.ts';
import type { OauthRefusal } from './oauth-refusal.ts';
import { hashOf, newSecret } from './secret.ts';
import { tooOften } from './sign-in.ts';

export const DEVICE_CODE_LIFE_MS = 10 * 60 * 1_000;
/** Seconds between a program's questions; it is told so. */
export const POLL_EVERY_S = 2;
/** RFC 8628 section 3.5: who asks too early waits so much longer, in seconds. */
const SLOWER_BY_S = 5;
/** Wrong codes that one person may type while a code lives. */
export const USER_CODE_ERRORS_MAX = 5;
/** Programs that wait at once. */
export const DEVICES_WAITING_MAX = 64;
/** Of these from one address, so that no one device keeps the others out. */
export const DEVICES_BY_ADDRESS_MAX = 8;
/** Consonants that look like nothing else (RFC 8628 section 6.1): 20⁸ codes are 34.6 bits. */
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_LENGTH = 8;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** 64 values of a character hold the 20 letters three times; the last four would make some letters likelier. */
const FAIR_VALUES = 60;
const US_PER_S = 1_000_000;

export interface DeviceRequest {
  readonly clientId: string;
  /** For people: which device it is. */
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Of the program, so that the person can see where it is. */
  readonly address: string;
}

interface WaitingDevice extends DeviceRequest {
  readonly userCode: string;
  readonly sinceUs: number;
  everyS: number;
  askedAtUs: number | null;
  decision: { readonly person: Person | null } | null;
}

export interface DeviceGrantsPorts {
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly random: Random;
  readonly digest: Digest;
  readonly grants: Grants;
}

export class DeviceGrants {
  readonly #ports: DeviceGrantsPorts;
  /** By the hash of the device code, the oldest first. */
  readonly #waiting = new Map<string, WaitingDevice>();
  readonly #errors: AttemptLimit;

  constructor(ports: DeviceGrantsPorts) {
    this.#ports = ports;
    const windowMs = DEVICE_CODE_LIFE_MS;
    this.#errors = new AttemptLimit(ports.clock, { errorsMax: USER_CODE_ERRORS_MAX, windowMs });
  }

  /** @returns null when too many wait */
  begin(request: DeviceRequest): { readonly deviceCode: string; readonly userCode: string } | null {
    this.#forgetOld();
    const fromThere = [...this.#waiting.values()].filter((it) => it.address === request.address).length;
    if (this.#waiting.size >= DEVICES_WAITING_MAX || fromThere >= DEVICES_BY_ADDRESS_MAX) return null;
    const deviceCode = newSecret(this.#ports.random);
    const userCode = this.#newUserCode();
    const sinceUs = this.#ports.clock.nowUs();
    this.#waiting.set(hashOf(this.#ports.digest, deviceCode), {
      ...request,
      ...{ userCode, sinceUs, everyS: POLL_EVERY_S, askedAtUs: null, decision: null },
    });
    return { deviceCode, userCode };
  }

  /** What asks under this code. Refused with `access.sign-in-refused` or, after five wrong codes, `access.rate-limited`. */
  look(accountId: AccountId, userCode: string): Result<DeviceRequest, TonearmError> {
    if (!this.#errors.mayTry(accountId)) return refused(tooOften());
    this.#forgetOld();
    const wanted = spelled(userCode);
    const found = [...this.#waiting.values()].find((it) => it.userCode === wanted && it.decision === null);
    if (found !== undefined) return ok(found);
    this.#errors.tried(accountId);
    const message = 'no program waits under this code, or not any more: look at its screen again';
    return refused(new TonearmError('access.sign-in-refused', message, { field: 'userCode' }));
  }

  /** As `look`. The program learns it when it asks the next time. */
  decide(person: Person, userCode: string, isAllowed: boolean): Result<void, TonearmError> {
    const looked = this.look(person.id, userCode);
    if (!looked.ok) return looked;
    const wanted = spelled(userCode);
    for (const device of this.#waiting.values()) {
      if (device.userCode === wanted) device.decision = { person: isAllowed ? person : null };
    }
    return ok(undefined);
  }

  /** What the program gets for its device code now. */
  async exchange(clientId: string, deviceCode: string): Promise<FreshGrant | OauthRefusal> {
    const hash = hashOf(this.#ports.digest, deviceCode);
    const device = this.#waiting.get(hash);
    if (device === undefined || device.clientId !== clientId) return 'invalid_grant';
    const nowUs = this.#ports.clock.nowUs();
    if (this.#isOld(device)) {
      this.#waiting.delete(hash);
      return 'expired_token';
    }
    const isEarly = device.askedAtUs !== null && nowUs - device.askedAtUs < device.everyS * US_PER_S * 0.9;
    device.askedAtUs = nowUs;
    if (isEarly) {
      device.everyS += SLOWER_BY_S;
      return 'slow_down';
    }
    if (device.decision === null) return 'authorization_pending';
    this.#waiting.delete(hash);
    const { person } = device.decision;
    if (person === null) return 'access_denied';
    return this.#ports.grants.begin(person, { kind: 'client', label: device.label, scopes: device.scopes });
  }

  #newUserCode(): string {
    for (;;) {
      const values = [...this.#ports.random.token(USER_CODE_LENGTH * 2)].map((it) => BASE64URL.indexOf(it));
      const fair = values.filter((value) => value >= 0 && value < FAIR_VALUES).slice(0, USER_CODE_LENGTH);
      const code = fair.map((value) => USER_CODE_LETTERS.charAt(value % USER_CODE_LETTERS.length)).join('');
      const isTaken = [...this.#waiting.values()].some((it) => it.userCode === code);
      if (code.length === USER_CODE_LENGTH && !isTaken) return code;
    }
  }

  #isOld(device: WaitingDevice): boolean {
    return this.#ports.clock.nowUs() - device.sinceUs >= DEVICE_CODE_LIFE_MS * 1_000;
  }

  /** A program that asks once more after its time learns that it is over; after twice that nobody asks. */
  #forgetOld(): void {
    const nowUs = this.#ports.clock.nowUs();
    for (const [hash, device] of this.#waiting) {
      if (nowUs - device.sinceUs >= DEVICE_CODE_LIFE_MS * 1_000) this.#waiting.delete(hash);
      else break;
    }
  }
}

/** However it was typed: `wdjb-mjht`, `WDJB MJHT`. */
function spelled(userCode: string): string {
  return userCode.toUpperCase().replace(/[^A-Z]/g, '');
}

/** As people read it: `WDJB-MJHT`. */
export function userCodeForPeople(userCode: string): string {
  return `${userCode.slice(0, USER_CODE_LENGTH / 2)}-${userCode.slice(USER_CODE_LENGTH / 2)}`;
}
