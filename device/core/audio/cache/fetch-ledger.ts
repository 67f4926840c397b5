/**
 * Counts what was fetched and not heard: speed that is bought with bytes must show its price. A segment is heard when it
 * is opened to be decoded.
 */
import type { FileId } from '#protocol/vocabulary/ids';

/** Segments of which it is not known yet; what is still unheard when it is pushed out stays counted as such for good. */
export const UNHEARD_SEGMENTS_MAX = 4_096;

export class FetchLedger {
  /** Bytes of each, oldest first. */
  readonly #waiting = new Map<string, number>();
  #unheardBytes = 0;

  /** Of all that was fetched since the start. */
  get unheardBytes(): number {
    return this.#unheardBytes;
  }

  fetched(fileId: FileId, segment: number, sizeBytes: number): void {
    const place = `${fileId}/${segment}`;
    this.#unheardBytes += sizeBytes;
    // Fetched again before it was heard: the first time was for nothing.
    this.#waiting.delete(place);
    this.#waiting.set(place, sizeBytes);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= UNHEARD_SEGMENTS_MAX) break;
      this.#waiting.delete(oldest);
    }
  }

  heard(fileId: FileId, segment: number): void {
    const place = `${fileId}/${segment}`;
    this.#unheardBytes -= this.#waiting.get(place) ?? 0;
    this.#waiting.delete(place);
  }
}
