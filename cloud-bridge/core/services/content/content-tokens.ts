/** Tokens that let their bearer fetch one file until a moment. Nothing is stored: the bridge knows its own signature. */
import type { TokenMac } from '#bridge/core/ports/token-mac';
import type { Clock } from '#protocol/ports/clock';
import type { FileId } from '#protocol/vocabulary/ids';

/** A speaker may be paused in the middle of a track for an evening; it asks for a new manifest before this is over. */
const TOKEN_LIFE_MS = 6 * 60 * 60 * 1000;
/** The only form so far: `v1.<expiry in milliseconds, base 36>.<signature>`. */
const FORM = /^v1\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})$/;

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export class ContentTokens {
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #mac: TokenMac;

  constructor(clock: Pick<Clock, 'wallMs'>, mac: TokenMac) {
    this.#clock = clock;
    this.#mac = mac;
  }

  issue(fileId: FileId): IssuedToken {
    const expiresAtMs = Math.trunc(this.#clock.wallMs()) + TOKEN_LIFE_MS;
    return { token: `v1.${expiresAtMs.toString(36)}.${this.#mac.sign(signedText(fileId, expiresAtMs))}`, expiresAtMs };
  }

  isGood(token: string, fileId: FileId): boolean {
    const parts = FORM.exec(token);
    if (parts === null) return false;
    const expiresAtMs = Number.parseInt(parts[1] ?? '', 36);
    return this.#mac.verify(signedText(fileId, expiresAtMs), parts[2] ?? '') && this.#clock.wallMs() < expiresAtMs;
  }
}

function signedText(fileId: FileId, expiresAtMs: number): string {
  return `content\0${fileId}\0${expiresAtMs}`;
}
