/**
 * Is what is stored what was stored? Every segment must open under its seal, all of them together must hash to the
 * file's id, and the head must be the object's start. One segment is in memory at a time.
 */
import type { BlobStore } from '#bridge/core/ports/blob-store';
import type { StoredObject } from '#bridge/core/ports/content';
import type { ObjectFault } from '#bridge/core/ports/object-verifier';
import type { SegmentOpener } from '#bridge/core/ports/segment-opener';
import type { EncodedFile } from '#bridge/core/ports/track-encoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';
import { headBytesOf } from '../content/head-bytes.ts';

export interface VerifyPorts {
  readonly blobs: Pick<BlobStore, 'open' | 'openHead'>;
  readonly opener: SegmentOpener;
  /** Called after each segment. */
  alive(): void;
}

/** @throws TonearmError `storage.failed` when the store cannot be read */
export async function verifyObject(ports: VerifyPorts, file: EncodedFile): Promise<ObjectFault | null> {
  const object = presentOf(await ports.blobs.open(file.fileId));
  if (object === null) return { kind: 'missing', message: 'it is not in the store' };
  const expected = headBytesOf(file.segmentSizesBytes, file.segmentSizesBytes.length);
  if (object.sizeBytes !== expected) {
    return { kind: 'wrong-length', message: `it has ${object.sizeBytes} bytes, not ${expected}` };
  }
  const whole = ports.opener.startDigest();
  const start = ports.opener.startDigest();
  let segment = 0;
  for await (const sealed of cutInto(object.read(bytes(0), object.sizeBytes), file.segmentSizesBytes)) {
    const isLast = segment === file.segmentSizesBytes.length - 1;
    const plaintext = ports.opener.open({ key: file.key, fileId: file.fileId, segment, isLast, sealed });
    if (plaintext === null) return { kind: 'broken-seal', message: `the seal of its segment ${segment} does not hold` };
    whole.add(plaintext);
    if (segment < file.headSegments) start.add(sealed);
    segment += 1;
    ports.alive();
  }
  if (whole.hex() !== file.fileId) return { kind: 'wrong-content', message: 'it is sound, and another file' };
  return await verifyHead(ports, file, start.hex());
}

async function verifyHead(ports: VerifyPorts, file: EncodedFile, startHex: string): Promise<ObjectFault | null> {
  const head = presentOf(await ports.blobs.openHead(file.fileId));
  if (head === null) return { kind: 'wrong-head', message: 'its head is not in the store' };
  const expected = headBytesOf(file.segmentSizesBytes, file.headSegments);
  if (head.sizeBytes !== expected) {
    return { kind: 'wrong-head', message: `its head has ${head.sizeBytes} bytes, not ${expected}` };
  }
  const digest = ports.opener.startDigest();
  for await (const piece of head.read(bytes(0), head.sizeBytes)) digest.add(piece);
  return digest.hex() === startHex ? null : { kind: 'wrong-head', message: 'its head is not the start of it' };
}

/** @returns null when it is not there */
function presentOf(opened: Result<StoredObject, TonearmError>): StoredObject | null {
  if (opened.ok) return opened.value;
  if (opened.error.code === 'content.not-found') return null;
  throw opened.error;
}

/** The stream again, in pieces of these sizes. */
async function* cutInto(pieces: AsyncIterable<Uint8Array>, sizes: readonly Bytes[]): AsyncGenerator<Uint8Array> {
  let number = 0;
  let current = new Uint8Array(sizes[0] ?? 0);
  let filled = 0;
  for await (const piece of pieces) {
    for (let used = 0; used < piece.length; ) {
      const part = piece.subarray(used, used + current.length - filled);
      current.set(part, filled);
      filled += part.length;
      used += part.length;
      if (filled < current.length) continue;
      yield current;
      number += 1;
      const size = sizes[number];
      // The length was compared before: past the last segment there is nothing.
      if (size === undefined) return;
      current = new Uint8Array(size);
      filled = 0;
    }
  }
  throw new TonearmError('storage.failed', 'a stored file ended before its end');
}
