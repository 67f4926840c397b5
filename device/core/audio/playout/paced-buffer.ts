/**
 * A device's buffer for outputs that only take bytes (a pipe, another process): sound waits here, where it can be taken
 * back, and is handed over by the clock, a little before it is due.
 */
import type { SampleBits, SinkSamples } from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import { type Frames, frames } from '#protocol/vocabulary/units';
import { ClockedQueue } from './clocked-queue.ts';

const CHANNELS = 2;

export interface PacedBufferShape {
  readonly capacity: Frames;
  /** How long before it is due sound is handed over; from then on it is out of reach. */
  readonly lead: Frames;
  readonly sampleBits: SampleBits;
}

/** Keeps time as a sound card does (ClockedQueue) and keeps the samples that are not handed over. */
export class PacedBuffer {
  readonly #queue: ClockedQueue;
  readonly #lead: number;
  readonly #capacity: number;
  readonly #samples: SinkSamples;
  /** Frames since the opening, those taken back not counted. */
  #written = 0;
  #handedOver = 0;

  constructor(clock: Clock, shape: PacedBufferShape) {
    this.#queue = new ClockedQueue(clock, shape.capacity);
    this.#lead = shape.lead;
    this.#capacity = shape.capacity;
    const length = shape.capacity * CHANNELS;
    this.#samples = shape.sampleBits === 16 ? new Int16Array(length) : new Int32Array(length);
  }

  /** Called often enough by whoever hands over; what is late to be handed over takes up room until it is. */
  room(): Frames {
    return frames(Math.min(this.#queue.room(), this.#capacity - (this.#written - this.#handedOver)));
  }

  waiting(): Frames {
    return this.#queue.waiting();
  }

  get underruns(): number {
    return this.#queue.underruns;
  }

  /** @returns frames taken, at most `room()` */
  write(samples: SinkSamples, count: number): Frames {
    const taken = Math.min(count, this.room());
    for (let done = 0; done < taken; ) {
      const at = (this.#written + done) % this.#capacity;
      const now = Math.min(taken - done, this.#capacity - at);
      this.#samples.set(samples.subarray(done * CHANNELS, (done + now) * CHANNELS), at * CHANNELS);
      done += now;
    }
    this.#written += taken;
    this.#queue.push(taken);
    return frames(taken);
  }

  rewind(count: number): Frames {
    const taken = this.#queue.rewind(Math.min(count, this.#written - this.#handedOver));
    this.#written -= taken;
    return taken;
  }

  /** @returns frames thrown away; of those, what was handed over already is heard all the same */
  drop(): Frames {
    const dropped = this.#queue.drop();
    this.#written = Math.max(this.#handedOver, this.#written - dropped);
    this.#handedOver = this.#written;
    return dropped;
  }

  /**
   * What is due and lies in one piece, as a view that the next write may overwrite; empty when nothing is due. Call
   * `handOver` with what was taken of it, and ask again.
   */
  due(): SinkSamples {
    const played = this.#written - this.#queue.waiting();
    const until = Math.min(this.#written, played + this.#lead);
    const at = this.#handedOver % this.#capacity;
    const count = Math.max(0, Math.min(until - this.#handedOver, this.#capacity - at));
    return this.#samples.subarray(at * CHANNELS, (at + count) * CHANNELS);
  }

  handOver(count: number): void {
    this.#handedOver += count;
  }

  drain(): Promise<void> {
    return this.#queue.drain();
  }

  close(): void {
    this.#queue.close();
  }
}
