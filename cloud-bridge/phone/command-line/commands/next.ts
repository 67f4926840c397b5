/** `tonearm next`. */
import type { Command } from 'commander';
import type { Act } from '../command-context.ts';
import { skip } from './skip.ts';

export function addNext(program: Command, act: Act): void {
  program
    .command('next')
    .description('skip to the next track')
    .action(act((context) => skip(context, 'next')));
}
