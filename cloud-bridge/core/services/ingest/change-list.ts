/** Writes down what scans find, the latest of it, and knows a renamed file by its music. */
import { LIBRARY_CHANGES_MAX, type LibraryChange, type LibraryChanges } from '#bridge/core/ports/library-changes';
import type { TrackId } from '#protocol/vocabulary/ids';

type Found =
  | { readonly kind: 'added' | 'changed'; readonly path: string; readonly trackId: TrackId; readonly title: string }
  | { readonly kind: 'failed'; readonly path: string; readonly reason: string };

export class ChangeList implements LibraryChanges {
  #changes: LibraryChange[] = [];
  #last = 0;
  /** Of the scan that goes on; told when it is over, since a file that is new may be one that was renamed. */
  #found: Found[] = [];

  after(number: number): readonly LibraryChange[] {
    return this.#changes.filter((change) => change.number > number);
  }

  last(): number {
    return this.#last;
  }

  found(change: Found): void {
    this.#found = [...this.#found, change].slice(-LIBRARY_CHANGES_MAX);
  }

  /** A scan is over. @param gone paths that are there no more, with the track that each gave */
  scanned(gone: readonly { readonly path: string; readonly trackId: TrackId | null }[]): void {
    const left = new Map(gone.map(({ path, trackId }) => [path, trackId]));
    for (const found of this.#found) {
      const before = found.kind === 'added' ? [...left].find(([, id]) => id === found.trackId)?.[0] : undefined;
      if (before !== undefined) left.delete(before);
      if (found.kind === 'added' && before !== undefined) this.#put({ ...found, kind: 'renamed', before });
      else this.#put(found);
    }
    for (const path of left.keys()) this.#put({ kind: 'removed', path });
    this.#found = [];
  }

  #put(change: WithoutNumber<LibraryChange>): void {
    this.#last += 1;
    this.#changes = [...this.#changes, { ...change, number: this.#last }].slice(-LIBRARY_CHANGES_MAX);
  }
}

type WithoutNumber<Change> = Change extends unknown ? Omit<Change, 'number'> : never;
