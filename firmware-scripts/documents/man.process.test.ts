import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAN_FOLDER, makeManPages } from './man-pages.ts';

it('the man pages in docs say what `--help` says; `npm run man` writes them anew', async () => {
  const made = await makeManPages();
  expect(made.map(({ file }) => file).sort()).toEqual(readdirSync(MAN_FOLDER).sort());
  for (const { file, text } of made) expect([file, readFileSync(join(MAN_FOLDER, file), 'utf8')]).toEqual([file, text]);
}, 60_000);

it.skipIf(spawnSync('groff', ['--version']).error !== undefined)('the man pages are what roff understands', () => {
  for (const file of readdirSync(MAN_FOLDER)) {
    const { stderr, stdout } = spawnSync('groff', ['-man', '-Tutf8', '-ww', join(MAN_FOLDER, file)], {
      encoding: 'utf8',
    });
    expect([file, stderr]).toEqual([file, '']);
    expect(stdout).toContain('SYNOPSIS'.replace(/./g, (letter) => `${letter}\b${letter}`));
  }
});
