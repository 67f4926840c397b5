/** SHA-256 of short texts, for ids. */
import { createHash } from 'node:crypto';
import type { Digest } from '#bridge/core/ports/digest';

export const nodeDigest: Digest = {
  sha256: (text) => createHash('sha256').update(text, 'utf8').digest(),
};
