import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChildProgram } from '#sim/processes/child-program';
import { createBoundedLogFile } from './bounded-log-file.ts';
import { KeptProgram, type ProgramEvent } from './kept-program.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script as a kept program and lets a test await what is told of it. */
function keep(script: string) {
  const path = join(folder, 'program.mjs');
  writeFileSync(path, script);
  const told: string[] = [];
  const waiters = new Map<string, () => void>();
  const tell = (what: string): void => {
    told.push(what);
    waiters.get(what)?.();
  };
  const program = new KeptProgram(
    { label: 'test', script: path, args: [] },
    createBoundedLogFile(join(folder, 'test.log')),
    {
      logged: (event: ProgramEvent) => tell(event.event),
      restarting: () => tell('restarting'),
      gaveUp: (exit, lines) => tell(`gave up: ${exit}: ${lines.join(' ')}`),
    },
  );
  const until = (what: string): Promise<void> =>
    told.includes(what) ? Promise.resolve() : new Promise((resolve) => waiters.set(what, resolve));
  return { program, told, until };
}

const RUNS_ON = "console.log(JSON.stringify({ event: 'up' })); setInterval(() => {}, 1000);";

describe('KeptProgram', () => {
  it('starts again what was killed', async () => {
    const { program, told, until } = keep(RUNS_ON);
    program.start();
    await until('up');
    told.length = 0;
    process.kill(program.pid ?? Number.NaN, 'SIGKILL');
    await until('restarting');
    await until('up');
    expect(told).toEqual(['restarting', 'up']);
    await program.stop();
    expect(program.pid).toBeNull();
  });

  it('does not start again what was started wrongly, and says what it said', async () => {
    const { program, until } = keep("console.error('--port: in use'); process.exit(2);");
    program.start();
    await until('gave up: exit code 2: --port: in use');
    expect(program.pid).toBeNull();
  });

  it('does not start again after stop, not even one that waits to be', async () => {
    const { program, told, until } = keep('process.exit(1);');
    program.start();
    await until('restarting');
    await program.stop();
    program.start();
    expect(program.pid).toBeNull();
    expect(told).toEqual(['restarting']);
  });

  it('passes over lines that are no events', async () => {
    const script = `console.log('plain'); console.log('{ broken'); console.log('{"no":"event"}'); ${RUNS_ON}`;
    const { program, told, until } = keep(script);
    program.start();
    await until('up');
    expect(told).toEqual(['up']);
    await program.stop();
  });
});

describe('follow-parent', () => {
  it('ends a program whose parent was killed', async () => {
    const path = join(folder, 'child.mjs');
    writeFileSync(path, RUNS_ON);
    const preload = join(import.meta.dirname, 'follow-parent.mjs');
    const parent = `
      const { spawn } = await import('node:child_process');
      const child = spawn(process.execPath, ['--import', ${JSON.stringify(preload)}, ${JSON.stringify(path)}], { stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdout.once('data', () => console.log(JSON.stringify({ event: 'child', pid: child.pid })));
      setInterval(() => {}, 1000);`;
    const program = new ChildProgram('parent', process.execPath, ['--input-type=module', '-e', parent]);
    const { pid } = await program.waitForEvent('child', 10_000);
    program.kill('SIGKILL');
    await program.waitForExit(5_000);
    await expect.poll(() => isAlive(Number(pid)), { timeout: 5_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
