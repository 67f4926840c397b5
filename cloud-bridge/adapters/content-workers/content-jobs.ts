/** What the bridge asks of its content threads, and the two ports that ask it. */
import { rm } from 'node:fs/promises';
import type { SourceFile } from '#bridge/core/ports/folder-scanner';
import type { SourceFacts, SourceInspector } from '#bridge/core/ports/source-inspector';
import type { EncodeJob, EncodeOutcome, ScratchedFile, TrackEncoder } from '#bridge/core/ports/track-encoder';
import { splitRungs } from '#bridge/core/services/ingest/split-rungs';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
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

  /** @param pool one thread more than are to be kept busy: what someone waits for never waits for the rest of a ladder */
  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  get concurrency(): number {
    return Math.max(1, this.#pool.size - 1);
  }

  async encode(job: EncodeJob): Promise<Result<EncodeOutcome, TonearmError>> {
    const parts = splitRungs(job, this.concurrency);
    const outcomes = await Promise.all(parts.map((part) => this.#encodePart(part)));
    const done = outcomes.filter((outcome) => outcome.ok).map((outcome) => outcome.value);
    const failed = outcomes.find((outcome) => !outcome.ok);
    const [measured] = done;
    if (failed === undefined && measured !== undefined) {
      return ok({ ...measured, files: inOrder(done.flatMap(({ files }) => files)) });
    }
    for (const { scratchPath } of done.flatMap(({ files }) => files)) await rm(scratchPath, { force: true });
    return failed ?? refused(new TonearmError('internal.bug', 'a job has at least one part'));
  }

  rest(): Promise<void> {
    return this.#pool.rest();
  }

  async #encodePart(job: EncodeJob): Promise<Result<EncodeOutcome, TonearmError>> {
    const message: ContentJob = { kind: 'encode', job };
    return (await this.#pool.run(message)) as Result<EncodeOutcome, TonearmError>;
  }
}

/** Ascending, one a quality: parts of a job on a poor source may each have been given its best. */
function inOrder(files: readonly ScratchedFile[]): readonly ScratchedFile[] {
  return [...files].sort((one, other) => one.file.bitrateKbps - other.file.bitrateKbps);
}
