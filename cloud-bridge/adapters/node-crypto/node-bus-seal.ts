/**
 * What bridges of one household say to each other, sealed by AES-256-GCM under the key in their store: nonce, ciphertext
 * and tag in one base64 text, the place it is said at as associated data. A nonce is 96 bits of chance; that is safe for
 * 2³² messages (NIST SP 800-38D), which is forty years of a message a third of a second.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { BusSeal } from '#bridge/core/ports/bus-seal';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BASE64 = /^[0-9A-Za-z+/]+={0,2}$/;

/** @param key 32 bytes */
export function createNodeBusSeal(key: Uint8Array): BusSeal {
  if (key.length !== KEY_BYTES) throw new RangeError(`a key of the bus has ${KEY_BYTES} bytes, got ${key.length}`);
  return {
    close: (text, place) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(place));
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
        'base64',
      );
    },
    open: (sealed, place) => {
      const bytes = BASE64.test(sealed) ? Buffer.from(sealed, 'base64') : Buffer.alloc(0);
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
      try {
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}
