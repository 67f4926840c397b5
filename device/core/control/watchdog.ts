/**
 * Tells the service manager that the speaker is ready and, from then on, that it is alive: the main thread by doing so,
 * the audio thread by having answered since the last time. Where one of them hangs nothing is told, and the manager starts the
 * speaker anew, which goes on where it was last heard.
 */
import type { ServiceManager } from '#device/core/ports/service-manager';
import type { Clock, Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';

/** An audio thread that died at its start is begun again within seconds. */
const ASK_AGAIN_MS = ms(1_000);

export interface Watchdog {
  /** Tells `ready` once the audio thread has answered for the first time. Twice is harmless. */
  start(): void;
  /** Tells that it stops; no timer is left. */
  stop(): void;
}

export interface WatchdogPorts {
  readonly clock: Clock;
  readonly manager: ServiceManager;
  /** The audio thread's answer; false, or none at all, when it has gone or hangs. */
  readonly isAudioAlive: () => Promise<boolean>;
}

export function createWatchdog({ clock, manager, isAudioAlive }: WatchdogPorts): Watchdog {
  const { aliveEvery } = manager;
  let isStarted = false;
  let isOver = false;
  let isReadyTold = false;
  let timer: Timer | null = null;

  async function ask(): Promise<void> {
    const isAlive = await isAudioAlive();
    if (isOver) return;
    if (isAlive && !isReadyTold) {
      isReadyTold = true;
      manager.ready();
    }
    if (isAlive && aliveEvery !== null) manager.alive();
    // Nobody waits for more once it is ready and not watched.
    if (isReadyTold && aliveEvery === null) return;
    timer = clock.setTimer('watchdog', aliveEvery ?? ASK_AGAIN_MS, () => void ask());
  }

  return {
    start: () => {
      if (isStarted || isOver) return;
      isStarted = true;
      void ask();
    },
    stop: () => {
      if (isOver) return;
      isOver = true;
      timer?.cancel();
      manager.stopping();
    },
  };
}
