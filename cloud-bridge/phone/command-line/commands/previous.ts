/** `tonearm previous`. */
import type { Command } from 'commander';
import type { Act } from '../command-context.ts';
import { skip } from './skip.ts';

export function addPrevious(program: Command, act: Act): void {
  program
    .command('previous')
    .description('back to the start of the track, or to the one before')
    .action(act((context) => skip(context, 'previous')));
}
