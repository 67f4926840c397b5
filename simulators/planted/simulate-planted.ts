/** `tonearm simulate planted`: lets the simulated world run against each planted bug, and says which seed found it first. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SimulateContext, SimulateExitCode } from '#sim/command-line/simulate-context';
import { plantBug } from './plant-bug.ts';
import type { PlantedBug } from './planted-bugs.ts';

const FOUND = /^seed (\d+) after ([\d.]+) s: (.*) · again: /;
const REASON_LENGTH_MAX = 160;

export interface PlantedOptions {
  readonly bugs: readonly PlantedBug[];
  readonly seeds: number;
  readonly minutes: number;
  readonly jobs: number;
  /** Of all houses; absent: as each bug needs them, or else as each seed says. */
  readonly sound?: string | undefined;
}

/** @returns 1 when one of them was not found */
export async function simulatePlanted(options: PlantedOptions, context: SimulateContext): Promise<SimulateExitCode> {
  let found = 0;
  for (const bug of options.bugs) {
    if (context.interrupted.aborted) break;
    context.say(`${bug.name}: ${bug.about} …`);
    const finding = await search(bug, options, context.interrupted);
    if (finding !== null) found += 1;
    context.print(`${bug.name}: ${finding ?? `not found within ${options.seeds} seeds`}`);
  }
  context.print(`${found} of ${options.bugs.length} planted bugs found`);
  return found === options.bugs.length ? 0 : 1;
}

async function search(bug: PlantedBug, options: PlantedOptions, interrupted: AbortSignal): Promise<string | null> {
  const planted = await plantBug(bug);
  try {
    return await firstFinding(planted.folder, { ...options, sound: options.sound ?? bug.sound }, interrupted);
  } finally {
    await planted.remove();
  }
}

async function firstFinding(
  folder: string,
  { seeds, minutes, jobs, sound }: PlantedOptions,
  signal: AbortSignal,
): Promise<string | null> {
  const program = join(folder, 'simulators', 'command-line', 'main.ts');
  const flags = [
    '--seeds',
    `1..${seeds}`,
    '--minutes',
    String(minutes),
    '--jobs',
    String(jobs),
    '--first',
    '--no-shrink',
  ];
  const words = [program, 'world', ...flags, ...(sound === undefined ? [] : ['--sound', sound])];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  child.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let finding: string | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, seed, after, reason = ''] = FOUND.exec(line) ?? [];
    if (seed === undefined || finding !== null) continue;
    finding = `found by seed ${seed} after ${after} s: ${reason.slice(0, REASON_LENGTH_MAX)}`;
  }
  const code = await ended;
  if (finding === null && code !== 0 && !signal.aborted)
    throw new Error(`the world with a bug planted ended with ${code}`);
  return finding;
}
