/**
 * The audio plane in a thread of its own, so that whatever the control plane does is not heard.
 *
 * Should the thread die (a bug, a native crash that Node survives, no memory), another is started after a while and told
 * what the last one knew: the music goes on from the last position heard, and meanwhile the speaker says what is wrong.
 */
import { Worker } from 'node:worker_threads';
import type { NoteAudio } from '#device/core/flight/record-audio';
import type { AudioEngine, EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import { fullJitter, type RetrySchedule } from '#protocol/kit/retry-schedule';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { EMPTY_MEMORY, type EngineMemory, rememberEvent, rememberIntent, replayOf } from './engine-memory.ts';
import type { FromAudioWorker, ToAudioWorker } from './worker-messages.ts';

/** Wait before a thread is started again: a thread that dies at once must not take the processor with it. */
const RESTART_RETRY = { baseMs: ms(200), capMs: ms(10_000) } as const;
/** A thread that lived this long died of something else than its start. */
const HEALTHY_AFTER_US = 30_000_000;
/** A thread that does not end by itself in this time is ended. */
const CLOSE_LIMIT_MS = ms(2_000);
/** Heap of the thread: the cache and a manifest are outside of it or small; more than this is a leak. */
const HEAP_MB_MAX = 96;
/**
 * Heap for what has just been made: hardly anything outlives a block of sound, so a large one is only memory (9 MB less
 * while playing than with Node's own), and collecting a small one takes the audio thread a fraction of a millisecond.
 */
const YOUNG_HEAP_MB_MAX = 3;

export interface WorkerAudioEngineOptions {
  /** File of the worker's entry; a string path, since a URL fails inside a packaged binary. */
  readonly workerPath: string;
  /** Handed to it as it is. */
  readonly workerData: object;
  /** Hears what the thread notes for a flight recorder; absent: it notes nothing. */
  readonly noted?: NoteAudio;
}

export interface WorkerAudioEnginePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** An engine that can be asked whether its thread still turns. */
export interface WorkerEngine extends AudioEngine {
  /** True when the thread answers, however late; false when there is none, or it ended before it did. */
  isAlive(): Promise<boolean>;
}

export function createWorkerAudioEngine(
  ports: WorkerAudioEnginePorts,
  options: WorkerAudioEngineOptions,
): WorkerEngine {
  return new WorkerAudioEngine(ports, options);
}

interface Running {
  readonly kind: 'running';
  readonly worker: Worker;
  readonly sinceUs: number;
}

type WorkerState = Running | { readonly kind: 'waiting'; readonly timer: Timer } | { readonly kind: 'closed' };

class WorkerAudioEngine implements WorkerEngine {
  readonly #ports: WorkerAudioEnginePorts;
  readonly #options: WorkerAudioEngineOptions;
  readonly #schedule: RetrySchedule;
  #state: WorkerState;
  #memory: EngineMemory = EMPTY_MEMORY;
  /** Those who wait to hear whether the thread is alive. */
  #askers: ((isAlive: boolean) => void)[] = [];
  #listener: (event: EngineEvent) => void = () => {};

  constructor(ports: WorkerAudioEnginePorts, options: WorkerAudioEngineOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#schedule = fullJitter(ports.random, RESTART_RETRY);
    this.#state = this.#start();
  }

  send(intent: EngineIntent): void {
    this.#memory = rememberIntent(this.#memory, intent);
    if (this.#state.kind === 'running') post(this.#state.worker, { kind: 'intent', intent });
  }

  listen(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  isAlive(): Promise<boolean> {
    const state = this.#state;
    if (state.kind !== 'running') return Promise.resolve(false);
    // One question is enough for all who wait for an answer.
    if (this.#askers.length === 0) post(state.worker, { kind: 'areYouAlive' });
    return new Promise((resolve) => this.#askers.push(resolve));
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#listener = () => {};
    this.#answerAskers(false);
    if (state.kind === 'waiting') state.timer.cancel();
    if (state.kind !== 'running') return;
    const exited = new Promise<void>((resolve) => state.worker.once('exit', () => resolve()));
    post(state.worker, { kind: 'close' });
    const limit = this.#ports.clock.setTimer('audio-worker.close', CLOSE_LIMIT_MS, () => void state.worker.terminate());
    await exited;
    limit.cancel();
  }

  #start(): Running {
    const { workerPath, workerData } = this.#options;
    const worker = new Worker(workerPath, {
      workerData,
      name: 'tonearm-audio',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: YOUNG_HEAP_MB_MAX },
    });
    let reason = 'it ended';
    worker.on('message', (message: FromAudioWorker) => {
      if (!this.#isCurrent(worker)) return;
      if (message.kind === 'event') this.#tell(message.event);
      if (message.kind === 'noted') this.#options.noted?.(message.port, message.event);
      if (message.kind === 'alive') this.#answerAskers(true);
    });
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', (code) => this.#exited(worker, `${reason} (exit code ${code})`));
    return { kind: 'running', worker, sinceUs: this.#ports.clock.nowUs() };
  }

  #answerAskers(isAlive: boolean): void {
    const askers = this.#askers;
    this.#askers = [];
    for (const answer of askers) answer(isAlive);
  }

  #isCurrent(worker: Worker): boolean {
    return this.#state.kind === 'running' && this.#state.worker === worker;
  }

  #tell(event: EngineEvent): void {
    // A thread started again finds the same track ready a second time; the listener was told once per generation.
    const isRepeated =
      event.kind === 'ready' && this.#memory.isReadyTold && event.generation === this.#memory.load?.generation;
    this.#memory = rememberEvent(this.#memory, event);
    if (!isRepeated) this.#listener(event);
  }

  #exited(worker: Worker, reason: string): void {
    if (this.#state.kind !== 'running' || this.#state.worker !== worker) return;
    const { clock, logger } = this.#ports;
    if (clock.nowUs() - this.#state.sinceUs > HEALTHY_AFTER_US) this.#schedule.reset();
    const wait = this.#schedule.next();
    logger.error('audio-worker.died', { reason, restartInMs: Math.round(wait) });
    const timer = clock.setTimer('audio-worker.restart', wait, () => {
      const state = this.#start();
      this.#state = state;
      for (const intent of replayOf(this.#memory)) post(state.worker, { kind: 'intent', intent });
    });
    this.#state = { kind: 'waiting', timer };
    this.#answerAskers(false);
    const problem = new TonearmError('sink.lost', `the audio thread died and is started again: ${reason}`);
    this.#listener({
      kind: 'health',
      bufferedMs: ms(0),
      underruns: 0,
      output: 'none',
      outputProblem: problem.toBody(),
    });
  }
}

function post(worker: Worker, message: ToAudioWorker): void {
  worker.postMessage(message);
}
