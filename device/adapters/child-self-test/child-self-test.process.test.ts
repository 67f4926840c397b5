import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runSelfTest } from './child-self-test.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-self-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(lines: string): string {
  const path = join(folder, 'tonearm');
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return path;
}
const env = { PATH: process.env['PATH'], TONEARM_NAME: 'Kitchen', PASSWORD: 'secret', HOME: '/nowhere' };

it('believes a version that ends well, and no other', async () => {
  expect(await runSelfTest(program('exit 0'), env)).toBe(true);
  expect(await runSelfTest(program('exit 1'), env)).toBe(false);
  expect(await runSelfTest(program('kill -9 $$'), env)).toBe(false);
  expect(await runSelfTest(join(folder, 'nothing'), env)).toBe(false);
  writeFileSync(join(folder, 'tonearm'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]));
  expect(await runSelfTest(join(folder, 'tonearm'), env)).toBe(false);
});

it('ends one that does not end, and tells it no more than it needs', async () => {
  expect(await runSelfTest(program('exec sleep 60'), env, 100)).toBe(false);
  const said = join(folder, 'said');
  expect(await runSelfTest(program(`{ echo "$1"; env; } >${said}`), env)).toBe(true);
  expect(readFileSync(said, 'utf8')).toMatch(/^--self-test\n/);
  expect(readFileSync(said, 'utf8')).toContain('TONEARM_NAME=Kitchen');
  expect(readFileSync(said, 'utf8')).not.toContain('secret');
});
