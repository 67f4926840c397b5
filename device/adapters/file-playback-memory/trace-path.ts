/** Where the trace of a speaker's sound lies: in memory where the system has folders for that, else in its data folder. */
import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';

/** In memory on every Linux, and whoever's. */
const SHARED_MEMORY = '/dev/shm';
/** Characters of the digest: speakers of one user are told apart by their data folders. */
const DIGEST_LENGTH = 16;
const FILE_IN_DATA = 'sound-trace.json';

/** What the environment says of runtime folders: a service's own (systemd), and the user's. */
export interface RuntimeEnvironment {
  readonly RUNTIME_DIRECTORY?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
}

/** @param dataFolder whose speaker it is: the same path for each of its lives */
export function tracePathFor(dataFolder: string, env: RuntimeEnvironment): string {
  const [ownFolder] = (env.RUNTIME_DIRECTORY ?? '').split(':');
  const folders = [ownFolder, env.XDG_RUNTIME_DIR, SHARED_MEMORY];
  const inMemory = folders.find((folder) => folder !== undefined && folder !== '' && isWritable(folder));
  if (inMemory === undefined) return join(dataFolder, FILE_IN_DATA);
  const digest = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, DIGEST_LENGTH);
  return join(inMemory, `tonearm-sound-${digest}.json`);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
