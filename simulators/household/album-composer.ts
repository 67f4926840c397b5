/**
 * Composes the sample album beside the household, so that its first track plays while the rest is still being written. Whoever
 * listens is told whenever a file has been finished.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BoundedLogFile } from './bounded-log-file.ts';

const COMPOSER = join(import.meta.dirname, '..', 'music', 'compose-album.ts');
const NODE_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(import.meta.dirname, 'follow-parent.mjs'),
];

export interface AlbumComposerListener {
  /** There are new files in the folder, or it has been found complete. */
  grown(): void;
  failed(problem: string): void;
}

export class AlbumComposer {
  readonly #folder: string;
  readonly #log: BoundedLogFile;
  readonly #listener: AlbumComposerListener;
  #child: ChildProcess | null = null;

  constructor(folder: string, log: BoundedLogFile, listener: AlbumComposerListener) {
    this.#folder = folder;
    this.#log = log;
    this.#listener = listener;
  }

  get isComposing(): boolean {
    return this.#child !== null;
  }

  start(): void {
    if (this.#child !== null) return;
    // It gives way to what is heard: the track that plays is encoded and decoded beside it.
    const child = spawn(process.execPath, [...NODE_FLAGS, COMPOSER, this.#folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    child.stdin.on('error', () => {
      // It has ended; `close` tells.
    });
    createInterface({ input: child.stderr }).on('line', (line) => this.#log.write(line));
    // It prints a line for each file that is complete, and writes none under its final name before.
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#log.write(line);
      this.#listener.grown();
    });
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('close', (code, signal) => this.#ended(child, code === 0 ? null : (signal ?? `exit code ${code}`)));
  }

  /** Resolves when it is gone. What it has finished stays; the rest is composed next time. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    // It only computes and writes files aside: there is nothing that it could end more gently.
    child.kill('SIGKILL');
    await gone;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #ended(child: ChildProcess, problem: string | null): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (problem === null) this.#listener.grown();
    else this.#listener.failed(problem);
  }
}
