/**
 * Voices to one stream, before volume: the track that plays, and the one that it fades over from.
 *
 * What runs dry fades out before its data ends and in again when it goes on. At a track's end the next one's first frame
 * follows its last, or both sound together for a while (equal power, so that unlike music stays as loud). Changes by
 * people (pause, seek, skip, volume) are not made here but in playout, where what has already been mixed can still be
 * changed. Nothing is allocated per block.
 */
import type { Frames } from '#protocol/vocabulary/units';
import type { PlayTag } from '../playout/play-tag.ts';
import { Crossing } from './crossing.ts';
import { FADE_FRAMES, Ramp } from './ramp.ts';
import type { TaggedVoice, Voice } from './voice.ts';

export interface MixerListener {
  /** The voice was read to its end, or to where a crossfade begins: what follows it, or null for nothing yet. */
  following(): TaggedVoice | null;
  /** How many frames before the track's end what follows should begin; 0: after it. Asked only near the end. */
  crossfadeFrames(): number;
  /** The next `count` frames rendered belong to `tag`; null when they are only the rest of something left. */
  rendered(tag: PlayTag | null, positionFrames: Frames | null, count: number): void;
}

/** Why the last block was not full, or that it was; `short`: it need not fade out yet, what is missing may still come in time. */
export type MixerStatus = 'sounding' | 'short' | 'starved' | 'ended' | 'empty';

export class Mixer {
  readonly #listener: MixerListener;
  readonly #crossfadeFramesMax: number;
  #main: TaggedVoice | null = null;
  #fade = new Ramp(1);
  #crossing: Crossing | null = null;
  /** Ran dry: waits until it is told that enough has arrived, so that it does not stutter. */
  #isHeld = false;
  #isEndOpen = false;
  #mayWait = false;
  #status: MixerStatus = 'empty';

  /** @param options.crossfadeFramesMax longest crossfade that `crossfadeFrames` will ask for */
  constructor(listener: MixerListener, options: { readonly crossfadeFramesMax: number }) {
    this.#listener = listener;
    this.#crossfadeFramesMax = options.crossfadeFramesMax;
  }

  get status(): MixerStatus {
    return this.#status;
  }

  get main(): TaggedVoice | null {
    return this.#main;
  }

  /** Enough has arrived to go on after running dry. @returns whether it was waiting for that */
  release(): boolean {
    const wasHeld = this.#isHeld;
    this.#isHeld = false;
    return wasHeld;
  }

  /** From now on `next` is rendered, at full level from its first frame; null for nothing. Who was before is closed. */
  replace(next: TaggedVoice | null): void {
    this.#main?.voice.close();
    this.#crossing?.close();
    this.#crossing = null;
    this.#main = next;
    this.#fade.jumpTo(1);
    this.#isHeld = false;
    this.#status = next === null ? 'empty' : 'sounding';
  }

