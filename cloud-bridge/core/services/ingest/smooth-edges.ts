/**
 * Cuts music into the encoder's blocks and gives it a past and a future: before its first frame and after its last, the
 * sound is carried on the way it was going (`linear-prediction.ts`), and what was made up is cut away again by pre-skip
 * and the last page's granule. A player that joins two tracks of one recording then hears neither silence nor a step.
 */
import { type Frames, frames } from '#protocol/vocabulary/units';
import { extrapolate } from './linear-prediction.ts';

const CHANNELS = 2;
/** Frames looked at to guess what lies beyond an edge: 43 ms. */
const CONTEXT_FRAMES = 2_048;

export class SmoothEdges {
  /** What a player drops at the start: the lead-in that was made up, and the encoder's delay. A whole number of packets. */
  readonly preSkipFrames: Frames;
  readonly #blockSamples: number;
  readonly #packetFrames: number;
  readonly #leadInFrames: number;
  /** Null until enough is there to make up the lead-in. */
  #start: Int16Array | null = new Int16Array(0);
  #block: Int16Array;
  #filled = 0;
  /** The latest frames, for the tail. */
  #recent = new Int16Array(0);
  #durationFrames = 0;

  constructor(packetFrames: number, lookaheadFrames: number) {
    this.preSkipFrames = frames(Math.ceil(lookaheadFrames / packetFrames) * packetFrames);
    this.#packetFrames = packetFrames;
    this.#leadInFrames = this.preSkipFrames - lookaheadFrames;
    this.#blockSamples = packetFrames * CHANNELS;
    this.#block = new Int16Array(this.#blockSamples);
  }

  /** Frames of music so far. */
  get durationFrames(): number {
    return this.#durationFrames;
  }

  /** @returns the blocks that are full now, in order */
  *add(pcm: Int16Array): Generator<Int16Array> {
    this.#durationFrames += pcm.length / CHANNELS;
    this.#remember(pcm);
    if (this.#start === null) {
      yield* this.#cut(pcm);
      return;
    }
    this.#start = joined(this.#start, pcm);
    if (this.#start.length >= CONTEXT_FRAMES * CHANNELS) yield* this.#begin(this.#start);
  }

  /** @returns the last blocks: all that is needed for the last frame to come out of a decoder */
  *finish(): Generator<Int16Array> {
    if (this.#start !== null) yield* this.#begin(this.#start);
    const packets = Math.ceil((this.preSkipFrames + this.#durationFrames) / this.#packetFrames);
    const missing = packets * this.#packetFrames - this.#leadInFrames - this.#durationFrames;
    yield* this.#cut(continued(this.#recent, missing));
  }

  *#begin(start: Int16Array): Generator<Int16Array> {
    this.#start = null;
    const backwards = reversed(start.subarray(0, CONTEXT_FRAMES * CHANNELS));
    yield* this.#cut(reversed(continued(backwards, this.#leadInFrames)));
    yield* this.#cut(start);
  }

  *#cut(pcm: Int16Array): Generator<Int16Array> {
    for (let offset = 0; offset < pcm.length; ) {
      const taken = pcm.subarray(offset, offset + this.#blockSamples - this.#filled);
      this.#block.set(taken, this.#filled);
      this.#filled += taken.length;
      offset += taken.length;
      if (this.#filled < this.#blockSamples) continue;
      yield this.#block;
      this.#block = new Int16Array(this.#blockSamples);
      this.#filled = 0;
    }
  }

  #remember(pcm: Int16Array): void {
    const wanted = CONTEXT_FRAMES * CHANNELS;
    this.#recent = pcm.length >= wanted ? pcm.slice(-wanted) : joined(this.#recent, pcm).slice(-wanted);
  }
}

/** @returns `count` frames that follow */
function continued(pcm: Int16Array, count: number): Int16Array {
  const result = new Int16Array(count * CHANNELS);
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const past = Float64Array.from(
      { length: pcm.length / CHANNELS },
      (_, frame) => pcm[frame * CHANNELS + channel] ?? 0,
    );
    const future = extrapolate(past, count);
    for (let frame = 0; frame < count; frame += 1) {
      result[frame * CHANNELS + channel] = Math.max(-32_768, Math.min(32_767, Math.round(future[frame] ?? 0)));
    }
  }
  return result;
}

/** The same frames, last first; left stays left. */
function reversed(pcm: Int16Array): Int16Array {
  const result = new Int16Array(pcm.length);
  for (let frame = 0; frame * CHANNELS < pcm.length; frame += 1) {
    const from = pcm.length - (frame + 1) * CHANNELS;
    result[frame * CHANNELS] = pcm[from] ?? 0;
    result[frame * CHANNELS + 1] = pcm[from + 1] ?? 0;
  }
  return result;
}

function joined(one: Int16Array, other: Int16Array): Int16Array<ArrayBuffer> {
  const all = new Int16Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}
