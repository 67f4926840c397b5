/** Ed25519 (RFC 8032) by `node:crypto`: what anybody can check who knows a public key, and keys as the raw bytes that travel. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { type Identity, type IdentityCheck, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '#protocol/ports/identity';

const ID_BYTES = 16;
/** What stands before the raw key in its SubjectPublicKeyInfo (RFC 8410 section 4): a sequence, the algorithm 1.3.101.112, a bit string. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const ed25519Check: IdentityCheck = {
  isSignedBy: (publicKey, message, signature) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    try {
      const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
      return verify(null, message, key, signature);
    } catch {
      // No point of the curve.
      return false;
    }
  },
  idOfPublicKey: (publicKey) =>
    createHash('sha256').update(publicKey).digest().subarray(0, ID_BYTES).toString('base64url'),
};

/** @throws TypeError for a key of another kind */
export function identityOf(privateKey: KeyObject): Identity {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = new Uint8Array(spki.subarray(SPKI_PREFIX.length));
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

/** @returns a new private key whose id does not begin with a hyphen, which a command line would take for a flag */
export function makePrivateKey(): KeyObject {
  for (;;) {
    const { privateKey } = generateKeyPairSync('ed25519');
    if (!ed25519Check.idOfPublicKey(identityOf(privateKey).publicKey).startsWith('-')) return privateKey;
  }
}

/** @throws what `node:crypto` throws for a text that is no key */
export function parsePrivateKey(pem: string): KeyObject {
  return createPrivateKey({ key: pem, format: 'pem', type: 'pkcs8' });
}
