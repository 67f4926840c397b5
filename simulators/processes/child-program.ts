/**
 * A program of ours (or a peer) as a separate process that a test or a bench can await, signal and end.
 *
 * Our programs print one JSON object a line on stdout; `waitForEvent` resolves at the line that is waited for, so no test
 * ever sleeps. What was printed is kept, bounded, and is part of every error, since a child that dies silently is the
 * dearest kind of failing test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Lines of output kept for error messages. */
const LINES_KEPT_MAX = 200;
/** A child that ignores SIGTERM this long gets SIGKILL. */
const TERMINATE_GRACE_MS = 5_000;

export type LogEvent = Readonly<Record<string, unknown>> & { readonly event?: string };

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether it reads what `tell` writes. */
  readonly isTold?: boolean;
}

/** Those that run. Whoever started them may end in any way; they do not outlive it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class ChildProgram {
  readonly #label: string;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #events: LogEvent[] = [];
  readonly #watchers = new Set<() => void>();
  #exit: { code: number | null; signal: string | null } | undefined;

  constructor(label: string, command: string, args: readonly string[], options: ChildOptions = {}) {
    this.#label = label;
    this.#child = spawn(command, args, {
      stdio: [options.isTold === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#heard(line));
    }
    // Who has just ended reads no more; that it ended is told by its exit.
    this.#child.stdin?.on('error', () => {});
    this.#child.on('error', (error) => this.#heard(`could not start: ${error.message}`));
    running.add(this.#child);
    this.#child.on('exit', (code, signal) => {
      running.delete(this.#child);
      this.#exit = { code, signal };
      this.#wake();
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#label} did not start\n${this.output()}`);
    return this.#child.pid;
  }

  get exitCode(): number | null | undefined {
    return this.#exit?.code;
  }

  /** Resolves with the first event (past ones included) of that name for which `matches` holds. */
  waitForEvent(name: string, withinMs: number, matches: (event: LogEvent) => boolean = () => true): Promise<LogEvent> {
    return this.#waitFor(`event ${name}`, withinMs, () => this.#events.find((it) => it.event === name && matches(it)));
  }

  /** Resolves when so many events of that name have come, past ones included (as far as they are kept). */
  async waitForCount(name: string, count: number, withinMs: number): Promise<void> {
    const events = () => this.#events.filter(({ event }) => event === name);
    await this.#waitFor(`event ${name} ${count} times`, withinMs, () => events()[count - 1]);
  }

  waitForLine(pattern: RegExp, withinMs: number): Promise<string> {
    return this.#waitFor(`line ${pattern}`, withinMs, () => this.#lines.find((line) => pattern.test(line)));
  }

  async waitForExit(withinMs: number): Promise<number | null> {
    const timer = AbortSignal.timeout(withinMs);
    if (this.#exit === undefined) {
      await once(this.#child, 'exit', { signal: timer }).catch(() => {
        throw new Error(`${this.#label} did not exit within ${withinMs} ms\n${this.output()}`);
      });
    }
    return this.#exit?.code ?? null;
  }

  /** One line on its stdin, which it must have been started with. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal);
  }

  /** SIGTERM, then SIGKILL; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#exit !== undefined || this.#child.pid === undefined) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), TERMINATE_GRACE_MS);
    await gone;
    clearTimeout(force);
  }

  output(): string {
    return this.#lines.map((line) => `  ${this.#label}| ${line}`).join('\n');
  }

  #heard(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES_KEPT_MAX) this.#lines.shift();
    if (line.startsWith('{')) {
      try {
        this.#events.push(JSON.parse(line));
        if (this.#events.length > LINES_KEPT_MAX) this.#events.shift();
      } catch {
        // A line that only looks like JSON is kept as text above.
      }
    }
    this.#wake();
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #waitFor<Found>(what: string, withinMs: number, find: () => Found | undefined): Promise<Found> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        act();
      };
      const fail = (why: string) =>
        finish(() => reject(new Error(`${this.#label}: no ${what}: ${why}\n${this.output()}`)));
      const look = () => {
        const found = find();
        if (found !== undefined) finish(() => resolve(found));
        else if (this.#exit !== undefined) fail(`it exited with ${this.#exit.code ?? this.#exit.signal}`);
      };
      const timer = setTimeout(() => fail(`not within ${withinMs} ms`), withinMs);
      this.#watchers.add(look);
      look();
    });
  }
}
