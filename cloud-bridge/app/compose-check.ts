/** Puts together the check of the store, with a thread of its own. */
import { join } from 'node:path';
import { WorkerObjectVerifier } from '#bridge/adapters/content-workers/verify-jobs';
import { WorkerPool } from '#bridge/adapters/content-workers/worker-pool';
import type { StoreCheckPorts } from '#bridge/core/services/check/store-check';
import { StoreCheck } from '#bridge/core/services/check/store-check';
import type { Clock } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import type { CheckWorkerData } from './check-worker.ts';

/** Longer than an S3 store may be away before a read is given up. */
const THREAD_STALL_MS = ms(120_000);

export interface ComposedCheck {
  readonly check: StoreCheck;
  close(): Promise<void>;
}

export function composeCheck(
  ports: Omit<StoreCheckPorts, 'verifier'> & { readonly clock: Clock },
  workerData: CheckWorkerData,
): ComposedCheck {
  const scriptPath = join(import.meta.dirname, 'check-worker.ts');
  const pool = new WorkerPool(ports.clock, { scriptPath, workerData, size: 1, stallMs: THREAD_STALL_MS });
  const check = new StoreCheck({ ...ports, verifier: new WorkerObjectVerifier(pool) });
  return {
    check,
    close: async () => {
      const stopped = check.stop();
      await pool.close();
      await stopped;
    },
  };
}
