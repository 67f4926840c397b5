/**
 * Who a crowd's speakers are: keys that follow from a speaker's number, so that those who are them, those who command
 * them and the house that they are paired with know them without being told.
 */
import { createHash, createPrivateKey } from 'node:crypto';
import { ed25519Check, identityOf } from '#protocol/adapters/ed25519';
import type { Identity } from '#protocol/ports/identity';
import { type SpeakerId, speakerId } from '#protocol/vocabulary/ids';

/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface CrowdIdentity extends Identity {
  readonly id: SpeakerId;
}

/** The house of benches and tests, whose keys are no secret. */
export const OPEN_CROWD = 'crowd';

/**
 * @param number from 0
 * @param secret of this crowd alone: who knows it is each of its speakers
 */
export function crowdIdentity(number: number, secret: string = OPEN_CROWD): CrowdIdentity {
  for (let attempt = 0; ; attempt += 1) {
    const seed = createHash('sha256').update(`${secret} speaker ${number}, ${attempt}`).digest();
    const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    const identity = identityOf(key);
    const id = ed25519Check.idOfPublicKey(identity.publicKey);
    // As speakers make theirs: never with a hyphen in front.
    if (!id.startsWith('-')) return { ...identity, id: speakerId(id) };
  }
}
