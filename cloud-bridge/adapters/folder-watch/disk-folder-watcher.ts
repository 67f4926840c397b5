/**
 * Watches folders on a disk, one inotify watch per folder. Node's own recursive watch takes one per file on Linux and
 * walks the tree in one go, on the thread that answers phones.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import type { FolderWatch, FolderWatcher, WatchListener } from '#bridge/core/ports/folder-watcher';

/** A quarter of what Linux allows a user by default on a small machine (65,536 on others). */
const WATCHES_MAX = 16_384;
const DEPTH_MAX = 32;

export interface DiskFolderWatcherOptions {
  /** For tests of the limit; `WATCHES_MAX` otherwise. */
  readonly watchesMax?: number;
}

export class DiskFolderWatcher implements FolderWatcher {
  readonly #watchesMax: number;

  constructor(options: DiskFolderWatcherOptions = {}) {
    this.#watchesMax = options.watchesMax ?? WATCHES_MAX;
  }

  watch(folder: MusicFolder, listener: WatchListener): FolderWatch {
    const tree = new WatchedTree(folder.path, listener, this.#watchesMax);
    void tree.open('', 0);
    return { close: () => tree.close() };
  }
}

class WatchedTree {
  readonly #root: string;
  readonly #listener: WatchListener;
  readonly #watchesMax: number;
  /** By the folder's place below the root. */
  readonly #watches = new Map<string, { readonly watcher: FSWatcher; readonly real: string }>();
  readonly #seen = new Set<string>();
  #isLimited = false;
  #isClosed = false;

  constructor(root: string, listener: WatchListener, watchesMax: number) {
    this.#root = root;
    this.#listener = listener;
    this.#watchesMax = watchesMax;
  }

  /** Watches this folder and all below it. @returns whether it is a folder */
  async open(below: string, depth: number): Promise<boolean> {
    const path = join(this.#root, below);
    const real = await realFolder(path);
    if (real === null || this.#isClosed) return false;
    // A ring of links ends, as it does for the scanner.
    if (this.#watches.has(below) || this.#seen.has(real) || depth > DEPTH_MAX) return true;
    if (this.#watches.size >= this.#watchesMax) {
      this.#limit(`more than ${this.#watchesMax} folders`);
      return true;
    }
    if (!this.#watchOne(below, path, real)) return true;
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (this.#isClosed || this.#isLimited) return true;
      if (entry.name.startsWith('.') || !(entry.isDirectory() || entry.isSymbolicLink())) continue;
      await this.open(placeOf(below, entry.name), depth + 1);
    }
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const { watcher } of this.#watches.values()) watcher.close();
    this.#watches.clear();
    this.#seen.clear();
  }

  #watchOne(below: string, path: string, real: string): boolean {
    try {
      const watcher = watch(path, { persistent: false });
      watcher.on('change', (_kind, name) => void this.#changed(below, name === null ? null : String(name)));
      watcher.on('error', (error: unknown) => {
        this.#forget(below);
        if (!isGone(error)) this.#limit(reasonOf(error));
      });
      this.#watches.set(below, { watcher, real });
      this.#seen.add(real);
      return true;
    } catch (error) {
      if (!isGone(error)) this.#limit(reasonOf(error));
      return false;
    }
  }

  async #changed(below: string, name: string | null): Promise<void> {
    if (this.#isClosed || name?.startsWith('.')) return;
    this.#listener.changed(below);
    if (name === null) return;
    const place = placeOf(below, name);
    const depth = place.split('/').length;
    const isNew = !this.#watches.has(place);
    if ((await realFolder(join(this.#root, place))) === null) {
      this.#forget(place);
    } else if (isNew && (await this.open(place, depth)) && !this.#isClosed) {
      // What came while the watches were being set was not told by them.
      this.#listener.changed(place);
    }
  }

  #forget(place: string): void {
    for (const [known, { watcher, real }] of this.#watches) {
      if (known !== place && !known.startsWith(`${place}/`)) continue;
      watcher.close();
      this.#watches.delete(known);
      this.#seen.delete(real);
    }
  }

  #limit(reason: string): void {
    if (this.#isLimited || this.#isClosed) return;
    this.#isLimited = true;
    this.#listener.limited(reason);
  }
}

async function realFolder(path: string): Promise<string | null> {
  try {
    return (await stat(path)).isDirectory() ? await realpath(path) : null;
  } catch {
    return null;
  }
}

function placeOf(below: string, name: string): string {
  return below === '' ? name : `${below}/${name}`;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC') return 'the system allows no more watches (fs.inotify.max_user_watches)';
  if (code === 'EMFILE') return 'the system allows no more watchers (fs.inotify.max_user_instances)';
  return error instanceof Error ? error.message : String(error);
}
