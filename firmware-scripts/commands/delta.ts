/** `npm run firmware -- delta`: what a speaker would have to fetch to come from one binary to another. */
import type { Command } from 'commander';
import { compareBlocks } from '#firmware/build/changed-blocks';
import { inMegabytes } from '#firmware/build/check-output';

/** Adds `delta`. */
export function addDelta(program: Command): void {
  program
    .command('delta')
    .description('say how much of a binary is fetched by a speaker that has another one')
    .argument('<from>', 'the binary that is there')
    .argument('<to>', 'the binary that is wanted')
    .option('--dry-run', 'the same: it only reads')
    .action(async (from: string, to: string) => {
      const { blocks, changed, changedBytes } = await compareBlocks(from, to);
      console.log(`${changed} of ${blocks} blocks, ${inMegabytes(changedBytes)}`);
    });
}
