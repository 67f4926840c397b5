/** What every folder watcher must keep to: the contract of `cloud-bridge/core/ports/folder-watcher.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import type { FolderWatch, FolderWatcher } from '#bridge/core/ports/folder-watcher';

/** Two music folders, each with a folder `a` in it, and more folders in the first than its small watcher may watch. */
export interface WatchedPlace {
  readonly folders: readonly [MusicFolder, MusicFolder];
  readonly watcher: FolderWatcher;
  /** May watch less than there is. */
  readonly smallWatcher: FolderWatcher;
  /** Makes something in this folder other than it was; every time it is called. @param below parts joined by `/` */
  touch(folder: MusicFolder, below: string): void;
  stop(): Promise<void>;
}

const WITHIN = { timeout: 5_000, interval: 50 };

export function describeFolderWatcher(name: string, create: () => Promise<WatchedPlace>): void {
  describe(`folder watcher: ${name}`, () => {
    let place: WatchedPlace;
    let watches: FolderWatch[] = [];
    beforeEach(async () => {
      place = await create();
      watches = [];
    });
    afterEach(async () => {
      for (const watch of watches) watch.close();
      await place.stop();
    });

    function watch(folder: MusicFolder, watcher = place.watcher) {
      const told = { changed: [] as string[], limited: [] as string[] };
      const listener = {
        changed: (below: string) => told.changed.push(below),
        limited: (reason: string) => told.limited.push(reason),
      };
      watches.push(watcher.watch(folder, listener));
      return told;
    }

    /** Touched again and again: when a watch is set is not to be seen from outside. */
    async function untilTold(told: { readonly changed: readonly string[] }, folder: MusicFolder, below: string) {
      await vi.waitFor(() => {
        place.touch(folder, below);
        expect(told.changed).toContain(below);
      }, WITHIN);
    }

    it('tells where something changed, of the folder itself and below it', async () => {
      const [folder] = place.folders;
      const told = watch(folder);
      await untilTold(told, folder, '');
      await untilTold(told, folder, 'a');
      expect(told.limited).toEqual([]);
    });

    it('keeps folders apart', async () => {
      const [one, other] = place.folders;
      const [ofOne, ofOther] = [watch(one), watch(other)];
      await untilTold(ofOther, other, 'a');
      expect(ofOne.changed).toEqual([]);
      await untilTold(ofOne, one, 'a');
    });

    it('tells nothing once it is closed, and closing twice is harmless', async () => {
      const [one, other] = place.folders;
      const told = watch(one);
      await untilTold(told, one, 'a');
      watches[0]?.close();
      watches[0]?.close();
      told.changed.length = 0;
      place.touch(one, 'a');
      // What came after it has been told of the other by then.
      await untilTold(watch(other), other, 'a');
      expect(told.changed).toEqual([]);
    });

    it('says once when it cannot watch everything', async () => {
      const [folder] = place.folders;
      const told = watch(folder, place.smallWatcher);
      await vi.waitFor(() => expect(told.limited).toHaveLength(1), WITHIN);
      place.touch(folder, '');
      expect(told.limited).toHaveLength(1);
    });
  });
}
