/** The suite of folder watchers: on the twin, and on a real disk. */
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskFolderWatcher } from '#bridge/adapters/folder-watch/disk-folder-watcher';
import { VirtualFolderWatcher } from '#sim/content/virtual-folder-watcher';
import { describeFolderWatcher } from './folder-watcher.suite.ts';

describeFolderWatcher('virtual', async () => {
  const watcher = new VirtualFolderWatcher();
  const smallWatcher = new VirtualFolderWatcher({ limitedFrom: 1 });
  return {
    folders: [
      { path: '/one', deviceNumber: 1 },
      { path: '/other', deviceNumber: 1 },
    ],
    watcher,
    smallWatcher,
    touch: (folder, below) => {
      watcher.change(folder.path, below);
      smallWatcher.change(folder.path, below);
    },
    stop: async () => {},
  };
});

describeFolderWatcher('disk', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tonearm-watchers-')));
  for (const name of ['one/a', 'one/b', 'one/c', 'other/a']) mkdirSync(join(root, name), { recursive: true });
  return {
    folders: [
      { path: join(root, 'one'), deviceNumber: 1 },
      { path: join(root, 'other'), deviceNumber: 1 },
    ],
    watcher: new DiskFolderWatcher(),
    smallWatcher: new DiskFolderWatcher({ watchesMax: 2 }),
    touch: (folder, below) => appendFileSync(join(folder.path, below, '1.mp3'), 'x'),
    stop: () => rm(root, { recursive: true, force: true }),
  };
});
