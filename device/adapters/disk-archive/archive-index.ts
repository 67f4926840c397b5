/**
 * What an archive holds and in which order it goes: kept in memory, made anew from names at each start.
 *
 * The order is by file, since a track is used as a whole. Of the file that was used longest ago its last segment goes
 * first, so that its beginning, with which it would sound at once, stays longest.
 */
import type { FileId } from '#protocol/vocabulary/ids';

interface FileEntry {
  readonly sizesBytes: Map<number, number>;
  usedAtMs: number;
}

export interface ArchivePlace {
  readonly fileId: FileId;
  readonly segment: number;
}

export class ArchiveIndex {
  /** Used longest ago first. */
  readonly #files = new Map<FileId, FileEntry>();
  #sizeBytes = 0;
  #segments = 0;
  #newestMs = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get segments(): number {
    return this.#segments;
  }

  fileIds(): readonly FileId[] {
    return [...this.#files.keys()];
  }

  hasFile(fileId: FileId): boolean {
    return this.#files.has(fileId);
  }

  /** Undefined: not held. */
  sizeOf({ fileId, segment }: ArchivePlace): number | undefined {
    return this.#files.get(fileId)?.sizesBytes.get(segment);
  }

  /** Milliseconds since 1970, by a calendar that is held to never run back. */
  usedAtMs(fileId: FileId): number | undefined {
    return this.#files.get(fileId)?.usedAtMs;
  }

  add({ fileId, segment }: ArchivePlace, sizeBytes: number, usedAtMs: number): void {
    this.remove({ fileId, segment });
    const entry = this.#files.get(fileId) ?? { sizesBytes: new Map(), usedAtMs };
    entry.sizesBytes.set(segment, sizeBytes);
    if (!this.#files.has(fileId)) this.#files.set(fileId, entry);
    this.#sizeBytes += sizeBytes;
    this.#segments += 1;
    this.use(fileId, usedAtMs);
  }

  remove({ fileId, segment }: ArchivePlace): void {
    const entry = this.#files.get(fileId);
    const sizeBytes = entry?.sizesBytes.get(segment);
    if (entry === undefined || sizeBytes === undefined) return;
    entry.sizesBytes.delete(segment);
    if (entry.sizesBytes.size === 0) this.#files.delete(fileId);
    this.#sizeBytes -= sizeBytes;
    this.#segments -= 1;
  }

  /** Now the one used last. */
  use(fileId: FileId, atMs: number): void {
    const entry = this.#files.get(fileId);
    if (entry === undefined) return;
    // A board without a battery begins each day in 1970 until it has asked for the time.
    this.#newestMs = Math.max(this.#newestMs, atMs);
    entry.usedAtMs = this.#newestMs;
    this.#files.delete(fileId);
    this.#files.set(fileId, entry);
  }

  /** What goes next; null when nothing but `spared` is left. */
  victim(spared: FileId | null): ArchivePlace | null {
    for (const [fileId, { sizesBytes }] of this.#files) {
      if (fileId === spared) continue;
      let segment = -1;
      for (const it of sizesBytes.keys()) segment = Math.max(segment, it);
      return { fileId, segment };
    }
    return null;
  }
}
