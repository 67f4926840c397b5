/** The process in which node-speaker plays; the sink starts it and is its only caller. */
import path from 'node:path';
import { playInput } from '#device/adapters/node-speaker-sink/play-input';

/** Two folders above this file, in the source tree and in a bundle alike. */
const ROOT = path.join(import.meta.dirname, '..', '..');

await playInput(process, ROOT);
