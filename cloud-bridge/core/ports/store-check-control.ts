/** How a door starts a check of the store and watches it. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { StoreCheckView } from '#protocol/wire/store-check';

export interface StoreCheckControl {
  /** Refused with `ingest.busy` while a check is running. */
  begin(options: { readonly isRepairing: boolean }): Result<void, TonearmError>;
  view(): StoreCheckView;
}
