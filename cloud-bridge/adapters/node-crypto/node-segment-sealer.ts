/** AES-128-GCM and SHA-256 from Node's own OpenSSL. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { OpenSegment, RunningDigest, SegmentSealer } from '#bridge/core/ports/segment-sealer';
import { SEGMENT_NONCE_BYTES, SEGMENT_SEAL_BYTES, segmentAssociatedData } from '#protocol/wire/manifest';

const KEY_BYTES = 16;

export class NodeSegmentSealer implements SegmentSealer {
  newKey(): Uint8Array {
    return randomBytes(KEY_BYTES);
  }

  seal({ key, fileId, segment, isLast, plaintext }: OpenSegment): Uint8Array {
    const nonce = Buffer.alloc(SEGMENT_NONCE_BYTES);
    nonce.writeUInt32BE(segment, SEGMENT_NONCE_BYTES - 4);
    const cipher = createCipheriv('aes-128-gcm', key, nonce, { authTagLength: SEGMENT_SEAL_BYTES });
    cipher.setAAD(Buffer.from(segmentAssociatedData(fileId, segment, isLast), 'ascii'));
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  startDigest(): RunningDigest {
    const hash = createHash('sha256');
    return { add: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
  }
}
