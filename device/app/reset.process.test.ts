/** A real speaker lives in a folder, and is reset: nothing that it has left may be overlooked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');

let folder: string;
let data: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-reset-'));
  data = join(folder, 'data');
  mkdirSync(join(folder, 'runtime'));
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): ChildProcess {
  const env = { ...process.env, XDG_RUNTIME_DIR: join(folder, 'runtime') };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

/** @returns the id of a speaker that was started and has ended */
async function live(): Promise<string> {
  const child = run('--data', data, '--sink', 'virtual', '--no-mdns');
  if (child.stdout === null) throw new Error('its output is a pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    if (event.event !== 'speaker.ready' && event.message !== 'speaker.ready') continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
    return String(event.id);
  }
  throw new Error('it never was ready');
}

describe('tonearm speaker reset', () => {
  it('leaves nothing of who lived there, and who starts there next is somebody else', async () => {
    const before = await live();
    expect(await live()).toBe(before);
    const [exitCode] = await once(run('reset', '--data', data), 'exit');
    expect(exitCode).toBe(0);
    expect(readdirSync(data)).toEqual([]);
    expect(readdirSync(join(folder, 'runtime'))).toEqual([]);
    expect(await live()).not.toBe(before);
  }, 30_000);

  it('is finished by the next start where it was interrupted', async () => {
    const before = await live();
    writeFileSync(join(data, 'reset.pending'), '');
    expect(await live()).not.toBe(before);
    expect(existsSync(join(data, 'reset.pending'))).toBe(false);
  }, 30_000);

  it('ends a speaker that runs', async () => {
    const child = run('--data', data, '--sink', 'virtual', '--no-mdns');
    if (child.stdout === null) throw new Error('its output is a pipe');
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('speaker.ready')) break;
    child.stdout.resume();
    const [exitCode] = await once(run('reset', '--data', data), 'exit');
    expect(exitCode).toBe(0);
    expect([child.exitCode, child.signalCode]).toEqual([0, null]);
    expect(readdirSync(data)).toEqual([]);
  }, 30_000);
});