  /**
   * Mixes the next frames.
   * @param out interleaved; its first frames are overwritten, as many as are returned
   * @param count at most BLOCK_FRAMES
   * @param isEndOpen whether the following track may be taken when this one ends
   * @param waitsAfter frames after which so much has been rendered that what is missing may come later, and nothing needs to fade
   * @returns frames that are to be played; fewer than `count` when there is nothing more, and `status` says why
   */
  render(out: Float32Array, count: number, isEndOpen: boolean, waitsAfter = Number.POSITIVE_INFINITY): number {
    this.#isEndOpen = isEndOpen;
    this.#status = this.#main === null ? 'empty' : 'sounding';
    let done = 0;
    while (done < count && this.#main !== null) {
      this.#mayWait = done >= waitsAfter;
      const room = this.#framesToCrossing(this.#main, count - done);
      const piece =
        this.#crossing === null
          ? this.#renderPiece(this.#main, out, done, room)
          : this.#renderCrossing(this.#crossing, this.#main, out, done, room);
      if (piece === 0 && !this.#takeFollowing()) break;
      done += piece;
    }
    return done;
  }

  /** @returns frames of one stretch with one direction of the fade; 0 when nothing can sound, and `status` says why */
  #renderPiece({ voice, tag }: TaggedVoice, out: Float32Array, offset: number, room: number): number {
    const length = this.#planPiece(voice, room);
    if (length === 0) return 0;
    const position = voice.positionFrames;
    voice.put(out, offset, length, this.#fade.value, this.#fade.step);
    this.#fade.advance(length);
    this.#listener.rendered(tag, position, length);
    return length;
  }

  /** How many frames the main voice can give in one direction of its fade, which is set accordingly. */
  #planPiece(voice: Voice, room: number): number {
    if (this.#isHeld) return this.#nothing('starved');
    voice.fill(room + FADE_FRAMES);
    const available = voice.availableFrames;
    if (available === 0) return voice.shortage === 'ended' ? this.#nothing('ended') : this.#starve();
    let length = Math.min(room, available);
    if (voice.shortage === 'missing') {
      // The fade must be over when the data is.
      const beforeFade = available - this.#fade.framesToZero();
      if (beforeFade <= 0) {
        if (this.#mayWait && this.#fade.value === 1 && this.#crossing === null) return this.#nothing('short');
        this.#fade.fadeTo(0);
        if (this.#fade.value === 0) return this.#starve();
        return Math.min(length, this.#fade.framesLeft);
      }
      length = Math.min(length, beforeFade);
    }
    this.#fade.fadeTo(1);
    return Math.min(length, this.#fade.framesLeft);
  }

  #nothing(status: MixerStatus): 0 {
    this.#status = status;
    return 0;
  }

  #starve(): 0 {
    this.#fade.jumpTo(0);
    this.#isHeld = true;
    return this.#nothing('starved');
  }

  /** At a track's end: puts the next one in its place, at the same level and without a fade. */
  #takeFollowing(): boolean {
    if (this.#status !== 'ended' || !this.#isEndOpen || this.#crossing !== null) return false;
    const next = this.#listener.following();
    if (next === null) return false;
    this.#main?.voice.close();
    this.#main = next;
    this.#status = 'sounding';
    return true;
  }

  /** Begins a crossfade where it is due. @returns frames that may be rendered before the next one is, at most `room` */
  #framesToCrossing({ voice, tag }: TaggedVoice, room: number): number {
    if (this.#crossfadeFramesMax === 0 || this.#crossing !== null || !this.#isEndOpen) return room;
    const left = tag.durationFrames - voice.positionFrames;
    if (left - room > this.#crossfadeFramesMax) return room;
    const length = this.#listener.crossfadeFrames();
    if (length === 0) return room;
    if (left > length) return Math.min(room, left - length);
    const isSteady = !this.#isHeld && this.#fade.value === 1;
    // What follows came late: what is left is what fades, unless hardly anything is.
    const next = isSteady && left >= 2 * FADE_FRAMES ? this.#listener.following() : null;
    if (next === null) return room;
    this.#crossing = new Crossing({ voice, tag }, left);
    this.#main = next;
    return room;
  }

  #renderCrossing(crossing: Crossing, main: TaggedVoice, out: Float32Array, offset: number, room: number): number {
    const most = Math.min(room, crossing.framesToTurn);
    const ours = this.#planPiece(main.voice, most);
    const count = crossing.fill(ours === 0 ? most : ours);
    const length = ours === 0 ? count : ours;
    const position = main.voice.positionFrames;
    out.fill(0, offset * 2, (offset + length) * 2);
    if (ours > 0) {
      main.voice.add(out, offset, ours, crossing.rising(ours, this.#fade));
      this.#fade.advance(ours);
      this.#status = 'sounding';
    }
    const isTheirs = crossing.isBeforeTurn && count > 0;
    if (isTheirs) this.#listener.rendered(crossing.old.tag, crossing.old.voice.positionFrames, length);
    else if (ours > 0) this.#listener.rendered(main.tag, position, length);
    else if (length > 0) this.#listener.rendered(null, null, length);
    crossing.addFalling(out, offset, count);
    crossing.advance(length);
    if (crossing.isOver || length === 0) this.#endCrossing(crossing);
    return length;
  }

  #endCrossing(crossing: Crossing): void {
    crossing.close();
    this.#crossing = null;
  }
}
