/**
 * Sealed segments as files, bounded by bytes.
 *
 * A segment is written under one fixed name and takes its place by a rename, so that a kill or a power cut at any moment
 * leaves whole segments and at most one thing to clear away. Room is made before a write, never after, so the bound also
 * holds for what such an end leaves. Nothing is forced to the disk: what a power cut loses is fetched again, and what it
 * garbles does not open. A disk that fails turns writing, or reading, off for a while; that is said, and never thrown.
 */
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { FileId } from '#protocol/vocabulary/ids';
import { type Bytes, type Ms, ms } from '#protocol/vocabulary/units';
import { SEGMENT_BYTES_MAX } from '#protocol/wire/manifest';
import { type ArchiveFiles, codeOf, createArchiveFiles } from './archive-files.ts';
import { ArchiveIndex, type ArchivePlace } from './archive-index.ts';
import { filePath, findSegments, incomingPath, removeIfEmpty, segmentPath } from './find-segments.ts';
import { ReadTurns } from './read-turns.ts';

/** How long a disk that failed is left alone. */
export const ARCHIVE_PAUSE_MS: Ms = ms(60_000);
/** Segments that wait to be written: three minutes at 160 kbit/s. A disk slower than the network gets what it can take. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
/** Of what is kept when the disk turns out to be full this much stays: the rest of the house has to write too. */
const KEPT_WHEN_FULL = 0.9;
/** Less is not worth the trouble. */
const LIMIT_LEAST_BYTES = 1024 * 1024;
/** Segments kept, whatever their size: what is known of each costs memory. */
const SEGMENTS_MAX = 100_000;
/** Of the four threads that Node has for disks and names: a card that takes its time must not hold up the other things. */
const READS_MAX = 2;
/** Segments that wait to be read: a request for more is answered like one for what is not there. */
const READS_WAITING_MAX = 256;
/** The time of last use is written no more often than this for one file: cards wear out. */
const TOUCH_EVERY_MS = 60_000;

export interface DiskArchivePorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: the real ones. */
  readonly files?: ArchiveFiles;
}

export interface DiskArchiveOptions {
  /** Made when it is not there, in a folder that is. */
  readonly folder: string;
  readonly limitBytes: Bytes;
}

export function createDiskChunkArchive(ports: DiskArchivePorts, options: DiskArchiveOptions): ChunkArchive {
  return new DiskArchive(ports, options);
}

interface Waiting extends ArchivePlace {
  readonly sealed: Uint8Array;
}

class DiskArchive implements ChunkArchive {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #files: ArchiveFiles;
  readonly #folder: string;
  /** Lower than what was given, once the disk was full. */
  #limitBytes: number;
  readonly #waiting = new Map<string, Waiting>();
  /** No longer there for anybody, and still on the disk. */
  readonly #doomed = new Map<string, ArchivePlace & { readonly sizeBytes: number }>();
  readonly #turns = new ReadTurns(READS_MAX, READS_WAITING_MAX);
  readonly #touchedAtMs = new Map<FileId, number>();
  readonly #ready = Promise.withResolvers<void>();
  #index = new ArchiveIndex();
  /** False until the disk has been looked at, and again after it failed. */
  #isKnown = false;
  #waitingBytes = 0;
  #doomedBytes = 0;
  /** What may lie under the name of what is being written. */
  #incomingBytes = 0;
  #writesOffUntilUs = 0;
  #readsOffUntilUs = 0;
  #working: Promise<void> | null = null;
  #isClosed = false;

  constructor(ports: DiskArchivePorts, options: DiskArchiveOptions) {
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#files = ports.files ?? createArchiveFiles();
    this.#folder = options.folder;
    this.#limitBytes = options.limitBytes;
    this.#hurry();
  }

