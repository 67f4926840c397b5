/**
 * Proof that the compiler itself refuses what the rooms forbid: a copy of the project's configuration with one file in a pure
 * room, type-checked for real. Once with nothing wrong, so that a refusal is known to be for the reason that is meant.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = dirname(dirname(import.meta.dirname));
let copy = '';

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'tonearm-walls-'));
  for (const path of ['package.json', 'tsconfig.base.json', 'device/core/tsconfig.json', 'protocol/tsconfig.json']) {
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  write('protocol/vocabulary/units.ts', 'export type Ms = number;');
  write('cloud-bridge/core/ports/content.ts', 'export const content = 1;');
  write('device/adapters/thing/thing.ts', 'export const thing = 1;');
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), `${text}\n`);
}

/** @returns the compiler's error codes for `device/core` with this one file in it */
function errorsOf(text: string): string[] {
  write('device/core/intruder.ts', text);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-b', 'device/core'], { cwd: copy, encoding: 'utf8' });
  return [...stdout.matchAll(/intruder\.ts.*error (TS\d+)/g)].map((match) => match[1] ?? '');
}

describe('the compiler', { timeout: 60_000 }, () => {
  it('accepts what a core may import', () => {
    expect(errorsOf("import type { Ms } from '#protocol/vocabulary/units';\nexport const delay: Ms = 1;")).toEqual([]);
  });

  it.each([
    ['Node', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;"],
    ['the bridge', "export { content } from '#bridge/core/ports/content';"],
    ['an adapter', "export { thing } from '#device/adapters/thing/thing';"],
    ['a timer', 'export const timer = setTimeout(() => {}, 1);'],
    ['the environment', "export const path = process.env['PATH'];"],
    ['the console', "console.log('a');\nexport {};"],
    ['any', 'export function f(a) {\n  return a;\n}'],
    ['an enum', 'export enum Colour {\n  Red,\n}'],
  ])('refuses %s in a core', (_title, text) => {
    expect(errorsOf(text)).not.toEqual([]);
  });
});
