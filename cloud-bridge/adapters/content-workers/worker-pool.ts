/**
 * A few threads for work that takes long, and their watch. A thread that shows no sign of life for `stallMs` is ended
 * and its job refused, since WebAssembly that loops cannot be stopped in any other way. Threads are started when there
 * is work and let go by `rest`.
 */
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '#protocol/ports/clock';
import { type ErrorCode, isErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** What a thread sends: signs of life, and one answer to each job. */
export type WorkerMessage =
  | { readonly kind: 'alive' }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export interface WorkerPoolOptions {
  readonly scriptPath: string;
  /** Handed to each thread as its `workerData`. */
  readonly workerData: unknown;
  readonly size: number;
  readonly stallMs: Ms;
}

/** Jobs that wait for a thread; ingest hands over no more than it has threads, so more is a bug. */
const WAITING_MAX = 1_000;

interface Job {
  readonly message: unknown;
  settle(result: Result<unknown, TonearmError>): void;
}

export class WorkerPool {
  readonly #clock: Clock;
  readonly #options: WorkerPoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #isClosed = false;

  constructor(clock: Clock, options: WorkerPoolOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get size(): number {
    return this.#options.size;
  }

  run(message: unknown): Promise<Result<unknown, TonearmError>> {
    if (this.#isClosed || this.#waiting.length >= WAITING_MAX) {
      return Promise.resolve(refused(new TonearmError('ingest.busy', 'the bridge takes no more work now')));
    }
    return new Promise((resolve) => {
      this.#waiting.push({ message, settle: resolve });
      this.#handOut();
    });
  }

  /** Lets go of threads that have nothing to do. */
  async rest(): Promise<void> {
    const idle = [...this.#threads].filter((thread) => thread.isIdle);
    for (const thread of idle) this.#threads.delete(thread);
    await Promise.all(idle.map((thread) => thread.end()));
  }

  /** Ends all threads; what they work on and what waits is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const stopped = refused(new TonearmError('ingest.busy', 'the bridge is stopping'));
    for (const job of this.#waiting.splice(0)) job.settle(stopped);
    const threads = [...this.#threads];
    this.#threads.clear();
    await Promise.all(threads.map((thread) => thread.end()));
  }

  #handOut(): void {
    while (this.#waiting.length > 0) {
      const thread = [...this.#threads].find((candidate) => candidate.isIdle) ?? this.#newThread();
      const job = thread === null ? undefined : this.#waiting.shift();
      if (thread === null || job === undefined) return;
      thread.take(job);
    }
  }

  #newThread(): Thread | null {
    if (this.#threads.size >= this.#options.size) return null;
    const thread: Thread = new Thread(this.#clock, this.#options, {
      freed: () => this.#handOut(),
      ended: () => {
        this.#threads.delete(thread);
        if (!this.#isClosed) this.#handOut();
      },
    });
    this.#threads.add(thread);
    return thread;
  }
}

/** Asks a thread to end itself. */
export const END_THREAD = 'end';
/** One that is busy longer than this without a turn of its loop is ended from outside. */
export const END_WITHIN_MS = ms(1_500);

interface ThreadListener {
  freed(): void;
  ended(): void;
}

class Thread {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #stallMs: Ms;
  readonly #listener: ThreadListener;
  #job: Job | null = null;
  #watch: Timer | null = null;
  #isEnding = false;

  constructor(clock: Clock, options: WorkerPoolOptions, listener: ThreadListener) {
    this.#clock = clock;
    this.#stallMs = options.stallMs;
    this.#listener = listener;
    // Decoder libraries print a line for each bad frame; what is wrong with a file comes as its refusal.
    this.#worker = new Worker(options.scriptPath, { workerData: options.workerData, stdout: true, stderr: true });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (message: WorkerMessage) => this.#received(message));
    this.#worker.on('error', (error: unknown) => {
      this.#isEnding = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#settle(refused(new TonearmError('ingest.unreadable-file', `the decoder failed: ${reason}`)));
    });
    this.#worker.on('exit', () => {
      this.#settle(refused(new TonearmError('ingest.busy', 'the thread that worked on it ended')));
      this.#listener.ended();
    });
  }

  get isIdle(): boolean {
    return this.#job === null && !this.#isEnding;
  }

  take(job: Job): void {
    this.#job = job;
    this.#watchAgain();
    this.#worker.postMessage(job.message);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    // By its own hand, between two packets: a thread that is ended inside the encoder takes the process with it.
    const gone = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage(END_THREAD);
    const force = this.#clock.setTimer('worker end', END_WITHIN_MS, () => void this.#worker.terminate());
    await gone;
    force.cancel();
  }

  #received(message: WorkerMessage): void {
    if (message.kind === 'alive') {
      this.#watchAgain();
      return;
    }
    if (message.kind === 'done') {
      this.#settle({ ok: true, value: message.value });
    } else {
      const code: ErrorCode = isErrorCode(message.code) ? message.code : 'internal.bug';
      this.#settle(refused(new TonearmError(code, message.message)));
    }
    this.#listener.freed();
  }

  #watchAgain(): void {
    this.#watch?.cancel();
    this.#watch = this.#clock.setTimer('worker stall', this.#stallMs, () => {
      this.#isEnding = true;
      const seconds = Math.round(this.#stallMs / 1000);
      this.#settle(
        refused(new TonearmError('ingest.unreadable-file', `its decoder hung for ${seconds} s and was ended`)),
      );
      void this.end();
    });
  }

  #settle(result: Result<unknown, TonearmError>): void {
    this.#watch?.cancel();
    this.#watch = null;
    const job = this.#job;
    this.#job = null;
    job?.settle(result);
  }
}
