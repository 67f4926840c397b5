/**
 * Carries a sound on beyond its end, the way it was going.
 *
 * An encoder looks ahead, and a transform codec codes windows: what lies beside the last frame colours it. With silence
 * there, a track that goes over into the next one would be heard to stop; with its own continuation the join is as
 * smooth as the recording. Coefficients by Burg's method, which needs no window and gives a filter that cannot run away.
 */

/** Enough for a few partials of a chord; more buys nothing for the 20 ms that are wanted. */
const ORDER = 32;
/** 42 ms of the past. */
const PAST_SAMPLES = 2_048;
/** Per sample: what is made up fades instead of ringing for ever. 20 ms lose 6 dB. Draws the filter's poles inwards by so much. */
const DECAY = 0.9993;

/** @param past one channel, oldest first; only the last `PAST_SAMPLES` count. @returns `count` samples that follow it */
export function extrapolate(past: Float64Array, count: number): Float64Array {
  const known = past.subarray(Math.max(0, past.length - PAST_SAMPLES));
  const order = Math.min(ORDER, Math.floor(known.length / 3));
  const coefficients = burg(known, order).map((coefficient, tap) => coefficient * DECAY ** (tap + 1));
  const all = new Float64Array(order + count);
  if (order > 0) all.set(known.subarray(known.length - order));
  for (let index = order; index < all.length; index += 1) {
    let sum = 0;
    for (let tap = 0; tap < order; tap += 1) sum += (coefficients[tap] ?? 0) * (all[index - 1 - tap] ?? 0);
    all[index] = sum;
  }
  return all.subarray(order);
}

/** @returns a, such that x[n] is about Σ a[k] · x[n − 1 − k] */
function burg(samples: Float64Array, order: number): Float64Array {
  const forward = Float64Array.from(samples);
  const backward = Float64Array.from(samples);
  let filter = new Float64Array(0);
  for (let stage = 1; stage <= order; stage += 1) {
    let product = 0;
    let energy = 0;
    for (let n = stage; n < samples.length; n += 1) {
      const ahead = forward[n] ?? 0;
      const behind = backward[n - 1] ?? 0;
      product += ahead * behind;
      energy += ahead * ahead + behind * behind;
    }
    // Nothing is left to predict: silence, or a sound that the filter already knows by heart.
    if (energy < 1e-9) break;
    const reflection = (2 * product) / energy;
    for (let n = samples.length - 1; n >= stage; n -= 1) {
      const ahead = forward[n] ?? 0;
      const behind = backward[n - 1] ?? 0;
      forward[n] = ahead - reflection * behind;
      backward[n] = behind - reflection * ahead;
    }
    filter = grown(filter, reflection);
  }
  return filter;
}

/** Levinson's step: the filter of one order more. */
function grown(filter: Float64Array, reflection: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(filter.length + 1);
  for (let tap = 0; tap < filter.length; tap += 1) {
    next[tap] = (filter[tap] ?? 0) - reflection * (filter[filter.length - 1 - tap] ?? 0);
  }
  next[filter.length] = reflection;
  return next;
}
