/** Which blocks of an artifact have to be fetched, in how few requests: a pure plan over what is there already. */
import { BLOCK_BYTES, type BlockMap } from '#protocol/wire/update';

/** Blocks of one request: 1 MiB, which is held in memory at once, and is lost when a request fails. */
export const RANGE_BLOCKS_MAX = 16;

export interface ByteSpan {
  readonly offset: number;
  readonly length: number;
}

/** Whether a map is of an artifact of this size, block for block. */
export function isMapOf({ sizeBytes, blocks }: BlockMap, artifactBytes: number): boolean {
  return sizeBytes === artifactBytes && blocks.length === Math.ceil(artifactBytes / BLOCK_BYTES);
}

/** Where block `index` is; the last may be shorter. */
export function spanOf({ sizeBytes }: BlockMap, index: number): ByteSpan {
  const offset = index * BLOCK_BYTES;
  return { offset, length: Math.min(BLOCK_BYTES, sizeBytes - offset) };
}

/** Runs of missing blocks that lie side by side, each at most `RANGE_BLOCKS_MAX` long. @param isThere by block */
export function planFetch(
  map: BlockMap,
  isThere: readonly boolean[],
): { readonly first: number; readonly span: ByteSpan }[] {
  const runs: { first: number; span: ByteSpan }[] = [];
  for (let index = 0; index < map.blocks.length; index += 1) {
    if (isThere[index] === true) continue;
    const first = index;
    while (index + 1 < map.blocks.length && isThere[index + 1] !== true && index + 1 - first < RANGE_BLOCKS_MAX)
      index += 1;
    const last = spanOf(map, index);
    const { offset } = spanOf(map, first);
    runs.push({ first, span: { offset, length: last.offset + last.length - offset } });
  }
  return runs;
}
