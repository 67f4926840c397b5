/**
 * What has been mixed and may not have been heard yet, so that a change can be made to it after all.
 *
 * A ring of programme frames, before volume: those at the front are in the device, those behind wait to be put out. Frames
 * are counted from the opening of the device, as in the timeline. What is taken back from the device waits again, with
 * nothing decoded twice and nothing lost. Beside each frame stands the gain that it was put out with, since what is put
 * out in its place must begin there.
 */
import { FADE_FRAMES } from '../mix/ramp.ts';

const CHANNELS = 2;

export class UnheardSound {
  readonly capacityFrames: number;
  /** Interleaved; frame f is at f modulo the capacity. */
  readonly samples: Float32Array;
  readonly #gains: Float64Array;
  #mixedFrames = 0;
  #sentFrames = 0;

  constructor(capacityFrames: number) {
    this.capacityFrames = capacityFrames;
    this.samples = new Float32Array(capacityFrames * CHANNELS);
    this.#gains = new Float64Array(capacityFrames);
  }

  /** Frames ever given to the device and not taken back. */
  get sentFrames(): number {
    return this.#sentFrames;
  }

  /** Frames that wait to be put out. */
  get waitingFrames(): number {
    return this.#mixedFrames - this.#sentFrames;
  }

  /** Most that can be taken back: older frames have been written over. */
  get reachFrames(): number {
    return Math.min(this.#sentFrames, this.capacityFrames - this.waitingFrames);
  }

  /** Where in `samples` the next frame to be put out is. */
  get nextIndex(): number {
    return this.#sentFrames % this.capacityFrames;
  }

  /** Waiting frames that lie in a row in `samples`. */
  get nextRunFrames(): number {
    return Math.min(this.waitingFrames, this.capacityFrames - this.nextIndex);
  }

  /** Gain that the last frame was put out with; 0 before the first, and after a cut. */
  get lastGain(): number {
    return this.#sentFrames === 0 ? 0 : (this.#gains[(this.#sentFrames - 1) % this.capacityFrames] ?? 0);
  }

  /** @param from interleaved, its first `count` frames */
  append(from: Float32Array, count: number): void {
    for (let done = 0; done < count; ) {
      const at = (this.#mixedFrames + done) % this.capacityFrames;
      const run = Math.min(count - done, this.capacityFrames - at);
      for (let index = 0; index < run * CHANNELS; index += 1) {
        this.samples[at * CHANNELS + index] = from[done * CHANNELS + index] ?? 0;
      }
      done += run;
    }
    this.#mixedFrames += count;
  }

  /** The device took the next `count` frames, the first of them times `first`, each with `step` more. */
  sent(count: number, first: number, step: number): void {
    const at = this.#sentFrames % this.capacityFrames;
    const toEnd = Math.min(count, this.capacityFrames - at);
    if (step === 0) {
      // Almost always: filled at once, it costs nothing.
      this.#gains.fill(first, at, at + toEnd);
      this.#gains.fill(first, 0, count - toEnd);
    } else {
      let gain = first;
      for (let frame = 0; frame < count; frame += 1) {
        this.#gains[frame < toEnd ? at + frame : frame - toEnd] = gain;
        gain += step;
      }
    }
    this.#sentFrames += count;
  }

  /** The device gave the newest `count` frames back; they wait again. */
  takenBack(count: number): void {
    this.#sentFrames -= Math.min(count, this.reachFrames);
  }

  /** The sound was cut here: what follows begins from silence. */
  cut(): void {
    if (this.#sentFrames > 0) this.#gains[(this.#sentFrames - 1) % this.capacityFrames] = 0;
  }

  /** Forgets what waits but for the next `count` frames. */
  keep(count: number): void {
    this.#mixedFrames = this.#sentFrames + Math.min(count, this.waitingFrames);
  }

  /** Lets all that waits fall to nothing, over its whole length. */
  fadeOut(): void {
    const length = this.waitingFrames;
    for (let frame = 0; frame < length; frame += 1) {
      const index = ((this.#sentFrames + frame) % this.capacityFrames) * CHANNELS;
      const gain = 1 - (frame + 1) / length;
      this.samples[index] = (this.samples[index] ?? 0) * gain;
      this.samples[index + 1] = (this.samples[index + 1] ?? 0) * gain;
    }
  }

  /** Puts what comes under what waits: `count` frames rising from nothing over a fade's length, the first with the next frame to be put out. */
  fadeInUnder(from: Float32Array, count: number): void {
    const waiting = this.waitingFrames;
    for (let frame = 0; frame < count; frame += 1) {
      const index = ((this.#sentFrames + frame) % this.capacityFrames) * CHANNELS;
      const gain = Math.min(1, (frame + 1) / FADE_FRAMES);
      const isUnder = frame < waiting;
      const left = (from[frame * CHANNELS] ?? 0) * gain;
      const right = (from[frame * CHANNELS + 1] ?? 0) * gain;
      this.samples[index] = (isUnder ? (this.samples[index] ?? 0) : 0) + left;
      this.samples[index + 1] = (isUnder ? (this.samples[index + 1] ?? 0) : 0) + right;
    }
    this.#mixedFrames = this.#sentFrames + Math.max(waiting, count);
  }

  /** Counts from 0 again: the device was closed. */
  reset(): void {
    this.#mixedFrames = 0;
    this.#sentFrames = 0;
  }
}
