/**
 * What was mixed for the device, so that what is heard can be told from how many frames have been heard.
 *
 * Positions and events are those of the loudspeaker, not of the mixer, which is ahead by the device's buffer.
 */
import { type Frames, frames } from '#protocol/vocabulary/units';
import type { PlayTag } from './play-tag.ts';

/** Stretches not heard yet. One is added by each seek or track; a device's buffer holds a handful. */
const STRETCHES_MAX = 1_024;

interface Stretch {
  readonly fromFrame: number;
  readonly tag: PlayTag;
  readonly positionFrames: number;
  countFrames: number;
  hasBegun: boolean;
}

export interface TimelinePlace {
  readonly tag: PlayTag;
  readonly positionFrames: Frames;
}

export class Timeline {
  #stretches: Stretch[] = [];
  #mixedFrames = 0;
  #heardFrames = 0;

  get mixedFrames(): number {
    return this.#mixedFrames;
  }

  get heardFrames(): number {
    return this.#heardFrames;
  }

  get isAllHeard(): boolean {
    return this.#heardFrames >= this.#mixedFrames;
  }

  /** @param tag null for frames that belong to nothing any more */
  append(tag: PlayTag | null, positionFrames: number | null, countFrames: number): void {
    const last = this.#stretches.at(-1);
    if (tag !== null && positionFrames !== null) {
      const goesOn =
        last !== undefined &&
        last.tag === tag &&
        last.fromFrame + last.countFrames === this.#mixedFrames &&
        last.positionFrames + last.countFrames === positionFrames;
      if (goesOn) last.countFrames += countFrames;
      else this.#push(tag, positionFrames, countFrames);
    }
    this.#mixedFrames += countFrames;
  }

  /** Frames from `frame` on (counted from the opening) will not be heard after all: others take their place. */
  truncate(frame: number): void {
    this.#mixedFrames = Math.min(this.#mixedFrames, frame);
    for (let last = this.#stretches.at(-1); last !== undefined; last = this.#stretches.at(-1)) {
      if (last.fromFrame < frame) {
        last.countFrames = Math.min(last.countFrames, frame - last.fromFrame);
        return;
      }
      this.#stretches.pop();
    }
  }

  /**
   * The loudspeaker has come to `heardFrames` (never back).
   * @param began called once for each tag whose first frame has now been heard
   */
  advance(heardFrames: number, began: (tag: PlayTag) => void): void {
    this.#heardFrames = Math.max(this.#heardFrames, Math.min(this.#mixedFrames, heardFrames));
    // The last one heard stays: it says where the loudspeaker stands while nothing plays.
    while (this.#stretches.length > 1 && (this.#stretches[1]?.fromFrame ?? 0) < this.#heardFrames) {
      // Before it goes, so that whoever is told finds it as the place, and not what follows it.
      this.#announce(this.#stretches[0], began);
      this.#stretches.shift();
    }
    this.#announce(this.#stretches[0], began);
  }

  /** Where the loudspeaker is; null when nothing has been heard since `reset`. */
  place(): TimelinePlace | null {
    const stretch = this.#stretches[0];
    if (stretch === undefined || stretch.fromFrame >= this.#heardFrames) return null;
    return placeIn(stretch, this.#heardFrames);
  }

  /** Frames until something new is heard; null: nothing new has been mixed. */
  framesToNext(): number | null {
    const next = this.#stretches.find(({ hasBegun, fromFrame }) => !hasBegun && fromFrame >= this.#heardFrames);
    return next === undefined ? null : next.fromFrame + 1 - this.#heardFrames;
  }

  /** What the frame `frame`, heard or not, belongs to: its tag and its own position; null when to nothing. */
  placeAt(frame: number): TimelinePlace | null {
    const stretch = this.#stretches.findLast(({ fromFrame }) => fromFrame <= frame);
    if (stretch === undefined || frame >= stretch.fromFrame + stretch.countFrames) return null;
    return placeIn(stretch, frame);
  }

  /** Counts from 0 again: what was not heard never will be. */
  reset(): void {
    this.#stretches = [];
    this.#mixedFrames = 0;
    this.#heardFrames = 0;
  }

  #announce(stretch: Stretch | undefined, began: (tag: PlayTag) => void): void {
    if (stretch === undefined || stretch.hasBegun || stretch.fromFrame >= this.#heardFrames) return;
    stretch.hasBegun = true;
    began(stretch.tag);
  }

  #push(tag: PlayTag, positionFrames: number, countFrames: number): void {
    const hasBegun = this.#stretches.some((stretch) => stretch.tag === tag && stretch.hasBegun);
    this.#stretches.push({ fromFrame: this.#mixedFrames, tag, positionFrames, countFrames, hasBegun });
    if (this.#stretches.length > STRETCHES_MAX) this.#stretches.shift();
  }
}

function placeIn({ tag, fromFrame, positionFrames, countFrames }: Stretch, frame: number): TimelinePlace {
  return { tag, positionFrames: frames(positionFrames + Math.min(countFrames, frame - fromFrame)) };
}
