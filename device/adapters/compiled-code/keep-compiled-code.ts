/**
 * Writes down the compiled form of a thread's code while it runs. Node itself does so only when a process ends in peace, and most
 * speakers end with their power; then each start would compile everything anew, which is a third of it.
 */
import { flushCompileCache } from 'node:module';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';

/** When all that a start needs is loaded, and the first track has begun; a file is written only if it is not there yet. */
const KEEP_AFTER = ms(12_000);

/** Does nothing where no folder is named for it (NODE_COMPILE_CACHE). */
export function keepCompiledCodeLater(clock: Clock): Timer {
  return clock.setTimer('code.keep', KEEP_AFTER, () => flushCompileCache());
}
