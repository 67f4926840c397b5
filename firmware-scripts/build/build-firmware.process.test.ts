/** A binary for this machine is made, tests itself, and is packed: what is missing from one shows only when it runs. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareBaseNode } from './base-node.ts';
import { buildFirmware, describeBuild } from './build-firmware.ts';
import { placeFor } from './build-place.ts';
import { isThere } from './run-tool.ts';

/** Compiling libopus is most of it, once. */
const WITHIN_MS = 240_000;
/** What is of no language, and what falls back to none. */
const WITHOUT_LANGUAGES = `[
  'e\\u0301 \\ufb01'.normalize('NFKC'), 'STRASSE'.toLowerCase(), ['z', '\\u00e4', 'a'].toSorted((one, other) => one.localeCompare(other)),
  /^\\p{L}+$/u.test('\\u00e4\\u65e5'), new URL('http://b\\u00fccher.example').hostname, new TextDecoder('utf-16le').decode(Uint8Array.of(65, 0)),
  new Date(0).getTimezoneOffset(), new Intl.NumberFormat('de').format(1234.5),
]`;
const MAIN = path.join(import.meta.dirname, '..', 'main.ts');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const missing = ['gcc', 'g++', 'strip'].find((tool) => !isThere(tool));
const why = process.platform !== 'linux' ? 'not on Linux' : missing === undefined ? null : `no ${missing}`;

describe.skipIf(why !== null)(`the firmware for this machine${why === null ? '' : ` (skipped: ${why})`}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-build-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says what it would do', () => {
    const words = ['--disable-warning=ExperimentalWarning', MAIN, 'build', '--arch', 'arm64', '--dry-run'];
    const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    const steps = describeBuild(placeFor('arm64'), { isFresh: false });
    expect([status, stdout]).toEqual([0, steps.map((step) => `would ${step}\n`).join('')]);
    expect(steps.length).toBeGreaterThan(4);
  });

  it('refuses an architecture that there is not', () => {
    const words = ['--disable-warning=ExperimentalWarning', MAIN, 'build', '--arch', 'mips'];
    const { stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, 'error: --arch must be arm64 or x64, not "mips" (input.invalid)\n']);
  });

  it('is one file that works where nothing else of ours is', { timeout: WITHIN_MS }, async () => {
    const built = await buildFirmware(placeFor(arch, path.join(folder, 'out')), { isFresh: false }, () => undefined);
    const alone = path.join(folder, 'tonearm');
    copyFileSync(built.binary, alone);
    const env = { PATH: '', HOME: folder, PKG_NATIVE_CACHE_PATH: path.join(folder, 'cache') };
    const { stdout, stderr, status } = spawnSync(alone, ['--self-test'], { encoding: 'utf8', cwd: folder, env });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ isWorking: true, version: built.version, arch });
    expect(status).toBe(0);
  });

  it('does with a Node that speaks English alone', { timeout: WITHIN_MS }, async () => {
    const { path: base } = await prepareBaseNode(placeFor(arch, path.join(folder, 'out')));
    const env = { TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8' };
    const { stdout, stderr } = spawnSync(base, ['-p', `JSON.stringify(${WITHOUT_LANGUAGES})`], {
      encoding: 'utf8',
      env,
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      ...['\u00e9 fi', 'strasse', ['a', '\u00e4', 'z'], true, 'xn--bcher-kva.example', 'A'],
      ...[-330, '1,234.5'],
    ]);
  });
});
