/** Manifests kept as long as their disk is: the twin that virtual speakers have. */
import type { ManifestArchive } from '#device/core/ports/manifest-archive';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Manifest } from '#protocol/wire/manifest';
import type { VirtualDisk } from '#sim/files/virtual-disk';

export interface ManifestDisk {
  /** As text, as on any disk: what is read is never the object that was put. */
  readonly texts: Map<TrackId, string>;
}

export function createManifestDisk(): ManifestDisk {
  return { texts: new Map() };
}

const KEPT_MAX = 256;

/** @param medium what the disk itself does; absent: it never refuses. What a power cut takes back is not there. */
export function createVirtualManifestArchive(
  disk: ManifestDisk = createManifestDisk(),
  medium: VirtualDisk | null = null,
): ManifestArchive {
  let isClosed = false;
  return {
    read: async (trackId) => {
      const text = disk.texts.get(trackId);
      return text === undefined ? undefined : (JSON.parse(text) as Manifest);
    },
    put: (manifest) => {
      if (isClosed) return;
      const perform = (): void => {
        disk.texts.delete(manifest.trackId);
        disk.texts.set(manifest.trackId, JSON.stringify(manifest));
      };
      const lose = (): void => void disk.texts.delete(manifest.trackId);
      if (medium === null) perform();
      else medium.writeNow({ name: 'manifest write', isForced: false, perform, lose });
      for (const oldest of disk.texts.keys()) {
        if (disk.texts.size <= KEPT_MAX) break;
        disk.texts.delete(oldest);
      }
    },
    remove: (trackId) => {
      if (!isClosed) disk.texts.delete(trackId);
    },
    close: async () => {
      isClosed = true;
    },
  };
}
