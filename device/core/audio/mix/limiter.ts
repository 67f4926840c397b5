/**
 * Keeps true peaks below −1 dBTP: what a decoder overshoots, what two tracks add up to, and what lies between samples.
 *
 * Peaks are estimated at four times the rate (ITU-R BS.1770-4 annex 2). The sound waits in a short queue, so that the gain
 * is down in a straight line by the time a peak comes out, and goes up again slowly. Where nothing is over, samples pass
 * bit for bit: most music never touches it, so it costs what a copy costs.
 */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import { TRUE_PEAK_LIMIT_DBTP } from './gain.ts';
import { BLOCK_FRAMES } from './voice.ts';

const CHANNELS = 2;
/** Samples around an interval that its estimate uses; twelve, as in the standard's own filter. */
const TAPS = 12;
const TAPS_BEFORE = TAPS / 2 - 1;
const TAPS_AFTER = TAPS / 2;
/** 3 ms: the gain needs it to go down without distorting what is low, and it is no delay that anybody notices. */
const LOOK_AHEAD_FRAMES = 144;
/** Frames that wait inside: 3.1 ms. */
export const LIMITER_HOLD_FRAMES = LOOK_AHEAD_FRAMES + TAPS_AFTER;
const HISTORY_FRAMES = TAPS / 2;
/** Blocks are copied whole, which is one move of memory, whatever of them counts. */
const ROOM_FRAMES = HISTORY_FRAMES + LIMITER_HOLD_FRAMES + 2 * BLOCK_FRAMES;

const CEILING = 10 ** (TRUE_PEAK_LIMIT_DBTP / 20);
/** What is over is brought this far below: four times the rate reads up to 0.17 dB too little at 12 kHz. */
const AIM = CEILING * 10 ** (-0.2 / 20);
/**
 * Between two samples that are both below half of the ceiling nothing reaches it: a tone of up to 16 kHz has, no further
 * than half a sample from its peak, a sample of at least half of it, and music holds nothing that loud above.
 */
const CANDIDATE = CEILING / 2;
/**
 * How far above its samples a peak can be, as a share of how much the samples bend there: for a tone with its peak half way
 * between two samples cos(w/2)·(2 − cos w) ≥ 1 holds up to 18 kHz, and tones add up. In ten million intervals of random
 * tones up to 20 kHz it passed over none that was too high; it spares the estimate for all but a few in a hundred.
 */
const BEND_SHARE = 0.5;
/** The gain goes down by no more than this per frame: from 1 to 0 in the look-ahead. */
const ATTACK_STEP = 1 / LOOK_AHEAD_FRAMES;
/** Time constant of the way back, 80 ms: shorter pumps, longer ducks. */
const RELEASE_STEP = 1 / (0.08 * FRAMES_PER_SECOND);
/** −120 dB from 1 is 1. */
const ALMOST_ONE = 1 - 1e-6;

const [QUARTER, HALF, THREE_QUARTERS] = [interpolator(0.25), interpolator(0.5), interpolator(0.75)];

export class TruePeakLimiter {
  /** History, then what waits. */
  readonly #frames = new Float32Array(ROOM_FRAMES * CHANNELS);
  /** What goes out next begins where it always does. */
  readonly #outgoing = this.#frames.subarray(HISTORY_FRAMES * CHANNELS, (HISTORY_FRAMES + BLOCK_FRAMES) * CHANNELS);
  /** Highest gain that each frame may have; all 1 while nothing is over. */
  readonly #allowed = new Float32Array(ROOM_FRAMES).fill(1);
  /** One number; in an array, where changing it allocates nothing. */
  readonly #peak = new Float64Array(1);
  #held = 0;
  /** The next interval to be looked at begins with this frame. */
  #unseen = HISTORY_FRAMES - 1;
  #gain = 1;
  #isLimiting = false;

  /** Frames inside. */
  get heldFrames(): number {
    return this.#held;
  }

  /**
   * Takes frames in and gives those out that have waited long enough.
   * @param from BLOCK_FRAMES long
   * @param count frames of it that count
   * @param to written from `offsetFrames` on, with room for BLOCK_FRAMES there; what is beyond those given is of no meaning
   * @returns frames given
   */
  process(from: Float32Array, count: number, to: Float32Array, offsetFrames: number): number {
    const end = HISTORY_FRAMES + this.#held;
    this.#frames.set(from, end * CHANNELS);
    this.#held += count;
    this.#look(end + count - TAPS_AFTER);
    return this.#give(Math.max(0, this.#held - LIMITER_HOLD_FRAMES), to, offsetFrames);
  }

  /** Gives all that waits: nothing follows it for now. At most LIMITER_HOLD_FRAMES. */
  flush(to: Float32Array, offsetFrames: number): number {
    const end = HISTORY_FRAMES + this.#held;
    this.#frames.fill(0, end * CHANNELS, (end + TAPS_AFTER) * CHANNELS);
    this.#look(end);
    return this.#give(this.#held, to, offsetFrames);
  }

  /** Forgets what waits. */
  reset(): void {
    this.#frames.fill(0);
    this.#allowed.fill(1);
    this.#held = 0;
    this.#unseen = HISTORY_FRAMES - 1;
    this.#gain = 1;
    this.#isLimiting = false;
  }

