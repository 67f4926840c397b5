/**
 * Keeps the library as the folders are: what was ingested once is watched, and looked at again where something changed.
 * Events can be lost (a network drive has none), so every folder is also scanned now and then.
 */
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import type { FolderWatch, FolderWatcher } from '#bridge/core/ports/folder-watcher';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';
import { ChangeGatherer } from './change-gatherer.ts';

/** A scan of unchanged files costs a look at each: seconds for a large library. */
export const RESCAN_EVERY_MS = ms(6 * 60 * 60 * 1_000);
/** When not everything can be watched. */
export const RESCAN_LIMITED_EVERY_MS = ms(5 * 60 * 1_000);
/** Folders watched; a house has a few. */
const FOLDERS_MAX = 64;

/** What the watch asks of ingest. */
export interface Rescanner {
  /** @param below changed places in it; null: all of it. @returns false: it has too much to do, ask again */
  lookAgain(folder: MusicFolder, below: readonly string[] | null): boolean;
}

export interface LibraryWatchPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly watcher: FolderWatcher;
}

interface Watched {
  readonly watch: FolderWatch;
  readonly gatherer: ChangeGatherer;
  isLimited: boolean;
  rescan: Timer;
}

export class LibraryWatch {
  readonly #ports: LibraryWatchPorts;
  readonly #rescanner: Rescanner;
  readonly #watched = new Map<string, Watched>();
  #isStopped = false;

  constructor(ports: LibraryWatchPorts, rescanner: Rescanner) {
    this.#ports = ports;
    this.#rescanner = rescanner;
  }

  /** A folder that is watched already goes on being watched. */
  add(folder: MusicFolder): void {
    const { clock, logger, watcher } = this.#ports;
    if (this.#isStopped || this.#watched.has(folder.path) || this.#watched.size >= FOLDERS_MAX) return;
    const gatherer = new ChangeGatherer(clock, (below) => {
      const isAll = below.includes('');
      if (!this.#rescanner.lookAgain(folder, isAll ? null : below)) for (const place of below) gatherer.add(place);
    });
    const watch = watcher.watch(folder, {
      changed: (below) => gatherer.add(below),
      limited: (reason) => this.#limited(folder, reason),
    });
    this.#watched.set(folder.path, { watch, gatherer, isLimited: false, rescan: this.#rescanLater(folder, false) });
    logger.info('watch.began', { folder: folder.path });
  }

  /** Twice is harmless. */
  stop(): void {
    this.#isStopped = true;
    for (const { watch, gatherer, rescan } of this.#watched.values()) {
      watch.close();
      gatherer.stop();
      rescan.cancel();
    }
    this.#watched.clear();
  }

  #limited(folder: MusicFolder, reason: string): void {
    const watched = this.#watched.get(folder.path);
    if (watched === undefined || watched.isLimited) return;
    const everyMinutes = RESCAN_LIMITED_EVERY_MS / 60_000;
    this.#ports.logger.warn('watch.limited', { folder: folder.path, reason, rescanEveryMinutes: everyMinutes });
    watched.isLimited = true;
    watched.rescan.cancel();
    watched.rescan = this.#rescanLater(folder, true);
  }

  #rescanLater(folder: MusicFolder, isLimited: boolean): Timer {
    const after = isLimited ? RESCAN_LIMITED_EVERY_MS : RESCAN_EVERY_MS;
    return this.#ports.clock.setTimer('library rescan', after, () => {
      this.#rescanner.lookAgain(folder, null);
      const watched = this.#watched.get(folder.path);
      if (watched !== undefined) watched.rescan = this.#rescanLater(folder, watched.isLimited);
    });
  }
}
