/**
 * A gain that moves in a straight line, so that no change of it is a click.
 *
 * 10 ms: longer than a period of 100 Hz, so the spectrum of the edge stays below what is heard as a click, and shorter
 * than what is felt as a delay.
 */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

/** Length of a full fade, and of any change of volume. */
export const FADE_FRAMES = FRAMES_PER_SECOND / 100;

export class Ramp {
  #value: number;
  #target: number;
  #step = 0;

  constructor(value: number) {
    this.#value = value;
    this.#target = value;
  }

  get value(): number {
    return this.#value;
  }

  get isMoving(): boolean {
    return this.#value !== this.#target;
  }

  /** Moves at the slope of a full fade, so that turning round half way takes half as long. */
  fadeTo(target: 0 | 1): void {
    this.#target = target;
    this.#step = (target >= this.#value ? 1 : -1) / FADE_FRAMES;
  }

  /** Gets there in the length of one fade, whatever the distance. */
  glideTo(target: number): void {
    this.#target = target;
    this.#step = (target - this.#value) / FADE_FRAMES;
  }

  jumpTo(value: number): void {
    this.#value = value;
    this.#target = value;
  }

  /** Frames that a fade to zero takes from here. */
  framesToZero(): number {
    return Math.ceil(this.#value * FADE_FRAMES);
  }

  /** The gain for the next frame. */
  next(): number {
    if (this.#value === this.#target) return this.#value;
    const moved = this.#value + this.#step;
    const hasArrived = this.#step > 0 ? moved >= this.#target : moved <= this.#target;
    // Steps of a third or so never add up exactly; the last one lands.
    this.#value = hasArrived || Math.abs(moved - this.#target) < 1e-9 ? this.#target : moved;
    return this.#value;
  }
}