  /** Estimates the peaks of the intervals that begin before `end`. */
  #look(end: number): void {
    const samples = this.#frames;
    // The larger of both channels, of the frame before and of the one after; written out, since a call that gives back a
    // fraction may allocate it.
    let left = Math.abs(samples[this.#unseen * CHANNELS] ?? 0);
    let right = Math.abs(samples[this.#unseen * CHANNELS + 1] ?? 0);
    let before = left > right ? left : right;
    for (let frame = this.#unseen; frame < end; frame += 1) {
      left = Math.abs(samples[frame * CHANNELS + 2] ?? 0);
      right = Math.abs(samples[frame * CHANNELS + 3] ?? 0);
      const after = left > right ? left : right;
      const sampled = before > after ? before : after;
      before = after;
      if (sampled < CANDIDATE) continue;
      const at = frame * CHANNELS;
      const bend = Math.max(
        Math.abs((samples[at - 2] ?? 0) - 2 * (samples[at] ?? 0) + (samples[at + 2] ?? 0)),
        Math.abs((samples[at] ?? 0) - 2 * (samples[at + 2] ?? 0) + (samples[at + 4] ?? 0)),
        Math.abs((samples[at - 1] ?? 0) - 2 * (samples[at + 1] ?? 0) + (samples[at + 3] ?? 0)),
        Math.abs((samples[at + 1] ?? 0) - 2 * (samples[at + 3] ?? 0) + (samples[at + 5] ?? 0)),
      );
      if (sampled + bend * BEND_SHARE < CEILING) continue;
      this.#peak[0] = sampled;
      const first = (frame - TAPS_BEFORE) * CHANNELS;
      raiseToPeak(this.#peak, samples, first);
      raiseToPeak(this.#peak, samples, first + 1);
      const peak = this.#peak[0];
      if (peak > CEILING) this.#allow(frame, AIM / peak);
    }
    this.#unseen = Math.max(this.#unseen, end);
  }

  #allow(frame: number, gain: number): void {
    this.#isLimiting = true;
    this.#allowed[frame] = Math.min(this.#allowed[frame] ?? 1, gain);
    this.#allowed[frame + 1] = Math.min(this.#allowed[frame + 1] ?? 1, gain);
  }

  #give(count: number, to: Float32Array, offsetFrames: number): number {
    if (count === 0) return 0;
    if (this.#isLimiting) this.#giveLimited(count, to, offsetFrames);
    else to.set(this.#outgoing, offsetFrames * CHANNELS);
    this.#frames.copyWithin(0, count * CHANNELS, (HISTORY_FRAMES + this.#held) * CHANNELS);
    this.#held -= count;
    this.#unseen = Math.max(HISTORY_FRAMES - 1, this.#unseen - count);
    return count;
  }

  #giveLimited(count: number, to: Float32Array, offsetFrames: number): void {
    const allowed = this.#allowed;
    const end = HISTORY_FRAMES + this.#held;
    // Down in time: from the newest frame back, no steeper than the attack.
    let next = 1;
    for (let frame = end - 1; frame >= HISTORY_FRAMES; frame -= 1) {
      next = Math.min(allowed[frame] ?? 1, next + ATTACK_STEP);
      allowed[frame] = next;
    }
    let gain = this.#gain;
    for (let at = 0; at < count; at += 1) {
      gain = Math.min(allowed[HISTORY_FRAMES + at] ?? 1, gain + (1 - gain) * RELEASE_STEP);
      if (gain > ALMOST_ONE) gain = 1;
      const from = (HISTORY_FRAMES + at) * CHANNELS;
      const base = (offsetFrames + at) * CHANNELS;
      to[base] = (this.#frames[from] ?? 0) * gain;
      to[base + 1] = (this.#frames[from + 1] ?? 0) * gain;
    }
    this.#gain = gain;
    allowed.copyWithin(0, count, end);
    allowed.fill(1, end - count);
    this.#isLimiting = gain < 1 || isAnyBelowOne(allowed, HISTORY_FRAMES - 1, end - count);
  }
}

function isAnyBelowOne(values: Float32Array, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) if ((values[index] ?? 1) < 1) return true;
  return false;
}

/**
 * Raises `peak[0]` to the largest magnitude at the three places between the samples in the middle of twelve.
 * @param first index of the first of them, of one channel
 */
function raiseToPeak(peak: Float64Array, samples: Float32Array, first: number): void {
  let quarter = 0;
  let half = 0;
  let threeQuarters = 0;
  for (let tap = 0; tap < TAPS; tap += 1) {
    const sample = samples[first + tap * CHANNELS] ?? 0;
    quarter += sample * (QUARTER[tap] ?? 0);
    half += sample * (HALF[tap] ?? 0);
    threeQuarters += sample * (THREE_QUARTERS[tap] ?? 0);
  }
  peak[0] = Math.max(peak[0] ?? 0, Math.abs(quarter), Math.abs(half), Math.abs(threeQuarters));
}

/** A sinc under a raised cosine, for the place `fraction` after the middle's first sample; its sum is 1. */
function interpolator(fraction: number): Float64Array {
  const taps = Float64Array.from({ length: TAPS }, (_, tap) => {
    const distance = tap - TAPS_BEFORE - fraction;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (TAPS / 2 + 0.5));
    return (Math.sin(Math.PI * distance) / (Math.PI * distance)) * window;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}
