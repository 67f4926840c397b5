/** The self-test of this source tree on this machine, and what it says of a build that lacks its parts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSelfTest } from './compose-self-test.ts';
import { SPEAKER_VERSION } from './version.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const TAKES_AT_MOST_MS = 30_000;

describe('the self-test', { timeout: TAKES_AT_MOST_MS }, () => {
  it('finds all parts of this build working, called as the command and as the single file', () => {
    for (const words of [['--self-test'], ['speaker', '--self-test']]) {
      const run = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...words], {
        encoding: 'utf8',
      });
      const { checks, ...line } = JSON.parse(run.stdout);
      expect(checks.filter((check: { problem: string | null }) => check.problem !== null)).toEqual([]);
      expect(line).toEqual({
        event: 'speaker.self-test',
        isWorking: true,
        version: SPEAKER_VERSION,
        node: process.versions.node,
        arch: process.arch,
      });
      expect(run.status).toBe(0);
    }
  });

  it('names each part that is not there', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tonearm-self-test-'));
    const { isWorking, checks } = await runSelfTest(process, empty);
    rmSync(empty, { recursive: true });
    expect(isWorking).toBe(false);
    const broken = checks.filter(({ problem }) => problem !== null);
    expect(broken.map(({ name }) => name)).toEqual([
      'alsa',
      'pulse',
      'mapped-file',
      'memory-trim',
      'network-watch',
      'sd-notify',
      'opus',
    ]);
    for (const { problem } of broken) expect(problem).not.toBe('');
  });
});
