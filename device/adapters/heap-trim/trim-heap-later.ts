/**
 * Gives back what the start took. Loading a program leaves a heap of which a good part is garbage, and a thread that then
 * does little never collects it by itself: 2 MB a thread, of a board that may have 256.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';

/** When all is loaded and the first track plays: the collection takes this thread 10 to 20 ms, once. */
const AFTER_START = ms(10_000);

type Collect = (how: { readonly type: 'major' }) => void;

/** Collects this thread's heap once, a while after its start. */
export function trimHeapLater(ports: { readonly clock: Clock; readonly logger: Logger }): Timer {
  return ports.clock.setTimer('heap.trim', AFTER_START, () => {
    const startUs = ports.clock.nowUs();
    // The one way to it without a flag at the start of the process, which worker threads could not be given.
    setFlagsFromString('--expose-gc');
    const collect: Collect = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
    collect({ type: 'major' });
    ports.logger.debug('heap.trimmed', { tookUs: ports.clock.nowUs() - startUs });
  });
}
