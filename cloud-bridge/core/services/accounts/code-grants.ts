/**
 * Authorisation codes: they live a minute, work once, and only for who can show the verifier of their challenge. One that
 * comes again has been read by somebody: what it gave is ended (RFC 6749 section 4.1.2). In memory: a restart ends them.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import type { Person } from '../../ports/accounts-store.ts';
import type { Digest } from '../../ports/digest.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import type { FreshGrant, Grants } from './grants.ts';
import { hashOf, newSecret } from './secret.ts';

export const CODE_LIFE_MS = 60_000;
/** Used ones are remembered for as long as a token of theirs may live. */
const USED_LIFE_MS = 15 * 60 * 1_000;
/** At once; the oldest goes. */
const CODES_MAX = 256;
const US_PER_MS = 1_000;
/** RFC 7636 section 4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

interface IssuedCode {
  readonly request: AuthorizeRequest;
  readonly person: Person;
  readonly atUs: number;
  /** What it gave; null: not used yet. */
  grantId: string | null;
  isUsed: boolean;
}

export interface CodeExchange {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

export interface CodeGrantsPorts {
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly random: Random;
  readonly digest: Digest;
  readonly grants: Grants;
}

export class CodeGrants {
  readonly #ports: CodeGrantsPorts;
  readonly #codes = new Map<string, IssuedCode>();

  constructor(ports: CodeGrantsPorts) {
    this.#ports = ports;
  }

  /** @returns the code, for the browser to carry */
  issue(person: Person, request: AuthorizeRequest): string {
    const { clock, random, digest } = this.#ports;
    this.#forgetOld();
    const code = newSecret(random);
    this.#codes.set(hashOf(digest, code), { request, person, atUs: clock.nowUs(), grantId: null, isUsed: false });
    return code;
  }

  /** Null for every reason not to: `invalid_grant`. */
  async exchange(asked: CodeExchange): Promise<FreshGrant | null> {
    const { digest, grants } = this.#ports;
    this.#forgetOld();
    const issued = this.#codes.get(hashOf(digest, asked.code));
    if (issued === undefined) return null;
    if (issued.isUsed) {
      if (issued.grantId !== null) await grants.end(issued.person.id, issued.grantId);
      return null;
    }
    // Whatever follows, it is used: nobody tries verifiers one after another.
    issued.isUsed = true;
    const { request, person } = issued;
    const isOld = this.#ageMs(issued) >= CODE_LIFE_MS;
    const isOther = request.clientId !== asked.clientId || request.redirectUri !== asked.redirectUri;
    const isProven = VERIFIER.test(asked.verifier) && hashOf(digest, asked.verifier) === request.challenge;
    if (isOld || isOther || !isProven) return null;
    const fresh = await grants.begin(person, { kind: 'client', label: request.clientId, scopes: request.scopes });
    issued.grantId = fresh.grant.id;
    return fresh;
  }

  #ageMs(issued: IssuedCode): number {
    return (this.#ports.clock.nowUs() - issued.atUs) / US_PER_MS;
  }

  #forgetOld(): void {
    for (const [hash, issued] of this.#codes) {
      if (this.#ageMs(issued) >= USED_LIFE_MS || this.#codes.size >= CODES_MAX) this.#codes.delete(hash);
      else break;
    }
  }
}
