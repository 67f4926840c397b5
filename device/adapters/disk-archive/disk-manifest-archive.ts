/**
 * Manifests as files of JSON, one a track, bounded by number and bytes; the time of a file says when it was used last.
 *
 *     {folder}/incoming            what was being written
 *     {folder}/{trackId}.json      a whole manifest, readable by the speaker alone: the key of its files is in it
 *
 * Written beside, then put in place by a rename, so that a kill leaves the old one, the new one or none. Nothing is
 * trusted that is read: it is parsed as if it came over the network. A disk that fails is left alone for a while.
 */
import { join } from 'node:path';
import type { ManifestArchive } from '#device/core/ports/manifest-archive';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { type Manifest, manifestSchema } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { type ArchiveFiles, codeOf, createArchiveFiles } from './archive-files.ts';

/** How long a disk that failed is left alone. */
export const MANIFEST_PAUSE_MS: Ms = ms(60_000);
/** The tracks of a long evening. Four qualities of a track take about 1 kB a minute. */
export const MANIFESTS_KEPT_MAX = 256;
const BYTES_MAX = 8 * 1024 * 1024;
/** Manifests that wait to be written; what is more is let go. */
const WAITING_MAX = 32;
const INCOMING = 'incoming';
const NAME = /^([0-9A-Za-z]{22})\.json$/;

export interface DiskManifestPorts {
  readonly clock: Pick<Clock, 'nowUs' | 'wallMs'>;
  readonly logger: Logger;
  /** Absent: the real ones. */
  readonly files?: ArchiveFiles;
}

/** @param folder made when it is not there, in a folder that is */
export function createDiskManifestArchive(ports: DiskManifestPorts, folder: string): ManifestArchive {
  return new DiskManifests(ports, folder);
}

class DiskManifests implements ManifestArchive {
  readonly #ports: DiskManifestPorts;
  readonly #files: ArchiveFiles;
  readonly #folder: string;
  /** Bytes of each file, used longest ago first. */
  readonly #kept = new Map<TrackId, number>();
  readonly #waiting = new Map<TrackId, Manifest | null>();
  readonly #found = Promise.withResolvers<void>();
  #isKnown = false;
  #offUntilUs = 0;
  #working: Promise<void> | null = null;
  #isClosed = false;

  constructor(ports: DiskManifestPorts, folder: string) {
    this.#ports = ports;
    this.#files = ports.files ?? createArchiveFiles();
    this.#folder = folder;
    this.#hurry();
  }

  async read(id: TrackId): Promise<Manifest | undefined> {
    await this.#found.promise;
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) return waiting ?? undefined;
    const sizeBytes = this.#kept.get(id);
    if (sizeBytes === undefined) return undefined;
    const path = this.#pathOf(id);
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(await this.#files.read(path, sizeBytes)));
      const manifest = parseValue<Manifest>(manifestSchema, value, 'kept manifest');
      if (manifest.ok && manifest.value.trackId === id) {
        this.#used(id, sizeBytes);
        return manifest.value;
      }
    } catch (cause) {
      this.#ports.logger.debug('manifests.unreadable', { trackId: id, reason: codeOf(cause) });
    }
    this.remove(id);
    return undefined;
  }

  put(manifest: Manifest): void {
    this.#await(manifest.trackId, manifest);
  }

  remove(id: TrackId): void {
    if (this.#kept.has(id) || this.#waiting.has(id)) this.#await(id, null);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#working !== null) await this.#working;
  }

  #await(id: TrackId, change: Manifest | null): void {
    if (this.#isClosed || this.#isOff() || (this.#waiting.size >= WAITING_MAX && !this.#waiting.has(id))) return;
    this.#waiting.set(id, change);
    this.#hurry();
  }

  #isOff(): boolean {
    return this.#ports.clock.nowUs() < this.#offUntilUs;
  }

  #hurry(): void {
    if (!this.#isOff()) this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    try {
      if (!this.#isKnown) await this.#look();
      for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
        const [id, change] = next;
        await (change === null ? this.#forget(id) : this.#write(change));
        // Put anew while it was written: once more.
        if (this.#waiting.get(id) === change) this.#waiting.delete(id);
      }
    } catch (cause) {
      this.#isKnown = false;
      this.#waiting.clear();
      this.#offUntilUs = this.#ports.clock.nowUs() + MANIFEST_PAUSE_MS * 1000;
      this.#ports.logger.warn('manifests.keeping-off', { reason: codeOf(cause), forMs: MANIFEST_PAUSE_MS });
    }
    // In the same turn as the last look at what there is to do.
    this.#working = null;
    this.#found.resolve();
  }

  async #look(): Promise<void> {
    await this.#files.makeFolder(this.#folder);
    await this.#files.remove(join(this.#folder, INCOMING));
    const names = (await this.#files.list(this.#folder)).map((name) => NAME.exec(name)?.[1]);
    const found = await Promise.all(
      names
        .filter((name) => name !== undefined)
        .map(async (name) => {
          const { modifiedMs, sizeBytes } = await this.#files.look(join(this.#folder, `${name}.json`));
          return { id: trackId(name), modifiedMs, sizeBytes };
        }),
    );
    this.#kept.clear();
    for (const { id, sizeBytes } of found.toSorted((one, other) => one.modifiedMs - other.modifiedMs)) {
      this.#kept.set(id, sizeBytes);
    }
    await this.#makeRoom(0, 0);
    this.#isKnown = true;
    this.#found.resolve();
  }

  async #write(manifest: Manifest): Promise<void> {
    const { trackId: id } = manifest;
    const content = new TextEncoder().encode(JSON.stringify(manifest));
    if (content.length > BYTES_MAX) return;
    await this.#makeRoom(1, content.length);
    const incoming = join(this.#folder, INCOMING);
    await this.#files.write(incoming, content);
    await this.#files.rename(incoming, this.#pathOf(id));
    this.#kept.delete(id);
    this.#kept.set(id, content.length);
  }

  async #makeRoom(more: number, moreBytes: number): Promise<void> {
    let sizeBytes = moreBytes;
    for (const size of this.#kept.values()) sizeBytes += size;
    for (const [id, size] of this.#kept) {
      if (this.#kept.size + more <= MANIFESTS_KEPT_MAX && sizeBytes <= BYTES_MAX) return;
      await this.#forget(id);
      sizeBytes -= size;
    }
  }

  async #forget(id: TrackId): Promise<void> {
    await this.#files.remove(this.#pathOf(id));
    this.#kept.delete(id);
  }

  #used(id: TrackId, sizeBytes: number): void {
    this.#kept.delete(id);
    this.#kept.set(id, sizeBytes);
    // Best effort: a disk that can only be read keeps the order it had.
    void this.#files.setModified(this.#pathOf(id), this.#ports.clock.wallMs()).catch(() => {});
  }

  #pathOf(id: TrackId): string {
    return join(this.#folder, `${id}.json`);
  }
}
