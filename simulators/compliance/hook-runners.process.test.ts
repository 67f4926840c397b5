/** Hook programs that are real ones, beside the one that exists only here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgramHookRunner } from '#device/adapters/program-hook-runner/program-hook-runner';
import { HOOK_OUTPUT_LENGTH_MAX } from '#device/core/ports/hook-runner';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { ms } from '#protocol/vocabulary/units';
import { type HookBehaviour, VirtualHookRunner } from '#sim/board/virtual-hook-runner';
import { hookRunnerSuite } from './hook-runner.suite.ts';

/** Processes are started, on a machine that may be busy. */
const PATIENT = { timeout: 10_000 } as const;

const SCRIPT = `#!/bin/sh
read -r line
printf '%s %s\\n' "$TONEARM_EVENT_CODE" "$line" >> "$(dirname "$0")/told"
case "$TONEARM_EVENT_CODE" in
  fine) printf 'it is fine' ;;
  fails) printf 'no' >&2; exit 3 ;;
  hangs) sleep 30 & echo $! > "$(dirname "$0")/child"; wait ;;
  floods) yes ;;
  says-env) env | cut -d= -f1 | sort | tr '\\n' ' ' ;;
  leaves) sleep 30 & echo $! > "$(dirname "$0")/left"; printf 'gone' ;;
esac
`;

const PORTS = { clock: createSystemClock(), endGroup: (pid: number) => process.kill(-pid, 'SIGKILL') };

function useScript() {
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-hook-'));
  const program = join(folder, 'hook');
  writeFileSync(program, SCRIPT, { mode: 0o755 });
  const env = { PATH: process.env['PATH'], TONEARM_DATA: '/secret' };
  const runner = createProgramHookRunner(PORTS, program, env);
  const end = async () => {
    await runner.close();
    rmSync(folder, { recursive: true });
  };
  return { folder, runner, end };
}

hookRunnerSuite('ProgramHookRunner', async () => {
  const { folder, runner, end } = useScript();
  const told = () =>
    readFileSync(join(folder, 'told'), { encoding: 'utf8', flag: 'a+' })
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ code: line.split(' ', 1)[0] ?? '', line: line.slice(line.indexOf(' ') + 1) }));
  return { runner, told, end };
});

const BEHAVIOURS: Record<string, HookBehaviour> = {
  fine: { takes: ms(1), exitCode: 0, output: 'it is fine' },
  fails: { takes: ms(1), exitCode: 3, output: 'no' },
};
const HANGS: HookBehaviour = { takes: null, exitCode: 0, output: '' };

hookRunnerSuite('VirtualHookRunner', async () => {
  const behave = ({ environment }: { environment: Readonly<Record<string, string>> }) =>
    BEHAVIOURS[environment['TONEARM_EVENT_CODE'] ?? ''] ?? HANGS;
  const runner = new VirtualHookRunner(createSystemClock(), behave);
  const told = () =>
    runner.calls.map(({ environment, line }) => ({ code: environment['TONEARM_EVENT_CODE'] ?? '', line }));
  return { runner, told, end: () => runner.close() };
});

describe('a hook program', () => {
  const call = (code: string) => ({ environment: { TONEARM_EVENT: 'error', TONEARM_EVENT_CODE: code }, line: '{}' });
  const isThere = (pid: number) => {
    try {
      // A zombie that nobody has collected yet is no process any more.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  it('that is ended takes with it what it has started', async () => {
    const { folder, runner, end } = useScript();
    expect((await runner.run(call('hangs'), ms(500))).kind).toBe('timedOut');
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
    expect(child).toBeGreaterThan(1);
    await expect.poll(() => isThere(child), PATIENT).toBe(false);
    await end();
  });

  it('is kept of a flood what the limit says', async () => {
    const { runner, end } = useScript();
    const outcome = await runner.run(call('floods'), ms(300));
    expect(outcome.kind === 'timedOut' && outcome.output.length).toBe(HOOK_OUTPUT_LENGTH_MAX);
    await end();
  });

  it('does not get the environment of the speaker', async () => {
    const { runner, end } = useScript();
    const outcome = await runner.run(call('says-env'), ms(5_000));
    expect(outcome.kind === 'ended' && outcome.output.trim().split(' ')).toEqual(
      expect.arrayContaining(['PATH', 'TONEARM_EVENT', 'TONEARM_EVENT_CODE']),
    );
    expect(outcome.kind === 'ended' && outcome.output).not.toContain('TONEARM_DATA');
    await end();
  });

  it('is over when it ends, whatever it leaves in the background', async () => {
    const { folder, runner, end } = useScript();
    expect(await runner.run(call('leaves'), ms(5_000))).toEqual({ kind: 'ended', exitCode: 0, output: 'gone' });
    process.kill(Number(readFileSync(join(folder, 'left'), 'utf8')), 'SIGKILL');
    await end();
  });

  it('that is not there is said to be', async () => {
    const runner = createProgramHookRunner(PORTS, '/nowhere/hook', {});
    const outcome = await runner.run(call('fine'), ms(5_000));
    expect(outcome).toMatchObject({ kind: 'notStarted', reason: expect.stringContaining('ENOENT') });
    await runner.close();
  });
});
