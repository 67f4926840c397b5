/** `tonearm version`: ours, and the Node that runs it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { PROTOCOL_VERSION } from '#protocol/wire/versions';
import type { Act } from '../command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';

export function addVersion(program: Command, act: Act): void {
  program
    .command('version')
    .description('print the versions')
    .action(
      act(async ({ output }) => {
        const version = { tonearm: tonearmVersion(), node: process.versions.node, protocol: PROTOCOL_VERSION };
        output.data(version, () => [`tonearm ${version.tonearm} (protocol ${version.protocol}, Node ${version.node})`]);
        return EXIT_CODES.ok;
      }),
    );
}

export function tonearmVersion(): string {
  const text = readFileSync(path.join(import.meta.dirname, '../../../../package.json'), 'utf8');
  const description: unknown = JSON.parse(text);
  const hasVersion = typeof description === 'object' && description !== null && 'version' in description;
  return hasVersion && typeof description.version === 'string' ? description.version : 'unknown';
}
