/**
 * What was written to the device, so that what is heard can be told from how many frames have been heard.
 *
 * Positions and events are those of the loudspeaker, not of the mixer, which is ahead by the device's buffer.
 */
import { type Frames, frames } from '#protocol/vocabulary/units';
import type { PlayTag } from './play-tag.ts';

/** Stretches not heard yet. One is added by each seek, pause or track; a device's buffer holds a handful. */
const STRETCHES_MAX = 1_024;

interface Stretch {
  readonly fromFrame: number;
  readonly tag: PlayTag;
  readonly positionFrames: number;
  countFrames: number;
  hasBegun: boolean;
}

export interface HeardPlace {
  readonly tag: PlayTag;
  readonly positionFrames: Frames;
  /** False when everything written has been heard. */
  readonly isSounding: boolean;
}

export class Timeline {
  #stretches: Stretch[] = [];
  #writtenFrames = 0;
  #heardFrames = 0;

  get writtenFrames(): number {
    return this.#writtenFrames;
  }

  get isAllHeard(): boolean {
    return this.#heardFrames >= this.#writtenFrames;
  }

  /** @param tag null for frames that belong to nothing any more */
  append(tag: PlayTag | null, positionFrames: number | null, countFrames: number): void {
    const last = this.#stretches.at(-1);
    if (tag !== null && positionFrames !== null) {
      const goesOn =
        last !== undefined &&
        last.tag === tag &&
        last.fromFrame + last.countFrames === this.#writtenFrames &&
        last.positionFrames + last.countFrames === positionFrames;
      if (goesOn) last.countFrames += countFrames;
      else this.#push(tag, positionFrames, countFrames);
    }
    this.#writtenFrames += countFrames;
  }

  /**
   * The loudspeaker has come to `heardFrames` (never back).
   * @param began called once for each tag whose first frame has now been heard
   */
  advance(heardFrames: number, began: (tag: PlayTag) => void): void {
    this.#heardFrames = Math.min(this.#writtenFrames, Math.max(this.#heardFrames, heardFrames));
    // The last one heard stays: it says where the loudspeaker stands while nothing plays.
    while (this.#stretches.length > 1 && (this.#stretches[1]?.fromFrame ?? 0) < this.#heardFrames) {
      // Before it goes, so that whoever is told finds it as the place, and not what follows it.
      this.#announce(this.#stretches[0], began);
      this.#stretches.shift();
    }
    this.#announce(this.#stretches[0], began);
  }

  /** Null when nothing has been heard since `forget`. */
  place(): HeardPlace | null {
    const stretch = this.#stretches[0];
    if (stretch === undefined || stretch.fromFrame >= this.#heardFrames) return null;
    const into = Math.min(stretch.countFrames, this.#heardFrames - stretch.fromFrame);
    return { tag: stretch.tag, positionFrames: frames(stretch.positionFrames + into), isSounding: !this.isAllHeard };
  }

  /** What was written and not heard never will be. */
  forget(): void {
    this.#stretches = [];
    this.#heardFrames = this.#writtenFrames;
  }

  #announce(stretch: Stretch | undefined, began: (tag: PlayTag) => void): void {
    if (stretch === undefined || stretch.hasBegun || stretch.fromFrame >= this.#heardFrames) return;
    stretch.hasBegun = true;
    began(stretch.tag);
  }

  #push(tag: PlayTag, positionFrames: number, countFrames: number): void {
    const hasBegun = this.#stretches.some((stretch) => stretch.tag === tag && stretch.hasBegun);
    this.#stretches.push({ fromFrame: this.#writtenFrames, tag, positionFrames, countFrames, hasBegun });
    if (this.#stretches.length > STRETCHES_MAX) this.#stretches.shift();
  }
}
