/** A track that is one level all along: whatever a mixer makes of it is its gain. It has as much of it as it is told. */
import type { PcmBlock, ReadOutcome } from '#device/core/audio/decode/pcm-block';
import type { TrackReader } from '#device/core/audio/decode/track-reader';
import { frames } from '#protocol/vocabulary/units';

const PACKET_FRAMES = 960;

export class ToneReader implements TrackReader {
  closings = 0;
  readonly durationFrames: number;
  readonly #level: number;
  readonly #after: 'missing' | 'ended';
  #left: number;
  #at = 0;

  /**
   * @param packets held, of 20 ms each
   * @param after what comes behind them
   * @param ofPackets how many the track has
   */
  constructor(level: number, packets: number, after: 'missing' | 'ended', ofPackets = packets) {
    this.#level = level;
    this.#left = packets;
    this.#after = after;
    this.durationFrames = ofPackets * PACKET_FRAMES;
  }

  arrive(packets: number): void {
    this.#left += packets;
  }

  read(): ReadOutcome {
    if (this.#left === 0) return { kind: this.#after };
    this.#left -= 1;
    this.#at += PACKET_FRAMES;
    const block: PcmBlock = {
      samples: new Float32Array(PACKET_FRAMES * 2).fill(this.#level),
      offsetFrames: 0,
      countFrames: PACKET_FRAMES,
      positionFrames: frames(this.#at - PACKET_FRAMES),
      isConcealed: false,
    };
    return { kind: 'block', block };
  }

  segment(): number {
    return 0;
  }

  close(): void {
    this.closings += 1;
  }
}
