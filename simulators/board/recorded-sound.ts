/** What a file sink recorded, as whole numbers, and how far two recordings of one track are apart. */

const BYTES_PER_SAMPLE = 3;
const CHANNELS = 2;
/** "data", in the header that the file sink writes. */
const DATA_MARK = 'data';
const SIGN_BIT = 0x800000;

/** @param wav in 24 bits, stereo @returns its samples, without the silence before and after; left and right in turn */
export function readRecording(wav: Buffer): Int32Array {
  const start = wav.indexOf(DATA_MARK, 0, 'latin1') + DATA_MARK.length + Uint32Array.BYTES_PER_ELEMENT;
  const frames = Math.floor((wav.length - start) / (BYTES_PER_SAMPLE * CHANNELS));
  const samples = new Int32Array(frames * CHANNELS);
  for (let index = 0; index < samples.length; index += 1) {
    const value = wav.readUIntLE(start + index * BYTES_PER_SAMPLE, BYTES_PER_SAMPLE);
    samples[index] = value >= SIGN_BIT ? value - 2 * SIGN_BIT : value;
  }
  const isHeard = (sample: number) => sample !== 0;
  const first = samples.findIndex(isHeard);
  if (first < 0) return new Int32Array(0);
  const last = samples.findLastIndex(isHeard);
  // Whole frames, so that left stays left.
  return samples.subarray(first - (first % CHANNELS), last - (last % CHANNELS) + CHANNELS);
}

export interface SoundDifference {
  readonly frames: number;
  /** Of the longer one that the shorter one does not have. */
  readonly framesMore: number;
  readonly differing: number;
  /** In steps of 24 bits. */
  readonly largest: number;
}

/** At the end of a recording that is ended while it plays: a fade, wherever it then is. */
const ENDING_FRAMES = 4_800;

/** Sample by sample from the first that is heard, up to the ending of the shorter one. */
export function compareSound(one: Int32Array, other: Int32Array): SoundDifference {
  const shorter = Math.max(0, Math.min(one.length, other.length) - ENDING_FRAMES * CHANNELS);
  let differing = 0;
  let largest = 0;
  for (let index = 0; index < shorter; index += 1) {
    const distance = Math.abs((one[index] ?? 0) - (other[index] ?? 0));
    if (distance > 0) differing += 1;
    largest = Math.max(largest, distance);
  }
  const framesMore = (Math.max(one.length, other.length) - shorter) / CHANNELS;
  return { frames: shorter / CHANNELS, framesMore, differing, largest };
}
