import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FolderWatch } from '#bridge/core/ports/folder-watcher';
import { DiskFolderWatcher } from './disk-folder-watcher.ts';

let folder = '';
let watch: FolderWatch | null = null;
let changed: string[] = [];
let limited: string[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tonearm-watch-')));
  changed = [];
  limited = [];
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true, force: true });
});

function begin(watchesMax?: number): void {
  const watcher = new DiskFolderWatcher(watchesMax === undefined ? {} : { watchesMax });
  watch = watcher.watch(
    { path: folder, deviceNumber: 1 },
    { changed: (below) => changed.push(below), limited: (reason) => limited.push(reason) },
  );
}

/** Until the watch tells of the place, made to change again and again: when watches are set is not to be seen from outside. */
async function untilTold(place: string, act: () => void): Promise<void> {
  await vi.waitFor(
    () => {
      act();
      expect(changed).toContain(place);
    },
    { timeout: 5_000, interval: 50 },
  );
}

describe('a folder on a disk', () => {
  it('tells of files added, changed, renamed and removed, and of folders that came later', async () => {
    mkdirSync(join(folder, 'a', 'deep'), { recursive: true });
    begin();
    await untilTold('a/deep', () => writeFileSync(join(folder, 'a', 'deep', '1.mp3'), 'x'));
    await untilTold('', () => writeFileSync(join(folder, '0.mp3'), 'x'));
    mkdirSync(join(folder, 'b', 'new'), { recursive: true });
    await untilTold('b/new', () => writeFileSync(join(folder, 'b', 'new', '1.mp3'), 'x'));
    renameSync(join(folder, 'b'), join(folder, 'c'));
    await untilTold('c/new', () => writeFileSync(join(folder, 'c', 'new', '2.mp3'), 'x'));
    changed = [];
    rmSync(join(folder, 'a', 'deep', '1.mp3'));
    await untilTold('a/deep', () => undefined);
    expect(limited).toEqual([]);
  });

  it('says so, once, when there are more folders than it may watch', async () => {
    for (const name of ['a', 'b', 'c', 'd']) mkdirSync(join(folder, name));
    begin(2);
    await vi.waitFor(() => expect(limited).toEqual(['more than 2 folders']), { timeout: 5_000 });
  });
});
