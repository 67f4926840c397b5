/** What the bridge asks of the thread that checks stored files. */
import type { ObjectFault, ObjectVerifier } from '#bridge/core/ports/object-verifier';
import type { EncodedFile } from '#bridge/core/ports/track-encoder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import type { WorkerPool } from './worker-pool.ts';

export interface VerifyJob {
  readonly file: EncodedFile;
}

export class WorkerObjectVerifier implements ObjectVerifier {
  readonly #pool: WorkerPool;

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  async verify(file: EncodedFile): Promise<Result<ObjectFault | null, TonearmError>> {
    const job: VerifyJob = { file };
    const outcome = (await this.#pool.run(job)) as Result<ObjectFault | null, TonearmError>;
    // The pool's own words for a thread that hung or died are about music files.
    if (outcome.ok || outcome.error.code === 'storage.failed') return outcome;
    return refused(new TonearmError('storage.failed', 'a stored file could not be checked', { cause: outcome.error }));
  }

  rest(): Promise<void> {
    return this.#pool.rest();
  }
}
