/** Opens segments with the system's OpenSSL: AES-128-GCM as spec section 8.3 lays it down. */
import { createDecipheriv, createSecretKey } from 'node:crypto';
import type { SegmentCipher } from '#device/core/ports/segment-cipher';
import { createBoundedMemo } from '#protocol/kit/bounded-memo';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { SEGMENT_NONCE_BYTES, SEGMENT_SEAL_BYTES, segmentAssociatedData } from '#protocol/wire/manifest';

/** Files whose key is kept as the system's own object: two tracks in all their qualities. */
const KEYS_MAX = 8;

export function createNodeSegmentCipher(): SegmentCipher {
  // Told as bytes, Node first finds out by an exception that it is none of its own, each time.
  const keyOf = createBoundedMemo(KEYS_MAX, (keyBase64: string) => createSecretKey(keyBase64, 'base64'));
  return {
    open: (sealed, { keyBase64, fileId, segment, isLast }) => {
      const corrupt = (problem: string, cause?: unknown) =>
        refused(
          new TonearmError('fetch.corrupt-segment', `segment ${segment} ${problem}`, { cause, context: { segment } }),
        );
      if (sealed.byteLength <= SEGMENT_SEAL_BYTES) return corrupt('is too short to be one');
      const nonce = Buffer.alloc(SEGMENT_NONCE_BYTES);
      nonce.writeUInt32BE(segment, SEGMENT_NONCE_BYTES - 4);
      const bodyBytes = sealed.byteLength - SEGMENT_SEAL_BYTES;
      try {
        const decipher = createDecipheriv('aes-128-gcm', keyOf(keyBase64), nonce, {
          authTagLength: SEGMENT_SEAL_BYTES,
        });
        decipher.setAAD(Buffer.from(segmentAssociatedData(fileId, segment, isLast), 'ascii'));
        decipher.setAuthTag(sealed.subarray(bodyBytes));
        const plain = decipher.update(sealed.subarray(0, bodyBytes));
        // Throws when one bit of key, number, file, last-flag or bytes is not as sealed; nothing is given out before.
        decipher.final();
        return ok(plain);
      } catch (thrown) {
        return corrupt('is not as it was sealed', thrown);
      }
    },
  };
}
