/**
 * Two tracks at once, one going and one coming, each at the power that leaves their sum as loud as either.
 *
 * The louder of the two is the one that plays: up to the middle frames are the old track's, from there on the new one's.
 * So what is commanded is what is heard, and a skip in the first half goes to the track that is only just coming.
 */
import { FADE_FRAMES, Ramp } from './ramp.ts';
import { BLOCK_FRAMES, type TaggedVoice } from './voice.ts';

const QUARTER_TURN = Math.PI / 2;

export class Crossing {
  readonly old: TaggedVoice;
  readonly #lengthFrames: number;
  readonly #turnFrame: number;
  /** For the old voice, should its data end before the crossfade does. */
  readonly #fade = new Ramp(1);
  readonly #gains = new Float64Array(BLOCK_FRAMES);
  #done = 0;
  #isGone = false;

  constructor(old: TaggedVoice, lengthFrames: number) {
    this.old = old;
    this.#lengthFrames = lengthFrames;
    this.#turnFrame = Math.floor(lengthFrames / 2);
  }

  get isBeforeTurn(): boolean {
    return this.#done < this.#turnFrame;
  }

  get isOver(): boolean {
    return this.#done >= this.#lengthFrames;
  }

  /** Frames to the middle, or from there to the end: who is heard does not change within them. */
  get framesToTurn(): number {
    return (this.isBeforeTurn ? this.#turnFrame : this.#lengthFrames) - this.#done;
  }

  /** Gains of the next frames for the track that comes, times its own fade's; valid until the next call on this object. */
  rising(count: number, fade: Ramp): Float64Array {
    this.#turn(count, fade, 0);
    return this.#gains;
  }

  /** @returns frames that the old track can give of `count`; 0 when it has no more */
  fill(count: number): number {
    if (this.#isGone) return 0;
    const { voice } = this.old;
    voice.fill(count + FADE_FRAMES);
    if (voice.shortage === 'missing' && voice.availableFrames <= this.#fade.framesToZero() + count)
      this.#fade.fadeTo(0);
    const given = Math.min(count, voice.availableFrames);
    if (given === 0) this.#isGone = true;
    return given;
  }

  /** Adds the old track's next `count` frames, which `fill` has found. */
  addFalling(out: Float32Array, offsetFrames: number, count: number): void {
    // A piece may have both the end of the fade and silence after it.
    for (let done = 0; done < count; ) {
      const piece = Math.min(count - done, this.#fade.framesLeft);
      this.#turn(piece, this.#fade, QUARTER_TURN, done);
      this.old.voice.add(out, offsetFrames + done, piece, this.#gains);
      this.#fade.advance(piece);
      done += piece;
    }
  }

  advance(count: number): void {
    this.#done += count;
  }

  close(): void {
    this.old.voice.close();
  }

  /** Sines of the angles of the next frames, from `angle` on: 0 is the one that comes, a quarter turn the one that goes. */
  #turn(count: number, fade: Ramp, angle: number, offset = 0): void {
    let level = fade.value;
    const step = fade.step;
    for (let frame = 0; frame < count; frame += 1) {
      level += step;
      const done = (this.#done + offset + frame + 0.5) / this.#lengthFrames;
      this.#gains[frame] = level * Math.sin(angle + done * QUARTER_TURN);
    }
  }
}
