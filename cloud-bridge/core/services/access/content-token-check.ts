/**
 * Whether a content token opens a file now (spec section 8.7): the one answer that the bridge, its `authorise` route and
 * every edge give. A signature is checked once and its claims remembered; time, file, speaker and revocation are
 * looked at every time, which costs a few microseconds.
 */
import type { ContentTokenVerifier } from '#bridge/core/ports/content-token-verifier';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { ContentClaims } from '#protocol/wire/content-token';

/** Tokens whose claims are remembered, some 1 kB each: 500 speakers with four tracks at hand, and room. */
const REMEMBERED_MAX = 4_096;
/** Characters of a token: what a manifest may carry. */
const TOKEN_LENGTH_MAX = 2_000;
/** How far a server's clock may be behind that of the bridge for a token just issued to be good there. */
const CLOCK_BEHIND_S = 5;

/** Why a token was refused; a label of counters, never shown to who was refused. */
export type TokenRefusal =
  | 'missing'
  | 'malformed'
  | 'signature'
  | 'unknown-key'
  | 'issuer'
  | 'not-yet'
  | 'expired'
  | 'file'
  | 'speaker'
  | 'revoked';

export interface TokenRequest {
  /** What follows `Bearer `; empty when there was none. */
  readonly token: string;
  readonly fileId: FileId;
  /** Who asks, as the header `Tonearm-Speaker` says; null when it says nothing, as a phone does. */
  readonly speakerId: string | null;
}

export interface TokenCheckPorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly verifier: ContentTokenVerifier;
  readonly revocations: { isRevoked(claims: ContentClaims): boolean };
  /** The one whose tokens are good here; null while it is not known, and nothing is good then. */
  issuer(): string | null;
  /** Told of every refusal, for counting. */
  refused?(reason: TokenRefusal): void;
}

export class ContentTokenCheck {
  readonly #ports: TokenCheckPorts;
  /** By token, least lately used first. */
  readonly #known = new Map<string, ContentClaims>();

  constructor(ports: TokenCheckPorts) {
    this.#ports = ports;
  }

  /** @returns the claims, or `content.token-refused` with the same words whatever the reason */
  async check(request: TokenRequest): Promise<Result<ContentClaims, TonearmError>> {
    const claims = await this.#claimsOf(request.token);
    const outcome = typeof claims === 'string' ? claims : (this.#refusalOf(claims, request) ?? claims);
    if (typeof outcome !== 'string') return ok(outcome);
    this.#ports.refused?.(outcome);
    return refused(new TonearmError('content.token-refused', 'this token does not open this file now'));
  }

  /** Forgets whose signature was good: the keys have changed. */
  forget(): void {
    this.#known.clear();
  }

  async #claimsOf(token: string): Promise<ContentClaims | TokenRefusal> {
    if (token === '') return 'missing';
    if (token.length > TOKEN_LENGTH_MAX) return 'malformed';
    const known = this.#known.get(token);
    if (known !== undefined) {
      this.#known.delete(token);
      this.#known.set(token, known);
      return known;
    }
    const verified = await this.#ports.verifier.verify(token);
    if (verified.kind === 'unknownKey') return 'unknown-key';
    // Only good ones are remembered, or guesses would push them out.
    if (verified.kind === 'bad') return 'signature';
    if (this.#known.size >= REMEMBERED_MAX) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.set(token, verified.claims);
    return verified.claims;
  }

  #refusalOf(claims: ContentClaims, request: TokenRequest): TokenRefusal | null {
    const nowS = this.#ports.clock.wallMs() / 1000;
    if (claims.iss !== this.#ports.issuer()) return 'issuer';
    if (claims.nbf > nowS + CLOCK_BEHIND_S) return 'not-yet';
    if (claims.exp <= nowS) return 'expired';
    if (!claims.files.includes(request.fileId)) return 'file';
    if (request.speakerId !== null && claims.spk !== request.speakerId) return 'speaker';
    return this.#ports.revocations.isRevoked(claims) ? 'revoked' : null;
  }
}
