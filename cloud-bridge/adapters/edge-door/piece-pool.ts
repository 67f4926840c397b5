/**
 * Buffers for the pieces that wait for slow readers, used again once the system has taken what was in them: ten thousand
 * readers otherwise leave hundreds of megabytes of them to the collector, which is late by as much.
 */

/** Kept for the next reader; 8 MiB of the largest. */
const FREE_MAX = 512;

export class PiecePool {
  readonly #free: Buffer[] = [];
  readonly sizeBytes: number;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  /** A copy of these bytes, at most `sizeBytes`, in a buffer that nobody else has until it is given back. */
  copyOf(source: Uint8Array): Buffer {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.sizeBytes);
    buffer.set(source);
    return source.length === buffer.length ? buffer : buffer.subarray(0, source.length);
  }

  /** @param piece from `copyOf`, of which nothing is to be read any more */
  giveBack(piece: Buffer): void {
    if (this.#free.length < FREE_MAX) this.#free.push(Buffer.from(piece.buffer));
  }
}
