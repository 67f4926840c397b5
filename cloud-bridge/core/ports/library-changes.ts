/** What has become of the library's files lately, for whoever watches it. */
import type { TrackId } from '#protocol/vocabulary/ids';

export type LibraryChange = {
  /** Grows by one with each change, from 1 at every start of the bridge. */
  readonly number: number;
  /** Below its music folder. */
  readonly path: string;
} & (
  | { readonly kind: 'added' | 'changed'; readonly trackId: TrackId; readonly title: string }
  | { readonly kind: 'renamed'; readonly trackId: TrackId; readonly title: string; readonly before: string }
  | { readonly kind: 'removed' }
  | { readonly kind: 'failed'; readonly reason: string }
);

/** The latest so many are remembered. */
export const LIBRARY_CHANGES_MAX = 200;

export interface LibraryChanges {
  /** Those with a higher number, oldest first. */
  after(number: number): readonly LibraryChange[];
  /** The number of the latest; 0 before the first. */
  last(): number;
}
