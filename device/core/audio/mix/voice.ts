/**
 * One track in the mixer: a reader, its gain, and the short stretch decoded ahead that a fade needs to be possible.
 *
 * A fade to silence must begin before the data ends. So a voice holds what the next block needs and a fade's length
 * beyond it, and can say how much is left when no more is there.
 */
import type { Frames } from '#protocol/vocabulary/units';
import { frames } from '#protocol/vocabulary/units';
import type { PcmBlock } from '../decode/pcm-block.ts';
import type { TrackReader } from '../decode/track-reader.ts';
import { PACKET_FRAMES_MAX } from '../demux/opus-packet.ts';
import type { PlayTag } from '../playout/play-tag.ts';
import { FADE_FRAMES } from './ramp.ts';

const CHANNELS = 2;
/** Frames mixed, and given to the device, in one go: 85 ms, which is all that is missing when it is looked at (pacer.ts). */
export const BLOCK_FRAMES = 4_080;
/**
 * Decoded beyond what is asked for, 250 ms: a dozen packets in a row cost half of what they cost one by one, each with a
 * processor that has done something else meanwhile.
 */
const AHEAD_FRAMES_MAX = 12_000;
/** Added first, and doubled with each turn: the first sound waits for nothing that it does not need. */
const AHEAD_FRAMES_FIRST = 960;
/** Room for all that `fill` may leave, and as much again as it decodes ahead, so that little is moved to the front. */
const CAPACITY_FRAMES = BLOCK_FRAMES + FADE_FRAMES + PACKET_FRAMES_MAX + 2 * AHEAD_FRAMES_MAX;
/** Fade on either side of a packet that became silence: 5 ms. */
const CONCEAL_FRAMES = FADE_FRAMES / 2;

/** Why a voice has no more than it has. */
export type VoiceShortage = 'none' | 'missing' | 'ended';

export interface TaggedVoice {
  readonly voice: Voice;
  readonly tag: PlayTag;
}

export class Voice {
  readonly #reader: TrackReader;
  readonly #gain: number;
  readonly #buffer = new Float32Array(CAPACITY_FRAMES * CHANNELS);
  #head = 0;
  #tail = 0;
  #position: number;
  #shortage: VoiceShortage = 'none';
  #afterConcealment = 0;
  #aheadFrames = 0;

  /** @param gain amplitude of the whole track */
  constructor(reader: TrackReader, positionFrames: Frames, gain: number) {
    this.#reader = reader;
    this.#position = positionFrames;
    this.#gain = gain;
  }

  /** Position in the track of the next frame to be taken. */
  get positionFrames(): Frames {
    return frames(this.#position);
  }

  get availableFrames(): number {
    return this.#tail - this.#head;
  }

  /** As the last `fill` found it. */
  get shortage(): VoiceShortage {
    return this.#shortage;
  }

  /** The segment that the reader needs next. */
  get segment(): number {
    return this.#reader.segment();
  }

  /** Decodes until `count` frames are there, and then some more, or no more can be had. */
  fill(count: number): void {
    this.#shortage = 'none';
    if (this.availableFrames >= count) return;
    const wanted = count + this.#aheadFrames;
    this.#aheadFrames = Math.min(AHEAD_FRAMES_MAX, AHEAD_FRAMES_FIRST + 2 * this.#aheadFrames);
    while (this.availableFrames < wanted) {
      const outcome = this.#reader.read();
      if (outcome.kind !== 'block') {
        this.#shortage = outcome.kind;
        return;
      }
      this.#append(outcome.block);
    }
  }

  /**
   * Writes `count` frames, each times the track's gain and a fade's, and moves on.
   * @param count at most what is available
   * @param fade of the frame before the first one; each has `step` more
   */
  put(out: Float32Array, offsetFrames: number, count: number, fade: number, step: number): void {
    const buffer = this.#buffer;
    let from = this.#head * CHANNELS;
    let gain = this.#gain * fade;
    const gainStep = this.#gain * step;
    const end = (offsetFrames + count) * CHANNELS;
    for (let to = offsetFrames * CHANNELS; to < end; to += CHANNELS) {
      gain += gainStep;
      out[to] = (buffer[from] ?? 0) * gain;
      out[to + 1] = (buffer[from + 1] ?? 0) * gain;
      from += CHANNELS;
    }
    this.#take(count);
  }

  /** Adds `count` frames, the first times the track's gain and `fades[0]`, and so on, and moves on. */
  add(out: Float32Array, offsetFrames: number, count: number, fades: Float64Array): void {
    let from = this.#head * CHANNELS;
    let to = offsetFrames * CHANNELS;
    for (let frame = 0; frame < count; frame += 1) {
      const gain = this.#gain * (fades[frame] ?? 0);
      out[to] = (out[to] ?? 0) + (this.#buffer[from] ?? 0) * gain;
      out[to + 1] = (out[to + 1] ?? 0) + (this.#buffer[from + 1] ?? 0) * gain;
      from += CHANNELS;
      to += CHANNELS;
    }
    this.#take(count);
  }

  close(): void {
    this.#reader.close();
  }

  #take(count: number): void {
    this.#head += count;
    this.#position += count;
  }

  #append(block: PcmBlock): void {
    if (this.#tail + block.countFrames > CAPACITY_FRAMES) this.#moveToFront();
    const from = block.offsetFrames * CHANNELS;
    const samples = block.samples;
    const base = this.#tail * CHANNELS;
    for (let index = 0; index < block.countFrames * CHANNELS; index += 1) {
      this.#buffer[base + index] = samples[from + index] ?? 0;
    }
    if (block.isConcealed) {
      if (this.#afterConcealment === 0) this.#fadeOutTail();
      this.#afterConcealment = CONCEAL_FRAMES;
    } else if (this.#afterConcealment > 0) {
      this.#fadeInBlock(block.countFrames);
    }
    this.#tail += block.countFrames;
  }

  #moveToFront(): void {
    this.#buffer.copyWithin(0, this.#head * CHANNELS, this.#tail * CHANNELS);
    this.#tail -= this.#head;
    this.#head = 0;
  }

  /** What comes before the silence is already here, since a voice decodes ahead. */
  #fadeOutTail(): void {
    const length = Math.min(CONCEAL_FRAMES, this.availableFrames);
    for (let frame = 0; frame < length; frame += 1) {
      this.#scale(this.#tail - 1 - frame, (frame + 0.5) / length);
    }
  }

  #fadeInBlock(countFrames: number): void {
    const length = Math.min(this.#afterConcealment, countFrames);
    for (let frame = 0; frame < length; frame += 1) {
      const done = CONCEAL_FRAMES - this.#afterConcealment;
      this.#scale(this.#tail + frame, (done + 0.5) / CONCEAL_FRAMES);
      this.#afterConcealment -= 1;
    }
  }

  #scale(frame: number, gain: number): void {
    const index = frame * CHANNELS;
    this.#buffer[index] = (this.#buffer[index] ?? 0) * gain;
    this.#buffer[index + 1] = (this.#buffer[index + 1] ?? 0) * gain;
  }
}
