/**
 * What sinks have in common whose output only takes bytes (a pipe, another process): sound waits in a paced buffer, where
 * it can be taken back, and is handed over by the clock. How it is handed over, and to whom, is each one's own.
 */
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, ms } from '#protocol/vocabulary/units';
import { PacedBuffer, type PacedBufferShape } from './paced-buffer.ts';

/** What such a device claims as its period. */
export const PACED_PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
const HAND_OVER_EVERY_MS = ms(10);

export abstract class PacedSink implements AudioSink {
  abstract readonly name: string;
  protected readonly clock: Clock;
  #buffer: PacedBuffer | null = null;
  #timer: Timer | null = null;

  protected constructor(clock: Clock) {
    this.clock = clock;
  }

  abstract open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>>;
  abstract close(): Promise<void>;

  /** Passes on what is due in the buffer. Called after each write and every 10 ms while paced. */
  protected abstract handOver(buffer: PacedBuffer): void;

  writableFrames(): Frames {
    return this.#buffer?.room() ?? frames(0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    const taken = this.#buffer?.write(samples, count) ?? frames(0);
    if (taken > 0) this.handOverNow();
    // Handing over may have found that the other side is gone.
    return this.#buffer === null ? frames(0) : taken;
  }

  delay(): AudioSinkDelay {
    return { delayFrames: this.#buffer?.waiting() ?? frames(0), atUs: this.clock.nowUs() };
  }

  rewind(count: Frames): Frames {
    return this.#buffer?.rewind(count) ?? frames(0);
  }

  drop(): Frames {
    return this.#buffer?.drop() ?? frames(0);
  }

  underruns(): number {
    return this.#buffer?.underruns ?? 0;
  }

  async drain(): Promise<void> {
    await this.#buffer?.drain();
  }

  /** Begins to hand over by the clock. @returns what the device grants */
  protected startPacing(shape: PacedBufferShape): AudioSinkGrant {
    this.#buffer = new PacedBuffer(this.clock, shape);
    this.#armTimer();
    return {
      rate: hz(FRAMES_PER_SECOND),
      channels: 2,
      bufferFrames: shape.capacity,
      periodFrames: PACED_PERIOD_FRAMES,
      sampleBits: shape.sampleBits,
      canRewind: true,
    };
  }

  /** Who waits for a drain is told. Twice is harmless. */
  protected stopPacing(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const buffer = this.#buffer;
    this.#buffer = null;
    buffer?.close();
  }

  protected handOverNow(): void {
    if (this.#buffer !== null) this.handOver(this.#buffer);
  }

  #armTimer(): void {
    this.#timer = this.clock.setTimer('sink.hand-over', HAND_OVER_EVERY_MS, () => {
      this.handOverNow();
      if (this.#buffer !== null) this.#armTimer();
    });
  }
}
