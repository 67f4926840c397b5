/**
 * Updates with real programs: the guide's commands as they stand there, a bridge that offers what they published, and a
 * speaker with slots that is handed a release in a file.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { versionText } from '#device/adapters/file-slot-store/file-slot-store';
import { parseOta } from '#device/core/update/ota-text';
import { ChildProgram } from '#sim/processes/child-program';

const ROOT = join(import.meta.dirname, '..', '..');
const GUIDE = join(ROOT, 'docs', 'guides', 'sign-and-publish-an-update.md');
const WITHIN_MS = 60_000;

let home: string;
const programs: ChildProgram[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tonearm-update-'));
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Runs lines of a shell in which `npm run firmware --` and `npx tonearm` are this source tree's. */
async function shell(lines: string, env: Record<string, string> = {}): Promise<{ code: number | null; said: string }> {
  const node = process.execPath;
  const functions = `npm() { shift 3; ${node} ${ROOT}/firmware-scripts/main.ts "$@"; }
npx() { shift; ${node} ${ROOT}/cloud-bridge/phone/command-line/main.ts "$@"; }
set -e
`;
  const child = spawn('sh', ['-c', functions + lines], {
    env: { PATH: process.env['PATH'] ?? '', HOME: home, NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: WITHIN_MS,
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, said: out + err };
}

/** The guide's blocks that are to be typed, in order. */
const steps = [...readFileSync(GUIDE, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

async function startBridge(): Promise<string> {
  const flags = [
    '--data',
    join(home, 'house'),
    '--port',
    '0',
    '--host',
    '127.0.0.1',
    '--no-mdns',
    '--no-watch',
    '--access',
    'open',
  ];
  const bridge = new ChildProgram('bridge', process.execPath, [join(ROOT, 'cloud-bridge/app/main.ts'), ...flags]);
  programs.push(bridge);
  return String((await bridge.waitForEvent('bridge.ready', WITHIN_MS))['url']);
}

describe('the guide to updates', () => {
  it('works as it stands there', async () => {
    const url = await startBridge();
    expect(steps.length).toBeGreaterThan(8);
    const said: string[] = [];
    for (const step of steps) {
      const outcome = await shell(step, { TONEARM_BRIDGE: url });
      expect([step, outcome.code, outcome.said]).toEqual([step, 0, expect.any(String)]);
      said.push(outcome.said);
    }
    const all = said.join('');
    for (const words of [
      'root 1: 2 of 3',
      'signed 0.2.0 (2)',
      'published 0.2.0 (2)',
      'Offered 0.2.0 to 10',
      'Halted 0.2.0',
      'stamped x64 2',
      'root 2: 2 of 3',
      'published 0.2.1 (3)',
    ]) {
      expect(all).toContain(words);
    }
    expect(statSync(join(home, 'tonearm-keys', 'root-1.key')).mode & 0o777).toBe(0o600);
    expect(all).not.toContain('PRIVATE KEY');
    expect((await shell('npx tonearm firmware list', { TONEARM_BRIDGE: url })).said).toContain('0.2.1 (3)  x64');
  }, 90_000);
});

describe('a speaker with slots', () => {
  /** A program that is this source tree's speaker, and says whether it works as it is told. */
  function writeProgram(path: string, selfTestCode: number, mark: string): void {
    const speaker = join(ROOT, 'device', 'app', 'main.ts');
    const lines = [
      '#!/bin/sh',
      `[ "$1" = --self-test ] && exit ${selfTestCode}`,
      `exec ${process.execPath} ${speaker} "$@"`,
      ...Array.from({ length: 3_000 }, () => `# ${'='.repeat(60)}`),
      `# ${mark}`,
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
  }

  const sign = (binary: string, version: string, seq: number) =>
    shell(`npm run firmware -- sign ~/${binary} --key ~/keys/release.key --version ${version} --seq ${seq} --arch ${process.arch} --to ~/signed-${seq}
npm run firmware -- publish ~/signed-${seq} --keys ~/keys --to ~/shelf-${seq}
npm run firmware -- pack ~/shelf-${seq} --to ~/packed`);
  const update = (file: string) =>
    shell(`${process.execPath} ${ROOT}/device/app/main.ts update ${file} --data ~/state`);
  const packed = (version: string) => join(home, 'packed', `tonearm-${version}-${process.arch}.update`);
  const record = () => parseOta(readFileSync(join(home, 'state', 'firmware', 'ota.json'), 'utf8'));

  it('takes a packed release, refuses one that was changed or does not work, and says why', async () => {
    mkdirSync(join(home, 'factory'));
    writeProgram(join(home, 'factory', 'tonearm'), 0, 'factory');
    const { size } = statSync(join(home, 'factory', 'tonearm'));
    const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
    writeFileSync(
      join(home, 'factory', 'version.json'),
      versionText({ format: 1, version: '0.1.0', seq: 1, arch, sizeBytes: size, sha256: '0'.repeat(64) }),
    );
    writeProgram(join(home, 'works'), 0, 'works');
    writeProgram(join(home, 'broken'), 1, 'broken');
    await shell('npm run firmware -- keys generate ~/keys');
    for (const [binary, version, seq] of [
      ['broken', '0.2.0', 2],
      ['works', '0.3.0', 3],
    ] as const) {
      expect(await sign(binary, version, seq)).toMatchObject({ code: 0 });
    }
    const scripts = join(ROOT, 'firmware-scripts', 'ota');
    const env = {
      ...{ STATE_DIRECTORY: join(home, 'state'), TONEARM_FACTORY: join(home, 'factory') },
      TONEARM_KEYS: join(home, 'keys', 'keys.json'),
    };
    expect((await shell(`sh ${scripts}/slot-select`, env)).code).toBe(0);
    const flags = [
      'speaker',
      '--data',
      join(home, 'state'),
      '--sink',
      'virtual',
      '--no-mdns',
      '--bridge',
      'ws://127.0.0.1:9',
    ];
    const speaker = new ChildProgram('speaker', 'sh', [join(scripts, 'slot-start'), ...flags], { env });
    programs.push(speaker);
    await speaker.waitForEvent('speaker.ready', WITHIN_MS);

    expect((await update(packed('0.2.0'))).said).toContain('(update.self-test-failed)');
    expect((await update(packed('0.2.0'))).said).toContain('(update.marked-bad)');
    const forged = readFileSync(packed('0.3.0'));
    const at = forged.length - 10;
    forged[at] = (forged[at] ?? 0) ^ 1;
    writeFileSync(join(home, 'forged.update'), forged);
    expect((await update('~/forged.update')).said).toContain('(update.corrupt)');
    expect((await update('~/works')).said).toContain('(input.invalid)');
    // Seen is seen: what was refused for its bytes had a signed number.
    expect((await update(packed('0.2.0'))).said).toContain('(update.old-sequence)');
    const taken = await update(packed('0.3.0'));
    expect([taken.code, taken.said]).toEqual([0, '{"version":"0.3.0"}\n']);
    expect(existsSync(join(home, 'state', 'firmware', 'slots', 'a', 'tonearm'))).toBe(true);
    expect(speaker.exitCode).toBeUndefined();
    expect((await update(packed('0.3.0'))).said).toContain('(session.busy)');
    expect(existsSync(join(home, 'state', 'firmware', 'ota.json')) ? record()?.pending : 'none').toBe('none');
  }, 90_000);
});
