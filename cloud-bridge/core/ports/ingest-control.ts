/** How a door starts an ingest and watches it. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { IngestView } from '#protocol/wire/household';

export interface IngestControl {
  /** Resolves once the folder has been found and the work has begun; refused with `ingest.folder-not-found` or `ingest.busy`. */
  begin(folder: string): Promise<Result<void, TonearmError>>;
  view(): IngestView;
  /** Called after each change of `view()`, at most every 200 ms, and after the last. @returns stops listening */
  listen(changed: (view: IngestView) => void): () => void;
}
