/**
 * Watches a client's bytes for how many packets they are and how long each says that it is, before the broker's parser
 * sees them: that one gathers whatever length a head announces, up to 256 MB. MQTT 3.1.1, section 2.2.
 */

/** Bytes of a remaining length; a fifth is malformed. */
const LENGTH_BYTES_MAX = 4;
const CONTINUES = 0x80;
const BITS_PER_BYTE = 7;

export type FrameVerdict = 'fine' | 'too-large' | 'too-many' | 'malformed';

export interface FrameGuardOptions {
  readonly packetBytesMax: number;
  /** Asked once for each packet; false when there have been too many. */
  readonly spend: () => boolean;
}

export class FrameGuard {
  readonly #options: FrameGuardOptions;
  /** Bytes of the present packet's body that have not come. */
  #bodyLeft = 0;
  /** Null between packets; else what of the length has been read. */
  #head: { length: number; bytes: number } | null = null;

  constructor(options: FrameGuardOptions) {
    this.#options = options;
  }

  /** The next bytes, in order. After anything but `fine` the connection is to be cut. */
  take(chunk: Uint8Array): FrameVerdict {
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const skipped = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= skipped;
        at += skipped;
        continue;
      }
      const verdict = this.#takeHeadByte(chunk[at] ?? 0);
      if (verdict !== 'fine') return verdict;
      at += 1;
    }
    return 'fine';
  }

  #takeHeadByte(byte: number): FrameVerdict {
    if (this.#head === null) {
      this.#head = { length: 0, bytes: 0 };
      return this.#options.spend() ? 'fine' : 'too-many';
    }
    const head = this.#head;
    head.length += (byte & ~CONTINUES) * 2 ** (BITS_PER_BYTE * head.bytes);
    head.bytes += 1;
    if (head.length > this.#options.packetBytesMax) return 'too-large';
    if ((byte & CONTINUES) !== 0) return head.bytes < LENGTH_BYTES_MAX ? 'fine' : 'malformed';
    this.#bodyLeft = head.length;
    this.#head = null;
    return 'fine';
  }
}
