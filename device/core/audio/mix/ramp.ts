/**
 * A gain that moves in a straight line, so that no change of it is a click. It moves by whole stretches of frames: whoever
 * mixes asks where it is and how much it moves per frame, and says how many frames it took.
 *
 * 10 ms: longer than a period of 100 Hz, so the spectrum of the edge stays below what is heard as a click, and shorter
 * than what is felt as a delay.
 */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

/** Length of a full fade, and of any change of volume. */
export const FADE_FRAMES = FRAMES_PER_SECOND / 100;
const STEP = 1 / FADE_FRAMES;

export class Ramp {
  #value: number;
  #target: number;

  constructor(value: 0 | 1) {
    this.#value = value;
    this.#target = value;
  }

  get value(): number {
    return this.#value;
  }

  /** What each next frame has more than the one before. */
  get step(): number {
    if (this.#value === this.#target) return 0;
    return this.#target > this.#value ? STEP : -STEP;
  }

  /** Frames for which `step` holds; endless when it stands. */
  get framesLeft(): number {
    if (this.#value === this.#target) return Number.POSITIVE_INFINITY;
    return Math.ceil(Math.abs(this.#target - this.#value) * FADE_FRAMES - 1e-6);
  }

  /** Moves at the slope of a full fade, so that turning round half way takes half as long. */
  fadeTo(target: 0 | 1): void {
    this.#target = target;
  }

  jumpTo(value: 0 | 1): void {
    this.#value = value;
    this.#target = value;
  }

  /** Frames that a fade to zero takes from here. */
  framesToZero(): number {
    return Math.ceil(this.#value * FADE_FRAMES - 1e-6);
  }

  /** @param count frames taken, at most `framesLeft` */
  advance(count: number): void {
    // Steps of a third or so never add up exactly; the last one lands.
    if (count >= this.framesLeft) this.#value = this.#target;
    else this.#value += this.step * count;
  }
}
