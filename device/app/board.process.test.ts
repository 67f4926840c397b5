/** A real speaker with a hook program and with buttons; scripts stand for the program and for libgpiod's tools. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpeakerRuns } from '#sim/processes/speaker-runs';

/** Processes are started, on a machine that may be busy. */
const PATIENT = { timeout: 10_000 } as const;

let runs: SpeakerRuns;
let folder: string;

beforeEach(() => {
  runs = new SpeakerRuns('board');
  folder = runs.folder;
});

afterEach(() => runs.stop());

function run(...args: string[]): ChildProcess {
  return runs.run(args, { TONEARM_GPIO_TOOLS: folder });
}

/** @returns what it says, as it says it */
async function startSpeaker(...args: string[]): Promise<{ child: ChildProcess; events: Record<string, unknown>[] }> {
  const child = run(...args);
  const events: Record<string, unknown>[] = [];
  if (child.stdout === null) throw new Error('its output is a pipe');
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  await expect.poll(() => events.some((it) => it['event'] === 'speaker.ready'), { timeout: 10_000 }).toBe(true);
  return { child, events };
}

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}`, { mode: 0o755 });
  return path;
}

const textOf = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');

describe('a speaker on a board', () => {
  it('tells a program of its code, and waits for it neither to go on nor to end', async () => {
    const hook = script(
      'hook',
      `read -r line; echo "$line" >> ${folder}/told; echo "heard $TONEARM_EVENT"; sleep 60\n`,
    );
    const { child, events } = await startSpeaker('--hook', hook);
    await expect.poll(() => textOf('told'), { timeout: 10_000 }).toMatch(/"event":"pairing-code"/);
    const { code } = JSON.parse(textOf('told').split('\n')[0] ?? '');
    expect(code).toMatch(/^\d{9}$/);
    const shown = events.find((it) => it['event'] === 'pairing.code')?.['code'];
    expect(String(shown).replace(/\D/g, '')).toBe(code);
    // The program still sleeps, and goes with the speaker: one that waited would end with 1.
    child.kill('SIGTERM');
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(0);
  }, 40_000);

  it('does what its buttons ask, and shows that it wants to be paired', async () => {
    script(
      'gpiomon',
      `[ "$1" = --version ] && { echo 'gpiomon (libgpiod) v1.6.3'; exit; }\n: > ${folder}/edges; exec tail -s 0.02 -n +1 -f ${folder}/edges\n`,
    );
    script(
      'gpioset',
      `[ "$1" = --version ] && { echo 'gpioset (libgpiod) v1.6.3'; exit; }\necho "$4" >> ${folder}/light\ntrap 'exit 0' TERM\nwhile :; do sleep 0.02; done\n`,
    );
    const board = join(folder, 'board.json');
    const buttons = [
      { line: 17, function: 'volume-up' },
      { line: 18, function: 'pair' },
    ];
    writeFileSync(board, JSON.stringify({ chip: 'gpiochip0', buttons, light: { line: 27, activeLow: true } }));
    const { events } = await startSpeaker('--buttons', board);
    const named = (name: string) => events.filter((it) => it['event'] === name);
    await expect.poll(() => existsSync(join(folder, 'edges')), PATIENT).toBe(true);
    const codes = named('pairing.code').length;
    appendFileSync(join(folder, 'edges'), '1 17\n0 17\n1 18\n');
    await expect.poll(() => named('button.acts').map((it) => it['button']), PATIENT).toEqual(['pair']);
    await expect.poll(() => named('pairing.code').length, PATIENT).toBe(codes + 1);
    await expect.poll(() => textOf('light'), PATIENT).toMatch(/27=1\n27=0\n27=1\n/);
  }, 30_000);

  it('refuses a file of its board by name', async () => {
    const board = join(folder, 'board.json');
    writeFileSync(board, '{"chip":"gpiochip0","buttons":[{"line":1,"function":"dance"}]}');
    const child = run('--buttons', board);
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
    });
    child.stdout?.resume();
    const [exitCode] = await once(child, 'exit');
    expect(exitCode).toBe(2);
    expect(said).toContain(`${board}: buttons.0.function must be one of play-pause`);
  }, 20_000);
});
