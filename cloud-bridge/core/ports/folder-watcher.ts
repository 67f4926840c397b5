/** Says when something changes below a music folder: where, not what; a scan finds that out. */
import type { MusicFolder } from './folder-scanner.ts';

export interface WatchListener {
  /**
   * Something is other than it was in this folder or below it.
   * @param below relative to the music folder, parts joined by `/`; empty: the music folder itself
   */
  changed(below: string): void;
  /** Not all of it can be watched, for good: what is missed is for scans now and then to find. Called once. */
  limited(reason: string): void;
}

export interface FolderWatch {
  /** Nothing is told afterwards. Twice is harmless. */
  close(): void;
}

export interface FolderWatcher {
  /** Begins to watch; what is there already is not told. */
  watch(folder: MusicFolder, listener: WatchListener): FolderWatch;
}
