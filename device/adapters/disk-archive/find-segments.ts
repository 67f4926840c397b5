/**
 * Finds what an earlier process left: names alone say which segments are there and how long each is, so that ten thousand
 * are known after a few hundred questions to the disk.
 *
 *     {folder}/incoming                       what was being written; never part of the archive
 *     {folder}/{fileId}/{segment}-{bytes}     a whole segment; the folder's time says when the file was used last
 */
import { join } from 'node:path';
import { type FileId, fileId, ID_PATTERNS } from '#protocol/vocabulary/ids';
import { type ArchiveFiles, codeOf } from './archive-files.ts';
import { ArchiveIndex, type ArchivePlace } from './archive-index.ts';

/** The one name under which a segment is written before it takes its place. */
const INCOMING = 'incoming';
/** Folders looked into at a time: the disk is kept busy, and few files are open. */
const LOOKS_AT_A_TIME = 8;
const NAME = /^(0|[1-9]\d{0,5})-([1-9]\d{0,6})$/;

export function incomingPath(folder: string): string {
  return join(folder, INCOMING);
}

export function filePath(folder: string, id: FileId): string {
  return join(folder, id);
}

export function segmentPath(folder: string, { fileId: id, segment }: ArchivePlace, sizeBytes: number): string {
  return join(folder, id, `${segment}-${sizeBytes}`);
}

/** Clears away what was cut off. Rejects with the system's error when the folder cannot be known. */
export async function findSegments(files: ArchiveFiles, folder: string): Promise<ArchiveIndex> {
  await files.makeFolder(folder);
  await files.remove(incomingPath(folder));
  const names = (await files.list(folder)).filter((name) => ID_PATTERNS.sha256.test(name));
  const found: { readonly id: FileId; readonly usedAtMs: number; readonly names: readonly string[] }[] = [];
  const look = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const path = join(folder, name);
      const { modifiedMs: usedAtMs } = await files.look(path);
      found.push({ id: fileId(name), usedAtMs, names: await files.list(path) });
    }
  };
  await Promise.all(Array.from({ length: LOOKS_AT_A_TIME }, look));
  found.sort((one, other) => one.usedAtMs - other.usedAtMs);
  const index = new ArchiveIndex();
  for (const file of found) {
    for (const name of file.names) {
      const [, segment, size] = NAME.exec(name) ?? [];
      const place = { fileId: file.id, segment: Number(segment) };
      if (segment !== undefined && index.sizeOf(place) === undefined) index.add(place, Number(size), file.usedAtMs);
      else await files.remove(join(folder, file.id, name));
    }
    if (!index.hasFile(file.id)) await removeIfEmpty(files, filePath(folder, file.id));
  }
  return index;
}

/** A folder that somebody put something into stays. */
export async function removeIfEmpty(files: ArchiveFiles, path: string): Promise<void> {
  try {
    await files.removeFolder(path);
  } catch (cause) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(cause))) throw cause;
  }
}
