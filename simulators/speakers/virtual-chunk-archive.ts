/** An archive that lives as long as its disk does, and answers within the turn: the twin that virtual speakers have. */
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import type { FileId } from '#protocol/vocabulary/ids';
import { type Bytes, bytes } from '#protocol/vocabulary/units';
import type { VirtualDisk } from '#sim/files/virtual-disk';

const LIMIT_DEFAULT = bytes(64 * 1024 * 1024);

export interface ArchiveDisk {
  /** By file, used longest ago first; then by number. */
  readonly files: Map<FileId, Map<number, Uint8Array>>;
}

export function createArchiveDisk(): ArchiveDisk {
  return { files: new Map() };
}

/** @param medium what the disk itself does; absent: it never refuses. What a power cut tears is half there. */
export function createVirtualChunkArchive(
  disk: ArchiveDisk = createArchiveDisk(),
  limitBytes: Bytes = LIMIT_DEFAULT,
  medium: VirtualDisk | null = null,
): ChunkArchive {
  const { files } = disk;
  let isReady = false;
  let isClosed = false;
  const sizeBytes = (): number => {
    let size = 0;
    for (const file of files.values()) for (const sealed of file.values()) size += sealed.length;
    return size;
  };
  const use = (fileId: FileId, file: Map<number, Uint8Array>): void => {
    files.delete(fileId);
    files.set(fileId, file);
  };
  /** The end of the file that was used longest ago. */
  const letGo = (spared: FileId): boolean => {
    const victim = [...files].find(([fileId]) => fileId !== spared);
    if (victim === undefined) return false;
    const [fileId, file] = victim;
    file.delete(Math.max(...file.keys()));
    if (file.size === 0) files.delete(fileId);
    return true;
  };
  const ready = Promise.resolve().then(() => {
    isReady = true;
  });
  return {
    has: (fileId, segment) => isReady && !isClosed && files.get(fileId)?.get(segment) !== undefined,
    read: async (fileId, segment) => {
      await ready;
      const file = files.get(fileId);
      const sealed = isClosed ? undefined : file?.get(segment);
      if (file !== undefined && sealed !== undefined) use(fileId, file);
      return sealed;
    },
    put: (fileId, segment, sealed) => {
      if (isClosed || sealed.length === 0 || sealed.length > limitBytes) return;
      const file = files.get(fileId) ?? new Map<number, Uint8Array>();
      if (file.has(segment)) return;
      while (sizeBytes() + sealed.length > limitBytes) if (!letGo(fileId)) return;
      const kept = sealed.slice();
      const perform = (): void => use(fileId, file.set(segment, kept));
      const lose = (): void => void kept.fill(0, kept.length >> 1);
      if (medium === null) perform();
      else medium.writeNow({ name: 'archive write', isForced: false, perform, lose });
    },
    remove: (fileId, segment) => {
      const file = files.get(fileId);
      file?.delete(segment);
      if (file?.size === 0) files.delete(fileId);
    },
    sizeBytes,
    ready: () => ready,
    close: async () => {
      isClosed = true;
    },
  };
}
