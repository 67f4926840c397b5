/**
 * Gives memory back that is not needed any more, on boards that may have 256 MB of it.
 *
 * Loading a program leaves a heap of which a good part is garbage, and a thread that then does little never collects it by
 * itself: 2 MB a thread. And what was freed the C library keeps, in an arena for each thread that ever asked for some
 * (compiling what has become hot asks for much): 7 MB. And of the program itself, runtime and libraries, the start has read
 * 50 MB, of which playing needs a quarter.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';

/** When all is loaded and the first track plays: the collection takes this thread 10 to 20 ms, once. */
const COLLECT_AFTER = ms(10_000);
/** Takes a millisecond at most, and waits for no thread's work. */
const GIVE_BACK_EVERY = ms(60_000);
/** After the heaps were collected, which needs code that nothing else does. */
const LET_GO_AFTER = ms(15_000);

interface TrimPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface TrimAddon {
  /** @returns 1 when something was given back */
  trim(): number;
  /** @returns kilobytes of the program that are not mapped any more, until they are needed */
  letGoOfProgram(): number;
}

type Collect = (how: { readonly type: 'major' }) => void;

/** Collects this thread's heap once, a while after its start. */
export function collectHeapLater({ clock, logger }: TrimPorts): Timer {
  return clock.setTimer('heap.collect', COLLECT_AFTER, () => {
    const startUs = clock.nowUs();
    // The one way to it without a flag at the start of the process, which worker threads could not be given. It stays set:
    // the flag is the process's, and another thread may be between these two lines.
    setFlagsFromString('--expose-gc');
    const collect: Collect | undefined = runInNewContext('globalThis.gc');
    collect?.({ type: 'major' });
    logger.debug('heap.collected', { tookUs: clock.nowUs() - startUs });
  });
}

/**
 * Gives back, now and then, what all threads of the process have freed; and once, after the start, what of the program itself
 * only the start needed. What is needed of it after all is read again, from the kernel's cache as long as there is room.
 * @param root folder that holds `.build/addons`; without the addon nothing is done
 */
export function giveBackFreed({ clock, logger }: TrimPorts, root: string): { stop(): void } {
  const addon = loadAddon(root);
  if (addon === null) return { stop: () => undefined };
  const lettingGo = clock.setTimer('memory.let-go', LET_GO_AFTER, () => {
    logger.debug('memory.let-go', { programKb: addon.letGoOfProgram() });
  });
  let timer: Timer;
  const wait = () => {
    timer = clock.setTimer('memory.give-back', GIVE_BACK_EVERY, () => {
      logger.debug('memory.given-back', { isSome: addon.trim() === 1 });
      wait();
    });
  };
  wait();
  return {
    stop: () => {
      lettingGo.cancel();
      timer.cancel();
    },
  };
}

function loadAddon(root: string): TrimAddon | null {
  try {
    const { trim, letGoOfProgram } = loadNativeAddon<TrimAddon>(addonPath(root, 'memory-trim'));
    return typeof trim === 'function' && typeof letGoOfProgram === 'function' ? { trim, letGoOfProgram } : null;
  } catch {
    // Not built on this machine, or for another: a speaker without it only keeps more memory.
    return null;
  }
}
