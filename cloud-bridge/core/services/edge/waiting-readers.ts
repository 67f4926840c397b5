/**
 * Responses whose reader has not yet taken what was written. Each holds memory, so together they have a budget: who takes
 * nothing for too long is cut, and when the budget is spent, who has waited longest. Ten thousand slow readers then cost
 * what the budget says and no more.
 */
import { type Bytes, bytes, type Ms, ms } from '#protocol/vocabulary/units';

/** A reader that takes less than one piece in this time is slower than the lowest quality plays. */
export const READER_STALLED_AFTER = ms(20_000);
/** What all readers together may have waiting: 8,000 that each hold a piece, or 500 that each hold a slice. */
export const WAITING_BYTES_MAX = bytes(128 * 1024 * 1024);

export interface WaitingReader {
  /** Ends it at once. Called once at most, after it has been forgotten. */
  cut(): void;
}

interface Wait {
  readonly sinceMs: number;
  readonly heldBytes: number;
}

export class WaitingReaders {
  readonly #stalledAfter: Ms;
  readonly #bytesMax: Bytes;
  /** In the order in which their waits began. */
  readonly #waits = new Map<WaitingReader, Wait>();
  #bytes = 0;

  constructor(limits: { readonly stalledAfter: Ms; readonly bytesMax: Bytes }) {
    this.#stalledAfter = limits.stalledAfter;
    this.#bytesMax = limits.bytesMax;
  }

  get count(): number {
    return this.#waits.size;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /** A wait begins. @returns how many were cut to make room, itself among them when it is too large alone */
  began(reader: WaitingReader, heldBytes: Bytes, nowMs: number): number {
    this.ended(reader);
    this.#waits.set(reader, { sinceMs: nowMs, heldBytes });
    this.#bytes += heldBytes;
    return this.#cutWhile(() => this.#bytes > this.#bytesMax);
  }

  /** It has taken all that waited, or is gone. Harmless when it did not wait. */
  ended(reader: WaitingReader): void {
    const wait = this.#waits.get(reader);
    if (wait === undefined) return;
    this.#waits.delete(reader);
    this.#bytes -= wait.heldBytes;
  }

  /** To be called now and then. @returns how many were cut because they stalled */
  cutStalled(nowMs: number): number {
    return this.#cutWhile((wait) => nowMs - wait.sinceMs >= this.#stalledAfter);
  }

  /** Oldest first, which is also the order of their waits' ages. */
  #cutWhile(isToGo: (wait: Wait) => boolean): number {
    let cut = 0;
    for (const [reader, wait] of this.#waits) {
      if (!isToGo(wait)) break;
      this.ended(reader);
      reader.cut();
      cut += 1;
    }
    return cut;
  }
}
