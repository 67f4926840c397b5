/** Fast cross-correlation, so that a recording can be searched for music in milliseconds instead of minutes. */

/** In-place radix-2 FFT; lengths must be the same power of two. Cooley & Tukey 1965. */
function transform(real: Float64Array, imaginary: Float64Array, isInverse: boolean): void {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i += 1) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(real, i, j);
      swap(imaginary, i, j);
    }
  }
  for (let length = 2; length <= size; length <<= 1) butterflies(real, imaginary, length, isInverse);
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = values[i] ?? 0;
  values[i] = values[j] ?? 0;
  values[j] = kept;
}

function butterflies(real: Float64Array, imaginary: Float64Array, length: number, isInverse: boolean): void {
  const half = length >> 1;
  const step = ((isInverse ? 2 : -2) * Math.PI) / length;
  for (let k = 0; k < half; k += 1) {
    const cosine = Math.cos(step * k);
    const sine = Math.sin(step * k);
    for (let start = k; start < real.length; start += length) {
      const end = start + half;
      const endReal = real[end] ?? 0;
      const endImaginary = imaginary[end] ?? 0;
      const turnedReal = endReal * cosine - endImaginary * sine;
      const turnedImaginary = endReal * sine + endImaginary * cosine;
      real[end] = (real[start] ?? 0) - turnedReal;
      imaginary[end] = (imaginary[start] ?? 0) - turnedImaginary;
      real[start] = (real[start] ?? 0) + turnedReal;
      imaginary[start] = (imaginary[start] ?? 0) + turnedImaginary;
    }
  }
}

/**
 * Σ haystack[lag + i] · needle[i] for every lag at which the needle lies wholly inside.
 * @returns haystack.length − needle.length + 1 values
 */
export function correlate(haystack: Float32Array, needle: Float32Array): Float64Array {
  let size = 1;
  while (size < haystack.length + needle.length) size <<= 1;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  real.set(haystack);
  const needleReal = new Float64Array(size);
  const needleImaginary = new Float64Array(size);
  needleReal.set(needle);
  transform(real, imaginary, false);
  transform(needleReal, needleImaginary, false);
  for (let i = 0; i < size; i += 1) {
    const a = real[i] ?? 0;
    const b = imaginary[i] ?? 0;
    const c = needleReal[i] ?? 0;
    const d = -(needleImaginary[i] ?? 0);
    real[i] = a * c - b * d;
    imaginary[i] = a * d + b * c;
  }
  transform(real, imaginary, true);
  return real.subarray(0, Math.max(0, haystack.length - needle.length + 1)).map((value) => value / size);
}
