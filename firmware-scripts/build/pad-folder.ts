/**
 * Fills a folder up, so that what is put into a binary is as long for the next version as for this one. Lengths and addresses
 * are written down in four places of the binary, far from each other: without it each change of a line costs those who
 * update four blocks more than what has changed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';

/** Comes last where names are in order, so that it moves nothing else. */
export const PADDING_FILE = 'zz-padding.bin';
/** A version may grow by this much, on average half, before its length is another; and so much longer it may get. */
export const PADDED_TO_BYTES = 256 * 1024;
/** Compressed, what cannot be compressed is a little longer; how much is known only afterwards. */
const TRIES_MAX = 8;
const DIGEST_BYTES = 32;

/** @param folder whose files are compressed one by one, as pkg does */
export function padFolder(folder: string): void {
  const padding = path.join(folder, PADDING_FILE);
  rmSync(padding, { force: true });
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const lengths = files.map(({ parentPath, name }) => compressedLength(readFileSync(path.join(parentPath, name))));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  writeFileSync(padding, paddingOf(PADDED_TO_BYTES - (total % PADDED_TO_BYTES)));
}

/** @returns bytes that have this length once they are compressed, or nearly, where no bytes have it */
export function paddingOf(compressedBytes: number): Buffer {
  let bytes = noise(compressedBytes);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const tooLong = compressedLength(bytes) - compressedBytes;
    if (tooLong === 0 || bytes.length - tooLong < 0) break;
    bytes = noise(bytes.length - tooLong);
  }
  return bytes;
}

function compressedLength(bytes: Buffer): number {
  return zstdCompressSync(bytes).length;
}

/** The same each time, and without a pattern. */
function noise(length: number): Buffer {
  const count = Math.ceil(length / DIGEST_BYTES);
  const digests = Array.from({ length: count }, (_, index) => createHash('sha256').update(String(index)).digest());
  return Buffer.concat(digests).subarray(0, length);
}
