/** Where the audio thread's entry lies, for whoever starts one. */
import { join } from 'node:path';

/** Beside this file, in the source tree (`.ts`) and in a bundle (`.js`) alike. */
export const WORKER_PATH = join(
  import.meta.dirname,
  `audio-worker${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`,
);
