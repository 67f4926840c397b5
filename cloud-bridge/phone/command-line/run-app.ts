/**
 * `tonearm speaker …`, `tonearm bridge …`, `tonearm edge …` and `tonearm simulate …`: the apps themselves, with the arguments as they came. They
 * run as a child of their own, so that neither side of the house is ever loaded into the other or into the command line.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';

const HOUSE = path.resolve(import.meta.dirname, '../../..');

export const APPS = {
  speaker: path.join(HOUSE, 'device/app/main.ts'),
  bridge: path.join(HOUSE, 'cloud-bridge/app/main.ts'),
  edge: path.join(HOUSE, 'cloud-bridge/app/edge/main.ts'),
  simulate: path.join(HOUSE, 'simulators/command-line/main.ts'),
} as const;
export type AppName = keyof typeof APPS;
export const APP_NAMES = Object.keys(APPS) as readonly AppName[];
/** What a program was called before, and may still be called. */
const OLDER_NAMES: Readonly<Record<string, AppName>> = { device: 'speaker' };

/** @returns the program that is meant; null: it is a command of ours */
export function appNamed(word: string): AppName | null {
  if (Object.hasOwn(APPS, word)) return word as AppName;
  return Object.hasOwn(OLDER_NAMES, word) ? (OLDER_NAMES[word] ?? null) : null;
}

const SIGNAL_EXIT_BASE = 128;
const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** The part of `process` that is needed. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off' | 'execPath' | 'stdin'>;

/** Runs until the app ends; Ctrl-C and SIGTERM go on to it. @returns its exit code */
export function runApp(script: string, parameters: readonly string[], host: SignalSource): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(host.execPath, [script, ...parameters], { stdio: 'inherit' });
    const pass = (signal: NodeJS.Signals) => {
      // A terminal sends Ctrl-C to the whole group by itself; a second one would only look like impatience.
      if (signal !== 'SIGINT' || !host.stdin.isTTY) child.kill(signal);
    };
    host.on('SIGINT', pass);
    host.on('SIGTERM', pass);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      host.off('SIGINT', pass);
      host.off('SIGTERM', pass);
      resolve(code ?? SIGNAL_EXIT_BASE + (signal === null ? 0 : (SIGNAL_NUMBERS[signal] ?? 0)));
    });
  });
}
