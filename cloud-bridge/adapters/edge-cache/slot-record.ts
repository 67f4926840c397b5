/**
 * How a slot of the slice store says what it holds: 64 bytes in the index file, with a checksum of their own, so that
 * what a crash tore in two is seen to be nothing.
 *
 * | bytes | what |
 * |---|---|
 * | 0–31 | file id, binary |
 * | 32–35 | number of the slice |
 * | 36–39 | its length |
 * | 40–47 | length of the object |
 * | 48–51 | CRC-32 of the slice |
 * | 52–59 | when it was last used, a number that only grows |
 * | 60–63 | CRC-32 of the 60 bytes before |
 */
import { crc32 } from 'node:zlib';
import { type FileId, fileId } from '#protocol/vocabulary/ids';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

export const RECORD_BYTES = 64;
const CHECKED_BYTES = 60;

export interface SlotRecord {
  readonly fileId: FileId;
  readonly index: number;
  readonly length: number;
  readonly objectBytes: Bytes;
  readonly crc: number;
  readonly lastUse: number;
}

export function encodeSlotRecord(record: SlotRecord, into: Buffer, offset: number): void {
  into.write(record.fileId, offset, 32, 'hex');
  into.writeUInt32LE(record.index, offset + 32);
  into.writeUInt32LE(record.length, offset + 36);
  into.writeBigUInt64LE(BigInt(record.objectBytes), offset + 40);
  into.writeUInt32LE(record.crc, offset + 48);
  into.writeBigUInt64LE(BigInt(record.lastUse), offset + 52);
  into.writeUInt32LE(crc32(into.subarray(offset, offset + CHECKED_BYTES)), offset + 60);
}

/** Null for an empty slot and for one whose record is damaged. */
export function decodeSlotRecord(from: Buffer, offset: number): SlotRecord | null {
  if (from.readUInt32LE(offset + 60) !== crc32(from.subarray(offset, offset + CHECKED_BYTES))) return null;
  const length = from.readUInt32LE(offset + 36);
  if (length === 0) return null;
  return {
    fileId: fileId(from.toString('hex', offset, offset + 32)),
    index: from.readUInt32LE(offset + 32),
    length,
    objectBytes: bytes(Number(from.readBigUInt64LE(offset + 40))),
    crc: from.readUInt32LE(offset + 48),
    lastUse: Number(from.readBigUInt64LE(offset + 52)),
  };
}
