/** Releases in a folder, as `firmware publish` leaves them (`protocol/adapters/release-folder`), read anew each time they changed. */
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredObject } from '#bridge/core/ports/content';
import type { FirmwareShelf } from '#bridge/core/ports/firmware-shelf';
import { artifactPath, blocksPath, readReleases, readRoots } from '#protocol/adapters/release-folder';
import { writeWhole } from '#protocol/adapters/write-whole';
import { bytes } from '#protocol/vocabulary/units';
import { BLOCK_MAP_TEXT_MAX } from '#protocol/wire/update';

const RECORD = 'rollouts.json';
/** A hash is all that may become part of a path. */
const HASH = /^[0-9a-f]{64}$/;

export function createFolderFirmwareShelf(folder: string): FirmwareShelf {
  const record = join(folder, RECORD);
  return {
    read: async () => {
      const releases = readReleases(folder).map(({ arch, seq, file }) => ({ arch, seq, ...file }));
      return { roots: readRoots(folder), releases };
    },
    artifact: async (sha256) => {
      if (!HASH.test(sha256)) return null;
      const path = artifactPath(folder, sha256);
      const found = await stat(path).catch(() => null);
      return found === null || !found.isFile() ? null : storedObject(path, found.size);
    },
    blocks: async (sha256) => {
      if (!HASH.test(sha256)) return null;
      const text = await readFile(blocksPath(folder, sha256), 'utf8').catch(() => null);
      return text === null || text.length > BLOCK_MAP_TEXT_MAX ? null : text;
    },
    recall: () => readFile(record, 'utf8').catch(() => null),
    remember: async (text) => {
      await mkdir(folder, { recursive: true });
      await writeWhole(record, text);
    },
  };
}

function storedObject(path: string, sizeBytes: number): StoredObject {
  return {
    sizeBytes: bytes(sizeBytes),
    read: (offset, length) => createReadStream(path, { start: offset, end: offset + length - 1 }),
  };
}
