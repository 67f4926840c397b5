/** The completions as shells run them: bash always, the others where they are installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const MAIN = path.join(import.meta.dirname, '..', 'main.ts');
const WITHIN_MS = 60_000;
/** Stands for a house, so that none is needed: one of its names is not nice to shells. */
const NAMES = ['Kitchen', "Kid's $(touch /nowhere/x) room"];

function completionOf(shell: string): string {
  const made = spawnSync(process.execPath, [MAIN, 'completion', shell], { encoding: 'utf8', timeout: WITHIN_MS });
  expect([made.status, made.stderr]).toEqual([0, '']);
  return made.stdout;
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).error === undefined;
}

describe('bash', { timeout: WITHIN_MS }, () => {
  let script = '';
  beforeAll(() => {
    script = completionOf('bash');
  }, WITHIN_MS);

  function complete(...words: readonly string[]): string[] {
    const house = `tonearm() { printf '%s\\n' "$NAME_1" "$NAME_2"; }`;
    const run = `${house}\n${script}\nCOMP_WORDS=(tonearm "$@"); COMP_CWORD=$#; _tonearm; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { PATH: process.env['PATH'] ?? '', NAME_1: NAMES[0], NAME_2: NAMES[1] };
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', run, 'bash', ...words], { encoding: 'utf8', env });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('knows commands, the commands of a command, and their options', () => {
    expect(complete('pl')).toEqual(['play']);
    expect(complete('queue', 'a')).toEqual(['add']);
    expect(complete('play', '--k')).toEqual(['--kind']);
    expect(complete('play', '--kind', '')).toEqual(['track', 'album', 'artist']);
    expect(complete('completion', 'f')).toEqual(['fish']);
  });

  it('knows the flags of the programs that run all the time', () => {
    expect(complete('speaker', '--cache')).toEqual(['--cache-mb']);
    expect(complete('bridge', '--no-m')).toEqual(['--no-mdns']);
    expect(complete('edge', '--orig')).toEqual(['--origin']);
  });

  it('asks for the names of speakers, and writes them so that a shell reads one word', () => {
    expect(complete('play', '--on', 'kit')).toEqual(['Kitchen']);
    const [odd = ''] = complete('transfer', 'kid');
    const { stdout } = spawnSync('bash', ['--norc', '-c', `printf '%s' ${odd}`], { encoding: 'utf8' });
    expect(stdout).toBe(NAMES[1]);
  });
});

describe.each(['zsh', 'fish'])('%s', { timeout: WITHIN_MS }, (shell) => {
  it.skipIf(!isInstalled(shell))('can read its completion', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-completion-'));
    const file = path.join(folder, 'tonearm');
    writeFileSync(file, completionOf(shell));
    const checked = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([checked.status, checked.stderr]).toEqual([0, '']);
  });

  it('is told every command', () => {
    const script = completionOf(shell);
    for (const command of ['play', 'transfer', 'doctor', 'completion'])
      expect(script).toContain(`'tonearm ${command}'`);
    expect(script).toContain('tonearm complete-speakers');
  });
});

it('a shell that there is no completion for is a usage error', { timeout: WITHIN_MS }, () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'completion', 'cmd'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
