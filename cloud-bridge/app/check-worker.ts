/** The thread that checks stored files: it reads whole libraries, and so comes after everything else on the machine. */
import { constants, setPriority } from 'node:os';
import { exit } from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import type { VerifyJob } from '#bridge/adapters/content-workers/verify-jobs';
import { END_THREAD, type WorkerMessage } from '#bridge/adapters/content-workers/worker-pool';
import { NodeSegmentOpener } from '#bridge/adapters/node-crypto/node-segment-opener';
import { verifyObject } from '#bridge/core/services/check/verify-object';
import { toTonearmError } from '#protocol/vocabulary/errors';
import { composeStore } from './compose-store.ts';
import type { StoreConfig } from './store-config.ts';

/** How a checking thread is set up. */
export interface CheckWorkerData {
  readonly dataDir: string;
  readonly store: StoreConfig;
}

/** A file has thousands of segments, and the bridge's own thread has better to do than to hear of each. */
const ALIVE_EVERY_MS = 1_000;

const port = parentPort;
if (port === null) throw new Error('this file is a thread of the bridge, not a program');
const tell = (message: WorkerMessage): void => port.postMessage(message);
// On Linux this is the thread's own.
setPriority(constants.priority.PRIORITY_LOW);
const { dataDir, store } = workerData as CheckWorkerData;
let toldAliveAt = 0;
const alive = (): void => {
  const now = performance.now();
  if (now - toldAliveAt < ALIVE_EVERY_MS) return;
  toldAliveAt = now;
  tell({ kind: 'alive' });
};
const ports = {
  blobs: composeStore(dataDir, store),
  opener: new NodeSegmentOpener(),
  alive,
};

port.on('message', (message: VerifyJob | typeof END_THREAD) => {
  if (message === END_THREAD) exit(0);
  const { file } = message;
  void verifyObject(ports, file).then(
    (value) => tell({ kind: 'done', value }),
    (thrown: unknown) => {
      const error = toTonearmError(thrown, 'storage.failed');
      tell({ kind: 'failed', code: error.code, message: error.message });
    },
  );
});
