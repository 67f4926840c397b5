/** What ingest needs of the world; its parts each take the few of these that they use. */
import type { BlobStore } from '#bridge/core/ports/blob-store';
import type { CatalogueWriter } from '#bridge/core/ports/catalogue-writer';
import type { Digest } from '#bridge/core/ports/digest';
import type { FolderScanner } from '#bridge/core/ports/folder-scanner';
import type { LyricsWriter } from '#bridge/core/ports/lyrics';
import type { SourceInspector } from '#bridge/core/ports/source-inspector';
import type { TrackEncoder } from '#bridge/core/ports/track-encoder';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';

export interface IngestPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly scanner: FolderScanner;
  readonly inspector: SourceInspector;
  readonly encoder: TrackEncoder;
  readonly catalogue: CatalogueWriter;
  readonly lyrics: LyricsWriter;
  readonly blobs: BlobStore;
  readonly digest: Digest;
  /** False while another bridge on the same data reads folders; absent: there is none. */
  readonly isAllowed?: () => boolean;
}
