/**
 * Whether a speaker is who it says it is, and belongs here: what its hello proves against the challenge that it was
 * sent, and what the house knows of it. Spec 4.6 and 4.7.
 */
import { base64url, parseBase64url } from '#protocol/kit/base64url';
import type { Identity, IdentityCheck } from '#protocol/ports/identity';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { BridgeId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Challenge, Hello } from '#protocol/wire/hello';
import { helloProof, SECRET_LENGTH } from '#protocol/wire/hello-proof';
import type { PairedSpeakers } from '../ports/paired-speakers.ts';
import type { SpeakerPasses } from './speaker-passes.ts';

/** What the bridge counts of speakers that are not who they say they are. */
export interface SpeakerAlarms {
  /** One was turned away. */
  speakerRefused(code: 'connect.identity-refused' | 'connect.not-paired'): void;
  /** Two claimed one id, and one of them could not prove it. */
  idClaimedTwice(): void;
  /** Two have one id, and both can prove it: a data folder was copied. */
  identityDoubled(): void;
}

export interface SpeakerTrust {
  readonly identity: Identity;
  readonly check: IdentityCheck;
  readonly paired: Pick<PairedSpeakers, 'find'>;
  readonly passes: SpeakerPasses;
  readonly alarms: SpeakerAlarms;
  /** Also takes speakers that prove nothing, or are not paired. */
  readonly isOpen: boolean;
}

/** Who may come in, and as whom. */
export interface Judgement {
  readonly isProven: boolean;
  readonly name: string | null;
}

export class SpeakerCheck {
  readonly #random: Pick<Random, 'token'>;
  readonly #trust: SpeakerTrust;
  readonly #bridge: Challenge['bridge'];

  constructor(random: Pick<Random, 'token'>, trust: SpeakerTrust, bridgeId: BridgeId) {
    this.#random = random;
    this.#trust = trust;
    this.#bridge = { id: bridgeId, publicKey: base64url(trust.identity.publicKey) };
  }

  /** For one link. */
  challenge(): Challenge {
    const { isOpen } = this.#trust;
    return { kind: 'challenge', nonce: this.#random.token(SECRET_LENGTH), bridge: this.#bridge, isOpen };
  }

  /**
   * @param challenge null: it was sent none, and can prove nothing
   * @returns whether its id is proven, and what this house calls it (null: what it calls itself); rejects with what the
   *   store rejects with
   */
  async judge(hello: Hello, challenge: Challenge | null): Promise<Result<Judgement, TonearmError>> {
    const { isOpen, alarms } = this.#trust;
    const publicKey = this.#provenKey(hello, challenge);
    const isNamed = hello.identity !== undefined;
    if (publicKey === null && (isNamed || !isOpen)) {
      alarms.speakerRefused('connect.identity-refused');
      const message = isNamed ? 'this is not the proof of that id' : 'a speaker proves its id here';
      return refused(new TonearmError('connect.identity-refused', message, { field: 'identity' }));
    }
    const known = await this.#trust.paired.find(hello.speaker.id);
    if (isOpen) return ok({ isProven: publicKey !== null, name: known?.name ?? null });
    if (known === null || publicKey === null || base64url(known.publicKey) !== base64url(publicKey)) {
      alarms.speakerRefused('connect.not-paired');
      return refused(new TonearmError('connect.not-paired', 'this speaker is not paired with this house'));
    }
    return ok({ isProven: true, name: known.name });
  }

  #provenKey({ identity, speaker }: Hello, challenge: Challenge | null): Uint8Array | null {
    if (identity === undefined || challenge === null) return null;
    const publicKey = parseBase64url(identity.publicKey);
    const signature = parseBase64url(identity.signature);
    const { check } = this.#trust;
    if (publicKey === null || signature === null || check.idOfPublicKey(publicKey) !== speaker.id) return null;
    return check.isSignedBy(publicKey, helloProof(challenge, speaker.id), signature) ? publicKey : null;
  }
}
