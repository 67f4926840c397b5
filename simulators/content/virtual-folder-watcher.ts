/** A watcher that sees what a test says: the port's twin. */
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import type { FolderWatch, FolderWatcher, WatchListener } from '#bridge/core/ports/folder-watcher';

export class VirtualFolderWatcher implements FolderWatcher {
  readonly #listeners = new Map<string, WatchListener>();

  /** Folders that are being watched. */
  get watched(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  watch(folder: MusicFolder, listener: WatchListener): FolderWatch {
    this.#listeners.set(folder.path, listener);
    return { close: () => void this.#listeners.delete(folder.path) };
  }

  change(folder: string, below: string): void {
    this.#listeners.get(folder)?.changed(below);
  }

  limit(folder: string, reason: string): void {
    this.#listeners.get(folder)?.limited(reason);
  }
}
