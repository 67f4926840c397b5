/**
 * Responses whose reader has not yet taken what was written. Each holds memory, so together they have a budget: who takes
 * nothing for too long is cut, and when the budget is spent, who has waited longest. Ten thousand slow readers then cost
 * what the budget says and no more.
 */
import { type Bytes, bytes, type Ms, ms } from '#protocol/vocabulary/units';

/**
 * A system tells that a reader goes on only when a third of what it holds itself has been taken, up to 1.4 MB: whoever
 * plays the lowest qualities at the speed of music needs this long for it.
 */
export const READER_STALLED_AFTER = ms(120_000);
/** What all readers together may have waiting: 500 that each hold a slice of their own. */
export const WAITING_BYTES_MAX = bytes(128 * 1024 * 1024);
/** From this share of it on, less is to wait for each: ten thousand readers then fit. */
const CROWDED_SHARE = 1 / 4;

export interface WaitingReader {
  /** Ends it at once. Called once at most, after it has been forgotten. */
  cut(): void;
}

interface Wait {
  readonly sinceMs: number;
  readonly held: readonly ArrayBufferLike[];
}

export class WaitingReaders {
  readonly #stalledAfter: Ms;
  readonly #bytesMax: Bytes;
  /** In the order in which their waits began. */
  readonly #waits = new Map<WaitingReader, Wait>();
  /** How many waits hold each: five hundred speakers that start the same track hold one slice. */
  readonly #holders = new Map<ArrayBufferLike, number>();
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

  get isCrowded(): boolean {
    return this.#bytes > this.#bytesMax * CROWDED_SHARE;
  }

  /**
   * A wait begins.
   * @param held the memory that cannot be freed before it ends, each once
   * @returns how many were cut to make room, itself among them when it is too large alone
   */
  began(reader: WaitingReader, held: readonly ArrayBufferLike[], nowMs: number): number {
    this.ended(reader);
    this.#waits.set(reader, { sinceMs: nowMs, held });
    for (const buffer of held) {
      const holders = this.#holders.get(buffer) ?? 0;
      if (holders === 0) this.#bytes += buffer.byteLength;
      this.#holders.set(buffer, holders + 1);
    }
    return this.#cutWhile(() => this.#bytes > this.#bytesMax);
  }

  /** It has taken all that waited, or is gone. Harmless when it did not wait. */
  ended(reader: WaitingReader): void {
    const wait = this.#waits.get(reader);
    if (wait === undefined) return;
    this.#waits.delete(reader);
    for (const buffer of wait.held) {
      const holders = this.#holders.get(buffer) ?? 0;
      if (holders > 1) {
        this.#holders.set(buffer, holders - 1);
        continue;
      }
      this.#holders.delete(buffer);
      this.#bytes -= buffer.byteLength;
    }
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
