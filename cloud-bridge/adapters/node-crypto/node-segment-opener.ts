/** AES-128-GCM and SHA-256 from Node's own OpenSSL, for checking what was sealed. */
import { createDecipheriv, createHash } from 'node:crypto';
import type { SealedSegment, SegmentOpener } from '#bridge/core/ports/segment-opener';
import type { RunningDigest } from '#bridge/core/ports/segment-sealer';
import { SEGMENT_NONCE_BYTES, SEGMENT_SEAL_BYTES, segmentAssociatedData } from '#protocol/wire/manifest';

export class NodeSegmentOpener implements SegmentOpener {
  open({ key, fileId, segment, isLast, sealed }: SealedSegment): Uint8Array | null {
    if (sealed.length < SEGMENT_SEAL_BYTES) return null;
    const nonce = Buffer.alloc(SEGMENT_NONCE_BYTES);
    nonce.writeUInt32BE(segment, SEGMENT_NONCE_BYTES - 4);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: SEGMENT_SEAL_BYTES });
    decipher.setAAD(Buffer.from(segmentAssociatedData(fileId, segment, isLast), 'ascii'));
    decipher.setAuthTag(sealed.subarray(sealed.length - SEGMENT_SEAL_BYTES));
    const plaintext = decipher.update(sealed.subarray(0, sealed.length - SEGMENT_SEAL_BYTES));
    try {
      return Buffer.concat([plaintext, decipher.final()]);
    } catch {
      return null;
    }
  }

  startDigest(): RunningDigest {
    const hash = createHash('sha256');
    return { add: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
  }
}
