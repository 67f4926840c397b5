/** The mixer through the limiter, by the frame: asked for some, it gives them, or fewer when nothing more is there. */
import { LIMITER_HOLD_FRAMES, TruePeakLimiter } from '../mix/limiter.ts';
import type { Mixer } from '../mix/mixer.ts';
import { BLOCK_FRAMES, type TaggedVoice } from '../mix/voice.ts';

const CHANNELS = 2;

/** Room that `render` needs behind what was asked for: sound goes through in blocks, and ends with what the limiter held. */
export const PROGRAMME_EXTRA_FRAMES = BLOCK_FRAMES + LIMITER_HOLD_FRAMES;

export class Programme {
  readonly #mixer: Mixer;
  readonly #limiter = new TruePeakLimiter();
  readonly #mixed = new Float32Array(BLOCK_FRAMES * CHANNELS);

  constructor(mixer: Mixer) {
    this.#mixer = mixer;
  }

  /**
   * @param to interleaved, written from `offsetFrames` on, with room for PROGRAMME_EXTRA_FRAMES beyond `count`
   * @param isEndOpen whether the following track may be taken when this one ends
   * @param waitsAfter frames after which what is missing may come later, so that nothing needs to fade out for it yet
   * @returns frames given, at least one unless there is nothing more for now; where the sound ends, all that the limiter held
   */
  render(
    to: Float32Array,
    offsetFrames: number,
    count: number,
    isEndOpen: boolean,
    waitsAfter = Number.POSITIVE_INFINITY,
  ): number {
    let given = 0;
    while (given < count) {
      const wanted = Math.min(BLOCK_FRAMES, count - given + LIMITER_HOLD_FRAMES - this.#limiter.heldFrames);
      const mixed = this.#mixer.render(this.#mixed, wanted, isEndOpen, waitsAfter - given);
      given += this.#limiter.process(this.#mixed, mixed, to, offsetFrames + given);
      if (mixed < wanted && this.isShort) return given;
      if (mixed < wanted) return given + this.#limiter.flush(to, offsetFrames + given);
    }
    return given;
  }

  /** More may come in time: the sound has not ended. */
  get isShort(): boolean {
    return this.#mixer.status === 'short';
  }

  /** From now on `next`; what was before is forgotten. */
  replace(next: TaggedVoice | null): void {
    this.#mixer.replace(next);
    this.#limiter.reset();
  }
}
