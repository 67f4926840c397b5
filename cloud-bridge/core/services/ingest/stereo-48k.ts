/** Whatever a decoder gives (any channels, any rate, in floating point) as ingest works with it: 48 kHz, stereo, 16 bits. */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import { Resampler } from './resampler.ts';

/** In which order a format lists its loudspeakers. */
export type ChannelOrder = 'wave' | 'vorbis';

export interface DecodedPiece {
  /** One array of each channel, equally long, −1 to 1. */
  readonly channels: readonly Float32Array[];
  readonly rateHz: number;
}

type Gains = readonly [left: number, right: number];

const LEFT: Gains = [1, 0];
const RIGHT: Gains = [0, 1];
const HALF_POWER = Math.SQRT1_2;
const CENTRE: Gains = [HALF_POWER, HALF_POWER];
const LEFT_BEHIND: Gains = [HALF_POWER, 0];
const RIGHT_BEHIND: Gains = [0, HALF_POWER];
/** Deep effects are left out: stereo loudspeakers are not made for them (ITU-R BS.775). */
const DEEP: Gains = [0, 0];

/** By the number of channels. WAVE's orders are also FLAC's. */
const LAYOUTS: Readonly<Record<ChannelOrder, Readonly<Record<number, readonly Gains[]>>>> = {
  wave: {
    1: [[1, 1]],
    2: [LEFT, RIGHT],
    3: [LEFT, RIGHT, CENTRE],
    4: [LEFT, RIGHT, LEFT_BEHIND, RIGHT_BEHIND],
    5: [LEFT, RIGHT, CENTRE, LEFT_BEHIND, RIGHT_BEHIND],
    6: [LEFT, RIGHT, CENTRE, DEEP, LEFT_BEHIND, RIGHT_BEHIND],
    7: [LEFT, RIGHT, CENTRE, DEEP, CENTRE, LEFT_BEHIND, RIGHT_BEHIND],
    8: [LEFT, RIGHT, CENTRE, DEEP, LEFT_BEHIND, RIGHT_BEHIND, LEFT_BEHIND, RIGHT_BEHIND],
  },
  vorbis: {
    1: [[1, 1]],
    2: [LEFT, RIGHT],
    3: [LEFT, CENTRE, RIGHT],
    4: [LEFT, RIGHT, LEFT_BEHIND, RIGHT_BEHIND],
    5: [LEFT, CENTRE, RIGHT, LEFT_BEHIND, RIGHT_BEHIND],
    6: [LEFT, CENTRE, RIGHT, LEFT_BEHIND, RIGHT_BEHIND, DEEP],
    7: [LEFT, CENTRE, RIGHT, LEFT_BEHIND, RIGHT_BEHIND, CENTRE, DEEP],
    8: [LEFT, CENTRE, RIGHT, LEFT_BEHIND, RIGHT_BEHIND, LEFT_BEHIND, RIGHT_BEHIND, DEEP],
  },
};

export class Stereo48k {
  readonly #order: ChannelOrder;
  #rateHz = 0;
  #resamplers: readonly [Resampler, Resampler] | null = null;

  constructor(order: ChannelOrder) {
    this.#order = order;
  }

  /** @throws RangeError for a rate or a number of channels that no music has */
  *add(piece: DecodedPiece): Generator<Int16Array> {
    if (piece.rateHz !== this.#rateHz) {
      // A chained stream may change its rate; what came before is complete then.
      yield* this.finish();
      this.#rateHz = piece.rateHz;
      this.#resamplers =
        piece.rateHz === FRAMES_PER_SECOND ? null : [new Resampler(piece.rateHz), new Resampler(piece.rateHz)];
    }
    const [left, right] = mixDown(piece.channels, this.#order);
    if (this.#resamplers === null) yield interleaved(left, right);
    else yield interleaved(this.#resamplers[0].add(left), this.#resamplers[1].add(right));
  }

  *finish(): Generator<Int16Array> {
    const resamplers = this.#resamplers;
    this.#resamplers = null;
    this.#rateHz = 0;
    if (resamplers !== null) yield interleaved(resamplers[0].finish(), resamplers[1].finish());
  }
}

function mixDown(channels: readonly Float32Array[], order: ChannelOrder): readonly [Float32Array, Float32Array] {
  const layout = LAYOUTS[order][channels.length];
  if (layout === undefined) throw new RangeError(`${channels.length} channels cannot be mixed down to two`);
  const [one, other] = channels;
  if (one === undefined) throw new RangeError('there is no channel');
  if (channels.length <= 2) return [one, other ?? one];
  // Scaled so that not even all loudspeakers at full level overload the two.
  const scale = 1 / layout.reduce((sum, [left]) => sum + left, 0);
  const mixed = [new Float32Array(one.length), new Float32Array(one.length)] as const;
  for (const [index, channel] of channels.entries()) {
    const gains = layout[index] ?? DEEP;
    for (const [side, gain] of gains.entries()) {
      const target = mixed[side];
      if (gain === 0 || target === undefined) continue;
      for (let frame = 0; frame < target.length; frame += 1) {
        target[frame] = (target[frame] ?? 0) + (channel[frame] ?? 0) * gain * scale;
      }
    }
  }
  return mixed;
}

function interleaved(left: Float32Array, right: Float32Array): Int16Array {
  const pcm = new Int16Array(left.length * 2);
  for (let frame = 0; frame < left.length; frame += 1) {
    pcm[frame * 2] = sampleOf(left[frame] ?? 0);
    pcm[frame * 2 + 1] = sampleOf(right[frame] ?? 0);
  }
  return pcm;
}

function sampleOf(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}
