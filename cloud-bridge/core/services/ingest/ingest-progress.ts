/** What phones see of an ingest, and when: at most every 200 ms, and always after the last change. */
import type { SourceFile } from '#bridge/core/ports/folder-scanner';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { INGEST_FAILURES_SHOWN_MAX, type IngestView } from '#protocol/wire/household';

const VIEW_EVERY_MS = ms(200);

export type CountedFile = Pick<SourceFile, 'path' | 'relativePath'>;

export class IngestProgress {
  readonly #clock: Clock;
  readonly #listeners = new Set<(view: IngestView) => void>();
  /** Files of this run by path, so that one that is met twice (its folder was given twice) counts once. */
  readonly #found = new Set<string>();
  readonly #settled = new Set<string>();
  #view: IngestView = { isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] };
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  view(): IngestView {
    return this.#view;
  }

  listen(changed: (view: IngestView) => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  /** A run begins: counts start anew. */
  started(): void {
    this.#found.clear();
    this.#settled.clear();
    this.#change({ isRunning: true, found: 0, done: 0, failed: 0, failures: [] });
  }

  folderEntered(folder: string): void {
    this.#change({ folder });
  }

  ended(): void {
    this.#change({ isRunning: false });
  }

  found(file: CountedFile): void {
    if (isNew(this.#found, file)) this.#change({ found: this.#view.found + 1 });
  }

  done(file: CountedFile): void {
    if (isNew(this.#settled, file)) this.#change({ done: this.#view.done + 1 });
  }

  failed(file: CountedFile, error: TonearmError): void {
    if (!isNew(this.#settled, file)) return;
    const failure = { path: file.relativePath, error: error.toBody() };
    const failures = [failure, ...this.#view.failures].slice(0, INGEST_FAILURES_SHOWN_MAX);
    this.#change({ failed: this.#view.failed + 1, failures });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#listeners.clear();
  }

  #change(change: Partial<IngestView>): void {
    this.#view = { ...this.#view, ...change };
    this.#timer ??= this.#clock.setTimer('ingest view', VIEW_EVERY_MS, () => {
      this.#timer = null;
      for (const listener of this.#listeners) listener(this.#view);
    });
  }
}

function isNew(seen: Set<string>, file: CountedFile): boolean {
  if (seen.has(file.path)) return false;
  seen.add(file.path);
  return true;
}
