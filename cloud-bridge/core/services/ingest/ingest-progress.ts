/**
 * What phones see of an ingest, and when: at most every 200 ms, and always after the last change. Only counts are kept
 * here: which files have been counted is for the catalogue to know, or a large library would be in memory once more.
 */
import type { Settled } from '#bridge/core/ports/catalogue-writer';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { INGEST_FAILURES_SHOWN_MAX, type IngestView } from '#protocol/wire/household';

const VIEW_EVERY_MS = ms(200);

export class IngestProgress {
  readonly #clock: Clock;
  readonly #listeners = new Set<(view: IngestView) => void>();
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
    this.#change({ isRunning: true, found: 0, done: 0, failed: 0, failures: [] });
  }

  folderEntered(folder: string): void {
    this.#change({ folder });
  }

  ended(): void {
    this.#change({ isRunning: false });
  }

  found(): void {
    this.#change({ found: this.#view.found + 1 });
  }

  done(count: number): void {
    if (count > 0) this.#change({ done: this.#view.done + count });
  }

  failed({ count, named }: Settled, error: TonearmError): void {
    if (count === 0) return;
    const latest = named.map((path) => ({ path, error: error.toBody() }));
    const failures = [...latest, ...this.#view.failures].slice(0, INGEST_FAILURES_SHOWN_MAX);
    this.#change({ failed: this.#view.failed + count, failures });
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
