/**
 * Remembers manifests: in memory the last ones that came, behind them an archive. A skip back, a skip to what was
 * prefetched and a restart need no question to the bridge then.
 *
 * It only remembers. Whether what it remembers may still be used is for who asks: he knows what he needs it for.
 */
import type { ManifestSource } from '#device/core/ports/chunk-source';
import type { ManifestArchive } from '#device/core/ports/manifest-archive';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Manifest } from '#protocol/wire/manifest';

/** Manifests in memory: the queue's neighbourhood, what phones show, and the way back. */
export const MANIFESTS_HELD_MAX = 64;
/** What they may add up to, by the estimate below. */
export const MANIFESTS_HELD_BYTES_MAX = 2 * 1024 * 1024;
/** In JSON as in memory: five digits and a comma for a segment, and for all the rest of a file. */
const SEGMENT_BYTES = 8;
const FILE_BYTES = 512;

export interface ManifestShelfPorts {
  readonly manifests: ManifestSource;
  readonly archive: ManifestArchive | null;
}

export class ManifestShelf implements ManifestSource {
  readonly #ports: ManifestShelfPorts;
  /** Used longest ago first. */
  readonly #held = new Map<TrackId, { readonly manifest: Manifest; readonly sizeBytes: number }>();
  #sizeBytes = 0;

  constructor(ports: ManifestShelfPorts) {
    this.#ports = ports;
  }

  /** Of the bridge, always: who asks again wants a fresh one. */
  fetchManifest(trackId: TrackId): ReturnType<ManifestSource['fetchManifest']> {
    const pending = this.#ports.manifests.fetchManifest(trackId);
    const outcome = pending.outcome.then((settled) => {
      if (settled.ok) this.#keep(settled.value);
      else if (settled.error.code === 'catalogue.not-found') this.#forget(trackId);
      return settled;
    });
    return { outcome, cancel: () => pending.cancel() };
  }

  async recallManifest(trackId: TrackId): Promise<Manifest | undefined> {
    const held = this.#held.get(trackId) ?? null;
    if (held !== null) {
      this.#hold(held.manifest);
      return held.manifest;
    }
    const kept = await this.#ports.archive?.read(trackId);
    // One that came meanwhile is younger.
    const newer = this.#held.get(trackId)?.manifest;
    if (newer === undefined && kept !== undefined) this.#hold(kept);
    return newer ?? kept;
  }

  /** By estimate; never above `MANIFESTS_HELD_BYTES_MAX`. */
  sizeBytes(): number {
    return this.#sizeBytes;
  }

  #keep(manifest: Manifest): void {
    // A day's recording would push out everything else, and writing it down would hold up the audio.
    if (this.#hold(manifest)) this.#ports.archive?.put(manifest);
    else this.#ports.archive?.remove(manifest.trackId);
  }

  #hold(manifest: Manifest): boolean {
    this.#drop(manifest.trackId);
    const sizeBytes = estimateBytes(manifest);
    if (sizeBytes > MANIFESTS_HELD_BYTES_MAX / 4) return false;
    this.#held.set(manifest.trackId, { manifest, sizeBytes });
    this.#sizeBytes += sizeBytes;
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MANIFESTS_HELD_MAX && this.#sizeBytes <= MANIFESTS_HELD_BYTES_MAX) break;
      this.#drop(oldest);
    }
    return true;
  }

  #forget(trackId: TrackId): void {
    this.#drop(trackId);
    this.#ports.archive?.remove(trackId);
  }

  #drop(trackId: TrackId): void {
    const held = this.#held.get(trackId);
    if (held === undefined) return;
    this.#held.delete(trackId);
    this.#sizeBytes -= held.sizeBytes;
  }
}

function estimateBytes(manifest: Manifest): number {
  return manifest.files.reduce(
    (sum, file) => sum + FILE_BYTES + SEGMENT_BYTES * file.segmentSizesBytes.length,
    FILE_BYTES,
  );
}
