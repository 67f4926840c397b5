/** A watcher that sees what a test says: the port's twin. */
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import type { FolderWatch, FolderWatcher, WatchListener } from '#bridge/core/ports/folder-watcher';

export class VirtualFolderWatcher implements FolderWatcher {
  readonly #listeners = new Map<string, WatchListener>();
  readonly #limitedFrom: number;

  /** @param options `limitedFrom`: this watch and those after it are told at once that they are limited */
  constructor(options: { readonly limitedFrom?: number } = {}) {
    this.#limitedFrom = options.limitedFrom ?? Number.POSITIVE_INFINITY;
  }

  /** Folders that are being watched. */
  get watched(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  watch(folder: MusicFolder, listener: WatchListener): FolderWatch {
    this.#listeners.set(folder.path, listener);
    if (this.#listeners.size >= this.#limitedFrom) listener.limited('a limit that was asked for');
    return { close: () => void this.#listeners.delete(folder.path) };
  }

  change(folder: string, below: string): void {
    this.#listeners.get(folder)?.changed(below);
  }

  limit(folder: string, reason: string): void {
    this.#listeners.get(folder)?.limited(reason);
  }
}
