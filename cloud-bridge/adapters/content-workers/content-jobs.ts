/** What the bridge asks of its content threads, and the two ports that ask it. */
import type { SourceFile } from '#bridge/core/ports/folder-scanner';
import type { SourceFacts, SourceInspector } from '#bridge/core/ports/source-inspector';
import type { EncodeJob, EncodeOutcome, TrackEncoder } from '#bridge/core/ports/track-encoder';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { WorkerPool } from './worker-pool.ts';

export type ContentJob =
  | { readonly kind: 'inspect'; readonly file: SourceFile }
  | { readonly kind: 'encode'; readonly job: EncodeJob };

/** How a content thread is set up. */
export interface ContentWorkerData {
  readonly scratchFolder: string;
  readonly decoder: 'auto' | 'ffmpeg' | 'wasm';
}

export class WorkerSourceInspector implements SourceInspector {
  readonly #pool: WorkerPool;

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  async inspect(file: SourceFile): Promise<Result<SourceFacts, TonearmError>> {
    const job: ContentJob = { kind: 'inspect', file };
    return (await this.#pool.run(job)) as Result<SourceFacts, TonearmError>;
  }

  rest(): Promise<void> {
    return this.#pool.rest();
  }
}

export class WorkerTrackEncoder implements TrackEncoder {
  readonly #pool: WorkerPool;

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  get concurrency(): number {
    return this.#pool.size;
  }

  async encode(job: EncodeJob): Promise<Result<EncodeOutcome, TonearmError>> {
    const message: ContentJob = { kind: 'encode', job };
    return (await this.#pool.run(message)) as Result<EncodeOutcome, TonearmError>;
  }

  rest(): Promise<void> {
    return this.#pool.rest();
  }
}
