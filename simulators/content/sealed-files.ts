/** Stored files opened again, by code that shares nothing with what made them: for tests and benches of what is in them. */
import { createDecipheriv } from 'node:crypto';
import type { EncodedFile } from '#bridge/core/ports/track-encoder';
import { segmentAssociatedData } from '#protocol/wire/manifest';

type SealedFile = Pick<EncodedFile, 'fileId' | 'key' | 'segmentSizesBytes'>;

const TAG_BYTES = 16;

/** @returns the segments, in order @throws when a seal is broken, or bytes are missing or too many */
export function unsealed(file: SealedFile, sealed: Uint8Array): readonly Uint8Array[] {
  let offset = 0;
  const segments = file.segmentSizesBytes.map((size, segment) => {
    const bytes = sealed.subarray(offset, offset + size);
    offset += size;
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(segment, 8);
    const cipher = createDecipheriv('aes-128-gcm', file.key, nonce);
    const isLast = segment === file.segmentSizesBytes.length - 1;
    cipher.setAAD(Buffer.from(segmentAssociatedData(file.fileId, segment, isLast)));
    cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([cipher.update(bytes.subarray(0, -TAG_BYTES)), cipher.final()]);
  });
  if (offset !== sealed.length) throw new Error(`${sealed.length} bytes, and the manifest tells of ${offset}`);
  return segments;
}

/** The audio packets of an Ogg Opus stream; its two headers are left out. */
export function packetsOf(segments: readonly Uint8Array[]): readonly Uint8Array[] {
  const bytes = Buffer.concat(segments);
  const packets: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const count = bytes[offset + 26] ?? 0;
    let start = offset + 27 + count;
    let length = 0;
    for (const value of bytes.subarray(offset + 27, offset + 27 + count)) {
      length += value;
      if (value === 255) continue;
      packets.push(bytes.subarray(start, start + length));
      start += length;
      length = 0;
    }
    offset = start;
  }
  return packets.slice(2);
}
