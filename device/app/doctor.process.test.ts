/** The doctor beside a real speaker, and without one. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckResult } from '#protocol/kit/check-result';
import { SpeakerRuns } from '#sim/processes/speaker-runs';

const EXIT_DEGRADED = 5;

let runs: SpeakerRuns;
let folder: string;

beforeEach(() => {
  runs = new SpeakerRuns('doctor');
  folder = runs.folder;
});

afterEach(() => runs.stop());

const run = (...words: string[]): ChildProcess => runs.run(words);

async function outcomeOf(child: ChildProcess): Promise<{ exitCode: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (text) => {
    out += text;
  });
  child.stderr?.on('data', (text) => {
    err += text;
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, out, err };
}

const resultOf = (checks: CheckResult[], check: string) => checks.find((it) => it.check === check)?.result;

describe('tonearm speaker doctor', () => {
  it('sees the speaker that runs, and packs what it found without a secret', async () => {
    const speaker = run();
    let log = '';
    speaker.stdout?.on('data', (text) => {
      log += text;
    });
    await expect.poll(() => log, { timeout: 10_000 }).toContain('speaker.ready');
    const bundle = join(folder, 'bundle.json');
    const { exitCode, out } = await outcomeOf(run('doctor', '--json', '--bundle', bundle));
    expect(exitCode).toBe(EXIT_DEGRADED);
    const { isHealthy, checks } = JSON.parse(out);
    expect(isHealthy).toBe(false);
    // It plays to nobody and belongs to nobody, and says both.
    expect(resultOf(checks, 'speaker')).toBe('ok');
    expect(resultOf(checks, 'sound')).toBe('failed');
    expect(resultOf(checks, 'bridge')).toBe('warning');
    expect(resultOf(checks, 'disk')).not.toBe('skipped');
    const text = readFileSync(bundle, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ format: 'tonearm.support.1', checks: expect.any(Array) });
    expect(statSync(bundle).mode & 0o777).toBe(0o600);
    const door = JSON.parse(readFileSync(join(runs.data, 'door.json'), 'utf8'));
    expect(text).not.toContain(door.key);
    const identity = readFileSync(join(runs.data, 'identity.key'), 'utf8').trim();
    expect(identity).not.toBe('');
    for (const line of identity.split('\n')) {
      expect(text).not.toContain(line.trim());
    }
    const again = await outcomeOf(run('doctor', '--bundle', bundle));
    expect([again.exitCode, again.err]).toEqual([2, expect.stringContaining('cannot be written')]);
  }, 40_000);

  it('says what to do where none runs, and refuses a bundle without a name', async () => {
    const { exitCode, out } = await outcomeOf(run('doctor', '--no-tone'));
    expect(exitCode).toBe(EXIT_DEGRADED);
    expect(out).toMatch(/^speaker +failed +no speaker runs with this folder/);
    expect(out).toMatch(/fix: .*systemctl start tonearm-speaker/);
    const wrong = await outcomeOf(run('doctor', '--bundle='));
    expect([wrong.exitCode, wrong.err]).toEqual([2, 'tonearm speaker: --bundle must name a file (config.invalid)\n']);
  }, 30_000);
});
