/** How much of a binary a speaker fetches that has another one: the blocks that it has nowhere. Spec 16.7. */
import { mapArtifact } from '#firmware/ota/block-map';
import type { BlockMap } from '#protocol/wire/update';

export interface ChangedBlocks {
  readonly blocks: number;
  /** Of them, each distinct one counted once. */
  readonly changed: number;
  /** What is fetched. */
  readonly changedBytes: number;
}

/** @param from what is there @param to what is wanted @throws TonearmError `input.invalid` for what cannot be read */
export async function compareBlocks(from: string, to: string): Promise<ChangedBlocks> {
  const [have, want] = [await readBlocks(from), await readBlocks(to)];
  const there = new Set(have.blocks);
  const missing = new Set(want.blocks.filter((hash) => !there.has(hash)));
  const lastBytes = want.sizeBytes - (want.blocks.length - 1) * want.blockBytes;
  const isLastMissing = missing.has(want.blocks.at(-1) ?? '');
  const changedBytes = missing.size * want.blockBytes - (isLastMissing ? want.blockBytes - lastBytes : 0);
  return { blocks: want.blocks.length, changed: missing.size, changedBytes };
}

async function readBlocks(file: string): Promise<BlockMap> {
  const { blocksText } = await mapArtifact(file);
  return JSON.parse(blocksText);
}
