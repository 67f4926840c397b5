/**
 * Manifests kept beyond the life of the process, so that what is held can sound before the bridge has answered.
 *
 * A manifest has a file's key in it: where it is kept is the speaker's own. What is lost is asked for again.
 */
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Manifest } from '#protocol/wire/manifest';

export interface ManifestArchive {
  /** As it was when it was kept, its token long over perhaps. Never rejects; undefined also when it cannot be read. */
  read(trackId: TrackId): Promise<Manifest | undefined>;
  /** Keeps it soon, if it can be, in the place of an earlier one of its track. */
  put(manifest: Manifest): void;
  remove(trackId: TrackId): void;
  /** Resolves when what was put before is kept, or cannot be. Twice is harmless. */
  close(): Promise<void>;
}
