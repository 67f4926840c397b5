/** `npm run man`: writes the man pages into `docs/man`; with `--dry-run` says which. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAN_FOLDER, makeManPages } from './man-pages.ts';

const isDry = process.argv.includes('--dry-run');
mkdirSync(MAN_FOLDER, { recursive: true });
for (const { file, text } of await makeManPages()) {
  if (!isDry) writeFileSync(join(MAN_FOLDER, file), text);
  process.stdout.write(`docs/man/${file}\n`);
}
