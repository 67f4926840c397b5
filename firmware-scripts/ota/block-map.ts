/** An artifact's hash and the map of its blocks, read once from beginning to end. Spec 16.7. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ARTIFACT_BYTES_MAX, BLOCK_BYTES, type BlockMap } from '#protocol/wire/update';

export interface MappedArtifact {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** The map as it travels, and its hash. */
  readonly blocksText: string;
  readonly blocksSha256: string;
}

/** @throws TonearmError `input.invalid` for what is no file, or empty, or larger than an artifact may be */
export async function mapArtifact(path: string): Promise<MappedArtifact> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new TonearmError('input.invalid', `${path} cannot be read`, { cause });
  });
  try {
    const whole = createHash('sha256');
    const blocks: string[] = [];
    let sizeBytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, sizeBytes);
      if (bytesRead === 0) break;
      const block = buffer.subarray(0, bytesRead);
      whole.update(block);
      blocks.push(sha256Of(block));
      sizeBytes += bytesRead;
      if (sizeBytes > ARTIFACT_BYTES_MAX)
        throw new TonearmError('input.invalid', `${path}: larger than ${ARTIFACT_BYTES_MAX} bytes`);
    }
    if (sizeBytes === 0) throw new TonearmError('input.invalid', `${path} is empty`);
    const map: BlockMap = { format: 1, sizeBytes, blockBytes: BLOCK_BYTES, blocks };
    const blocksText = JSON.stringify(map);
    return { sizeBytes, sha256: whole.digest('hex'), blocksText, blocksSha256: sha256Of(blocksText) };
  } finally {
    await file.close();
  }
}

export function sha256Of(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
