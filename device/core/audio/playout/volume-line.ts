/**
 * The gain between programme and device: the volume, or nothing during a pause. It goes from what was heard last to what
 * is wanted in a fade's length, so that neither is a click.
 */
import { FADE_FRAMES } from '../mix/ramp.ts';

export class VolumeLine {
  #from = 0;
  #to = 0;
  #startFrame = 0;
  #lengthFrames = FADE_FRAMES;
  /** For the frame last asked for, and what each one after it has more. */
  first = 0;
  step = 0;

  /** The frame after the way is gone. */
  get endFrame(): number {
    return this.#from === this.#to ? this.#startFrame : this.#startFrame + this.#lengthFrames;
  }

  /** Moves from `from` to `to` within `lengthFrames`, beginning with the frame `frame`, which may be still to come. */
  move(from: number, to: number, frame: number, lengthFrames: number = FADE_FRAMES): void {
    this.#from = from;
    this.#to = to;
    this.#startFrame = frame;
    this.#lengthFrames = lengthFrames;
  }

  /** Sets `first` and `step` for the frames from `frame` on. @returns frames for which they hold */
  take(frame: number): number {
    const gone = frame - this.#startFrame;
    if (gone < 0) {
      this.first = this.#from;
      this.step = 0;
      return -gone;
    }
    if (frame >= this.endFrame) {
      this.first = this.#to;
      this.step = 0;
      return Number.POSITIVE_INFINITY;
    }
    this.step = (this.#to - this.#from) / this.#lengthFrames;
    this.first = this.#from + this.step * (gone + 1);
    return this.#lengthFrames - gone;
  }
}
