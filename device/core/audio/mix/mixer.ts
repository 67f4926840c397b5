/**
 * Voices to one stream: the track that plays, what fades away beside it, the volume.
 *
 * Every change of what sounds is a fade of at most 10 ms: pause, resume, seek, skip, running dry and coming back. The one
 * exception is the join of two tracks, where the next one's first frame follows the last one's last frame. Nothing is
 * allocated per block.
 */
import type { Frames, Percent } from '#protocol/vocabulary/units';
import type { PlayTag } from '../playout/play-tag.ts';
import { volumeGain } from './gain.ts';
import { FADE_FRAMES, Ramp } from './ramp.ts';
import type { Voice } from './voice.ts';

const CHANNELS = 2;
/** Voices fading away at once. Each lasts 10 ms; more skips than this within one are cut short. */
const LEAVING_MAX = 4;

export interface TaggedVoice {
  readonly voice: Voice;
  readonly tag: PlayTag;
}

export interface MixerListener {
  /** The voice was read to its end: what follows it without a gap, or null for nothing yet. */
  following(): TaggedVoice | null;
  /** The next `count` frames rendered belong to `tag`; null when they are only a fade of something left. */
  rendered(tag: PlayTag | null, positionFrames: Frames | null, count: number): void;
}

/** Why the last block was not full, or that it was. */
export type MixerStatus = 'sounding' | 'paused' | 'starved' | 'ended' | 'empty';

interface Leaving {
  readonly voice: Voice;
  readonly fade: Ramp;
}

export class Mixer {
  readonly #listener: MixerListener;
  readonly #volume = new Ramp(1);
  #leaving: Leaving[] = [];
  #main: TaggedVoice | null = null;
  #fade = new Ramp(0);
  #isPlaying = false;
  /** Ran dry: waits until it is told that enough has arrived, so that it does not stutter. */
  #isHeld = false;
  #status: MixerStatus = 'empty';

  constructor(listener: MixerListener) {
    this.#listener = listener;
  }

  get status(): MixerStatus {
    return this.#status;
  }

  /** Something is audible, or fading away. */
  get isSounding(): boolean {
    return this.#leaving.length > 0 || (this.#main !== null && (this.#fade.value > 0 || this.#isPlaying));
  }

  get main(): TaggedVoice | null {
    return this.#main;
  }

  play(): void {
    this.#isPlaying = true;
  }

  pause(): void {
    this.#isPlaying = false;
  }

  /** Enough has arrived to go on after running dry. */
  release(): void {
    this.#isHeld = false;
  }

  /** Cross-fades from what sounds to `next`; null for silence. */
  replace(next: TaggedVoice | null): void {
    const main = this.#main;
    if (main !== null && this.#fade.value > 0) this.#leave(main.voice, this.#fade);
    else main?.voice.close();
    this.#main = next;
    this.#fade = new Ramp(0);
    this.#isHeld = false;
    this.#status = next === null ? 'empty' : 'sounding';
  }

  /** Forgets everything at once, without a fade: the device is gone, nobody hears it. */
  cut(): void {
    this.#main?.voice.close();
    for (const { voice } of this.#leaving) voice.close();
    this.#leaving = [];
    this.#main = null;
    this.#fade = new Ramp(0);
    this.#isHeld = false;
    this.#status = 'empty';
  }

  setVolume(volume: Percent): void {
    const isSilent = this.#fade.value === 0 && this.#leaving.length === 0;
    if (isSilent) this.#volume.jumpTo(volumeGain(volume));
    else this.#volume.glideTo(volumeGain(volume));
  }

  /**
   * Mixes the next frames.
   * @param out interleaved; its first `count` frames are overwritten
   * @param count at most BLOCK_FRAMES
   * @returns frames that are to be played; fewer than `count` when there is nothing more, and `status` says why
   */
  render(out: Float32Array, count: number): number {
    out.fill(0, 0, count * CHANNELS);
    const main = this.#renderMain(out, count);
    const leaving = this.#renderLeaving(out, count);
    if (leaving > main) this.#listener.rendered(null, null, leaving - main);
    const rendered = Math.max(main, leaving);
    this.#applyVolume(out, rendered);
    return rendered;
  }

  #renderMain(out: Float32Array, count: number): number {
    let done = 0;
    this.#status = this.#main === null ? 'empty' : 'sounding';
    while (done < count && this.#main !== null) {
      const piece = this.#renderPiece(this.#main, out, done, count - done);
      if (piece === 0 && !this.#takeFollowing()) break;
      done += piece;
    }
    return done;
  }

  /** One stretch with one direction of the fade; 0 when nothing can sound, and `status` says why. */
  #renderPiece({ voice, tag }: TaggedVoice, out: Float32Array, offset: number, room: number): number {
    const wantsSound = this.#isPlaying && !this.#isHeld;
    if (!wantsSound && this.#fade.value === 0) return this.#nothing(this.#isPlaying ? 'starved' : 'paused');
    voice.fill(room + FADE_FRAMES);
    const available = voice.availableFrames;
    if (available === 0 && voice.shortage === 'ended') return this.#nothing('ended');
    if (available === 0) return this.#starve();
    let length = Math.min(room, available);
    let target: 0 | 1 = wantsSound ? 1 : 0;
    if (voice.shortage === 'missing') {
      // The fade must be over when the data is.
      const beforeFade = available - this.#fade.framesToZero();
      if (beforeFade > 0) length = Math.min(length, beforeFade);
      else target = 0;
    }
    this.#fade.fadeTo(target);
    if (target === 0) length = Math.min(length, Math.max(1, this.#fade.framesToZero()));
    const position = voice.positionFrames;
    voice.mixInto(out, offset, length, this.#fade);
    this.#listener.rendered(tag, position, length);
    if (target === 0 && this.#fade.value === 0 && wantsSound) this.#starve();
    return length;
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
    if (this.#status !== 'ended') return false;
    const next = this.#listener.following();
    if (next === null) return false;
    this.#main?.voice.close();
    this.#main = next;
    this.#status = 'sounding';
    return true;
  }

  #renderLeaving(out: Float32Array, count: number): number {
    let longest = 0;
    for (const { voice, fade } of this.#leaving) {
      voice.fill(count);
      const length = Math.min(count, voice.availableFrames, fade.framesToZero());
      voice.mixInto(out, 0, length, fade);
      longest = Math.max(longest, length);
      if (fade.value === 0 || length < count) voice.close();
    }
    if (this.#leaving.length > 0) {
      this.#leaving = this.#leaving.filter(({ voice, fade }) => fade.value > 0 && voice.availableFrames > 0);
    }
    return longest;
  }

  #leave(voice: Voice, fade: Ramp): void {
    fade.fadeTo(0);
    this.#leaving.push({ voice, fade });
    while (this.#leaving.length > LEAVING_MAX) this.#leaving.shift()?.voice.close();
  }

  #applyVolume(out: Float32Array, count: number): void {
    for (let frame = 0; frame < count; frame += 1) {
      const gain = this.#volume.next();
      const index = frame * CHANNELS;
      out[index] = (out[index] ?? 0) * gain;
      out[index + 1] = (out[index + 1] ?? 0) * gain;
    }
  }
}
