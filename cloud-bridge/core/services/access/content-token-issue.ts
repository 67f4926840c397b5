/** Writes the token of one manifest: this account, this speaker, these files, and not for longer than the music. */
import type { ContentTokenSigner } from '#bridge/core/ports/content-token-signer';
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import type { FileId, SpeakerId } from '#protocol/vocabulary/ids';
import type { Frames } from '#protocol/vocabulary/units';
import { CONTENT_TOKEN_AUDIENCE } from '#protocol/wire/content-token';
import type { AccessControl } from './access-control.ts';
import { tokenLifeS } from './token-life.ts';

/** Characters of a token's own name: 96 bits. */
const NAME_LENGTH = 16;

export interface TokenSubject {
  readonly accountId: string;
  readonly speakerId: SpeakerId | null;
  /** The qualities of one track. */
  readonly files: readonly FileId[];
  readonly durationFrames: Frames;
}

export interface IssuedToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface TokenIssuePorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly random: Pick<Random, 'token'>;
  readonly signer: Pick<ContentTokenSigner, 'sign'>;
  readonly access: Pick<AccessControl, 'goodFromS'>;
}

export class ContentTokenIssue {
  readonly #ports: TokenIssuePorts;
  readonly #issuer: string;

  /** @param issuer the bridge's id */
  constructor(ports: TokenIssuePorts, issuer: string) {
    this.#ports = ports;
    this.#issuer = issuer;
  }

  async issue({ accountId, speakerId, files, durationFrames }: TokenSubject): Promise<IssuedToken> {
    const nowS = Math.max(0, Math.floor(this.#ports.clock.wallMs() / 1000));
    // Access that was given back within the second in which it was taken begins with the next one.
    const nbf = Math.max(nowS, this.#ports.access.goodFromS(accountId, speakerId));
    const exp = nowS + tokenLifeS(durationFrames);
    const token = await this.#ports.signer.sign({
      aud: CONTENT_TOKEN_AUDIENCE,
      iss: this.#issuer,
      sub: accountId,
      ...(speakerId === null ? {} : { spk: speakerId }),
      files: [...files],
      nbf,
      exp,
      jti: this.#ports.random.token(NAME_LENGTH),
    });
    return { token, expiresAtMs: exp * 1000 };
  }
}
