/**
 * Writing so that a power cut leaves the old or the new, never something between: beside it, synced, renamed, the folder
 * synced.
 */
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is kept so may hold a token, or what is trusted. */
const FILE_MODE = 0o600;

/** In its place and on the disk when it resolves, for its owner alone. Two at once for one path are not meant. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', FILE_MODE);
  try {
    // Left over from a power cut it may have been made by another program with another mode.
    await file.chmod(FILE_MODE);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await renameSynced(fresh, path);
}

/** Its new name is on the disk when it resolves. */
export async function renameSynced(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** The names in it are on the disk when it resolves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