  has(fileId: FileId, segment: number): boolean {
    if (this.#isClosed) return false;
    if (this.#waiting.size > 0 && this.#waiting.has(keyOf({ fileId, segment }))) return true;
    return this.#index.sizeOf({ fileId, segment }) !== undefined && this.#clock.nowUs() >= this.#readsOffUntilUs;
  }

  async read(fileId: FileId, segment: number): Promise<Uint8Array | undefined> {
    const place = { fileId, segment };
    const waiting = this.#waiting.get(keyOf(place));
    if (waiting !== undefined) return waiting.sealed;
    if (!this.has(fileId, segment)) return undefined;
    return this.#turns.run(() => this.#readPlace(place));
  }

  put(fileId: FileId, segment: number, sealed: Uint8Array): void {
    const place = { fileId, segment };
    if (this.#isClosed || this.#isOff() || this.has(fileId, segment)) return;
    const isOdd = sealed.length === 0 || sealed.length > Math.min(SEGMENT_BYTES_MAX, this.#limitBytes);
    if (isOdd || this.#waitingBytes + sealed.length > WAITING_BYTES_MAX) return;
    this.#waiting.set(keyOf(place), { ...place, sealed });
    this.#waitingBytes += sealed.length;
    this.#hurry();
  }

  remove(fileId: FileId, segment: number): void {
    this.#takeWaiting(keyOf({ fileId, segment }));
    this.#doom({ fileId, segment });
  }

  sizeBytes(): number {
    return this.#index.sizeBytes + this.#doomedBytes + this.#incomingBytes;
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#working !== null) await this.#working;
    // So that the order of use outlives the process; after an unclean end it is right to a minute.
    if (this.#isOff()) return;
    for (const fileId of this.#touchedAtMs.keys()) await this.#stamp(fileId);
    this.#touchedAtMs.clear();
  }

  async #readPlace(place: ArchivePlace): Promise<Uint8Array | undefined> {
    const sizeBytes = this.#index.sizeOf(place);
    if (sizeBytes === undefined) return undefined;
    try {
      // One more than there should be: what is longer is not ours.
      const sealed = await this.#files.read(segmentPath(this.#folder, place, sizeBytes), sizeBytes + 1);
      if (sealed.length === sizeBytes) {
        this.#used(place.fileId);
        return sealed;
      }
      this.#logger.warn('archive.wrong-length', { ...place, sizeBytes, foundBytes: sealed.length });
      this.#doom(place);
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'ENOENT') {
        this.#index.remove(place);
      } else if (code === 'EIO') {
        // One bad spot of the disk.
        this.#logger.warn('archive.unreadable', { ...place, reason: code });
        this.#doom(place);
      } else {
        this.#readsOffUntilUs = this.#clock.nowUs() + ARCHIVE_PAUSE_MS * 1000;
        this.#logger.warn('archive.reading-off', { reason: code, forMs: ARCHIVE_PAUSE_MS });
      }
    }
    return undefined;
  }

  #isOff(): boolean {
    return this.#clock.nowUs() < this.#writesOffUntilUs;
  }

  #used(fileId: FileId): void {
    const nowMs = this.#clock.wallMs();
    this.#index.use(fileId, nowMs);
    const touchedAtMs = this.#touchedAtMs.get(fileId);
    if (touchedAtMs !== undefined && Math.abs(nowMs - touchedAtMs) < TOUCH_EVERY_MS) return;
    this.#touchedAtMs.set(fileId, nowMs);
    void this.#stamp(fileId);
  }

  /** Best effort: a disk that can only be read keeps the order it had. */
  async #stamp(fileId: FileId): Promise<void> {
    const usedAtMs = this.#index.usedAtMs(fileId);
    if (usedAtMs === undefined) return;
    await this.#files.setModified(filePath(this.#folder, fileId), usedAtMs).catch(() => {});
  }

  #doom(place: ArchivePlace): void {
    const sizeBytes = this.#index.sizeOf(place);
    if (sizeBytes === undefined) return;
    this.#index.remove(place);
    this.#doomed.set(keyOf(place), { ...place, sizeBytes });
    this.#doomedBytes += sizeBytes;
    this.#hurry();
  }

  #hurry(): void {
    if (!this.#isOff()) this.#working ??= this.#work();
  }

  /** One thing after the other, so that what is counted is what is there. */
  async #work(): Promise<void> {
    try {
      if (!this.#isKnown) await this.#look();
      for (;;) {
        const [doomed] = this.#doomed.values();
        const [next] = this.#waiting.values();
        if (doomed !== undefined) await this.#removeDoomed(doomed);
        else if (next !== undefined) await this.#write(next);
        else break;
      }
    } catch (cause) {
      await this.#failed(cause);
    }
    // In the same turn as the last look at what there is to do, or what came in between would lie.
    this.#working = null;
    this.#ready.resolve();
    // What was put while a failure was being cleared away, if that took longer than the pause.
    if (this.#waiting.size > 0) this.#hurry();
  }

  async #look(): Promise<void> {
    const startedUs = this.#clock.nowUs();
    const index = await findSegments(this.#files, this.#folder);
    this.#index = index;
    // What was doomed and is there is found as any other, and does not open a second time either.
    this.#doomed.clear();
    [this.#doomedBytes, this.#incomingBytes] = [0, 0];
    await this.#makeRoom(0, null);
    this.#isKnown = true;
    this.#ready.resolve();
    const { segments, sizeBytes } = index;
    const tookMs = Math.round((this.#clock.nowUs() - startedUs) / 1000);
    this.#logger.debug('archive.found', { segments, sizeBytes, tookMs });
  }

  async #removeDoomed(doomed: ArchivePlace & { readonly sizeBytes: number }): Promise<void> {
    await this.#files.remove(segmentPath(this.#folder, doomed, doomed.sizeBytes));
    if (this.#doomed.delete(keyOf(doomed))) this.#doomedBytes -= doomed.sizeBytes;
    if (!this.#index.hasFile(doomed.fileId)) await this.#forgetFile(doomed.fileId);
  }

  /** @returns false when only what `spared` has could go */
  async #makeRoom(sizeBytes: number, spared: FileId | null): Promise<boolean> {
    while (this.sizeBytes() + sizeBytes > this.#limitBytes || this.#index.segments >= SEGMENTS_MAX) {
      const victim = this.#index.victim(spared);
      if (victim === null) return this.sizeBytes() + sizeBytes <= this.#limitBytes;
      await this.#files.remove(segmentPath(this.#folder, victim, this.#index.sizeOf(victim) ?? 0));
      this.#index.remove(victim);
      // A removal is no use: the folder's time is put back.
      if (this.#index.hasFile(victim.fileId)) await this.#stamp(victim.fileId);
      else await this.#forgetFile(victim.fileId);
    }
    return true;
  }

  async #forgetFile(fileId: FileId): Promise<void> {
    this.#touchedAtMs.delete(fileId);
    await removeIfEmpty(this.#files, filePath(this.#folder, fileId));
  }

  async #write(next: Waiting): Promise<void> {
    const { fileId, segment, sealed } = next;
    // Of the track that is being kept nothing goes for its own sake: its beginning is worth more than its end.
    if (await this.#makeRoom(sealed.length, fileId)) {
      const incoming = incomingPath(this.#folder);
      this.#incomingBytes = sealed.length;
      await this.#files.write(incoming, sealed);
      if (!this.#index.hasFile(fileId)) await this.#files.makeFolder(filePath(this.#folder, fileId));
      await this.#files.rename(incoming, segmentPath(this.#folder, next, sealed.length));
      this.#incomingBytes = 0;
      this.#index.add({ fileId, segment }, sealed.length, this.#clock.wallMs());
      this.#touchedAtMs.set(fileId, this.#touchedAtMs.get(fileId) ?? this.#clock.wallMs());
    }
    // Taken back while it was written, and perhaps put again with other bytes.
    if (this.#waiting.get(keyOf(next)) === next) this.#takeWaiting(keyOf(next));
    else this.#doom(next);
  }

  #takeWaiting(key: string): Waiting | undefined {
    const taken = this.#waiting.get(key);
    if (taken === undefined) return undefined;
    this.#waiting.delete(key);
    this.#waitingBytes -= taken.sealed.length;
    return taken;
  }

  /** Full, gone or broken. What is there is found anew before the next write, since nothing is known for sure. */
  async #failed(cause: unknown): Promise<void> {
    this.#isKnown = false;
    if (['ENOSPC', 'EDQUOT'].includes(codeOf(cause))) {
      const keptBytes = Math.floor(this.sizeBytes() * KEPT_WHEN_FULL);
      this.#limitBytes = Math.min(this.#limitBytes, Math.max(keptBytes, LIMIT_LEAST_BYTES));
    }
    this.#writesOffUntilUs = this.#clock.nowUs() + ARCHIVE_PAUSE_MS * 1000;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#logger.warn('archive.writing-off', { reason: codeOf(cause), forMs: ARCHIVE_PAUSE_MS });
    // What a full disk let in of it must not keep the rest of the house from writing.
    await this.#files.remove(incomingPath(this.#folder)).then(
      () => {
        this.#incomingBytes = 0;
      },
      () => {},
    );
  }
}

function keyOf({ fileId, segment }: ArchivePlace): string {
  return `${fileId}/${segment}`;
}
