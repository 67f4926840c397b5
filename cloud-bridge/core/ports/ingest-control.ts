/** How a door starts an ingest and watches it. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { IngestView } from '#protocol/wire/household';
import type { LibraryChanges } from './library-changes.ts';

export interface IngestControl {
  /** Resolves once the folder has been found and the work has begun; refused with `ingest.folder-not-found` or `ingest.busy`. */
  begin(folder: string): Promise<Result<void, TonearmError>>;
  view(): IngestView;
  /** What scans have found lately. */
  changes(): LibraryChanges;
  /** Called after each change of `view()`, at most every 200 ms, and after the last. @returns stops listening */
  listen(changed: (view: IngestView) => void): () => void;
}
