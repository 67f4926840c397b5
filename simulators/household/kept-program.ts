/**
 * One program of the household, kept alive: started again with growing pauses when it dies, given up with an explanation when
 * it dies again and again or says that it was started wrongly. Its log lines go to a bounded file and to whoever listens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BoundedLogFile } from './bounded-log-file.ts';

/** Exit code of our programs for flags or configuration that cannot work: the same start would end the same way. */
const EXIT_USAGE = 2;
/** First pause before a restart; doubles with each until the cap. */
const RESTART_AFTER_MS = 500;
const RESTART_AFTER_MS_MAX = 10_000;
/** A program that lived this long has recovered: its next restart is a first one again. */
const HEALTHY_AFTER_MS = 30_000;
/** Restarts without recovery after which it is given up. */
const RESTARTS_MAX = 6;
/** Time that a program has after SIGTERM before SIGKILL: more than a bridge needs to close its store. */
const END_GRACE_MS = 5_000;
/** Lines kept to explain why it died. */
const LAST_LINES_MAX = 12;

const FOLLOW_PARENT = join(import.meta.dirname, 'follow-parent.mjs');
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--import', FOLLOW_PARENT];

export type ProgramEvent = Readonly<Record<string, unknown>> & { readonly event: string; readonly level?: unknown };

export interface KeptProgramListener {
  /** A log line of it. */
  logged(event: ProgramEvent): void;
  /** It died and comes back by itself. */
  restarting(exit: string, afterMs: number): void;
  /** It died and stays dead; `lastLines` is what it said last. */
  gaveUp(exit: string, lastLines: readonly string[]): void;
}

export interface ProgramStart {
  readonly label: string;
  /** A TypeScript file. */
  readonly script: string;
  readonly args: readonly string[];
}

export class KeptProgram {
  readonly #start: ProgramStart;
  readonly #log: BoundedLogFile;
  readonly #listener: KeptProgramListener;
  #child: ChildProcess | null = null;
  #lastLines: string[] = [];
  #startedAtMs = 0;
  #restarts = 0;
  #restartTimer: NodeJS.Timeout | null = null;
  #isStopping = false;

  constructor(start: ProgramStart, log: BoundedLogFile, listener: KeptProgramListener) {
    this.#start = start;
    this.#log = log;
    this.#listener = listener;
  }

  /** Null while it is not running. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    if (this.#child !== null || this.#isStopping) return;
    this.#lastLines = [];
    this.#startedAtMs = performance.now();
    // A group of its own, so that Ctrl-C reaches only the household, which ends its programs in order.
    const child = spawn(process.execPath, [...NODE_FLAGS, this.#start.script, ...this.#start.args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stdin.on('error', () => {
      // It has died; `exit` tells.
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#heard(line));
    }
    child.once('error', (error) => this.#ended(child, error.message, null));
    child.once('close', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`, code));
  }

  /** SIGTERM, then after a while SIGKILL. Resolves when it is gone; at once when it is not running. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), END_GRACE_MS);
    await gone;
    clearTimeout(force);
  }

  /** SIGKILL, for somebody who does not want to wait. */
  kill(): void {
    this.#isStopping = true;
    this.#child?.kill('SIGKILL');
  }

  #heard(line: string): void {
    this.#log.write(line);
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES_MAX) this.#lastLines.shift();
    const event = parseEvent(line);
    if (event !== null) this.#listener.logged(event);
  }

  #ended(child: ChildProcess, exit: string, code: number | null): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#isStopping) return;
    if (performance.now() - this.#startedAtMs >= HEALTHY_AFTER_MS) this.#restarts = 0;
    if (code === EXIT_USAGE || this.#restarts >= RESTARTS_MAX) {
      this.#listener.gaveUp(exit, this.#lastLines);
      return;
    }
    const afterMs = Math.min(RESTART_AFTER_MS * 2 ** this.#restarts, RESTART_AFTER_MS_MAX);
    this.#restarts += 1;
    this.#restartTimer = setTimeout(() => this.start(), afterMs);
    this.#listener.restarting(exit, afterMs);
  }
}

/** @returns the event with the fact that tells most, for people */
export function describeEvent({ event, ...rest }: ProgramEvent): string {
  const fact = ['message', 'error', 'reason', 'problem'].map((key) => rest[key]).find((it) => typeof it === 'string');
  return fact === undefined ? event : `${event}: ${fact}`;
}

/** @returns null for a line that is not one of our log lines, such as a stack trace */
function parseEvent(line: string): ProgramEvent | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : null;
  } catch {
    return null;
  }
}

function isEvent(value: unknown): value is ProgramEvent {
  return typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string';
}
