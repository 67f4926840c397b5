/** The limiter against an estimate of its own: peaks between samples by a sinc thirty times as long, at sixteen places each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITER_HOLD_FRAMES, TruePeakLimiter } from './limiter.ts';
import { BLOCK_FRAMES } from './voice.ts';

const RATE = 48_000;
/** Twelve taps at four places read this much too little of tones close to 16 kHz; found −0.984 dBTP at worst in 2,500 sums. */
const ESTIMATE_OFF_DB = 0.05;
const CEILING = 10 ** (-1 / 20);

/** Both channels alike, in blocks of the sizes given, over and over. */
function limited(signal: Float64Array, sizes: readonly number[] = [BLOCK_FRAMES]): Float64Array {
  const limiter = new TruePeakLimiter();
  const out = new Float32Array((signal.length + BLOCK_FRAMES) * 2);
  let [taken, given] = [0, 0];
  for (let block = 0; taken < signal.length; block += 1) {
    const count = Math.min(sizes[block % sizes.length] ?? BLOCK_FRAMES, signal.length - taken);
    const from = new Float32Array(BLOCK_FRAMES * 2).fill(9);
    for (let frame = 0; frame < count; frame += 1) from.fill(signal[taken + frame] ?? 0, frame * 2, frame * 2 + 2);
    given += limiter.process(from, count, out, given);
    taken += count;
    expect(limiter.heldFrames).toBe(taken - given);
  }
  given += limiter.flush(out, given);
  expect([given, limiter.heldFrames]).toEqual([signal.length, 0]);
  return Float64Array.from({ length: given }, (_, frame) => out[frame * 2] ?? 0);
}

/** dBTP of what is between `from` and `to`. */
function truePeakDb(signal: Float64Array, from: number, to: number): number {
  const reach = 180;
  const places = 16;
  let peak = 0;
  for (let frame = from; frame < to; frame += 1) {
    for (let place = 0; place < places; place += 1) {
      let sum = 0;
      for (let tap = -reach; tap <= reach; tap += 1) {
        const distance = place / places - tap;
        const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance);
        sum += (signal[frame + tap] ?? 0) * sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (reach + 1)));
      }
      peak = Math.max(peak, Math.abs(sum));
    }
  }
  return 20 * Math.log10(peak);
}

function sine(hertz: number, amplitude: number, phase: number, length = 4_800): Float64Array {
  return Float64Array.from(
    { length },
    (_, frame) => amplitude * Math.sin((2 * Math.PI * hertz * frame) / RATE + phase),
  );
}

/** The limiter's input is single precision. */
const single = (signal: Float64Array): number[] => [...signal].map(Math.fround);

describe('the true-peak limiter', () => {
  it.each([
    ['a quarter of the rate at 45°, whose peaks no sample shows', 12_000, Math.PI / 4, 1.4],
    ['a quarter of the rate, barely over', 12_000, Math.PI / 4, 0.95],
    ['a low tone', 100, 0, 1],
    ['a sixth of the rate', 8_000, Math.PI / 6, 1.1],
    ['between the places looked at', 10_000, 0.3, 1.2],
    ['sixteen kilohertz', 16_000, 1, 1.2],
    ['as far over as two tracks at once can be', 997, 0.5, 2],
  ])('brings %s below −1 dBTP', (_, hertz, phase, amplitude) => {
    const signal = sine(hertz, amplitude, phase);
    expect(truePeakDb(signal, 1_000, 1_400)).toBeGreaterThan(-1);
    const out = limited(signal);
    expect(truePeakDb(out, 1_000, 1_400)).toBeLessThanOrEqual(-1);
    // And no lower than it has to.
    expect(truePeakDb(out, 1_000, 1_400)).toBeGreaterThan(-1.7);
  });

  it('brings any sum of tones below −1 dBTP, wherever its peaks are', () => {
    const tone = fc.record({
      hertz: fc.integer({ min: 40, max: 16_000 }),
      phase: fc.double({ min: 0, max: 6.28, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(tone, { minLength: 2, maxLength: 12 }), (tones) => {
        const parts = tones.map(({ hertz, phase }) => sine(hertz, 1.5 / Math.sqrt(tones.length), phase, 2_000));
        const signal = Float64Array.from({ length: 2_000 }, (_, frame) =>
          parts.reduce((sum, part) => sum + (part[frame] ?? 0), 0),
        );
        expect(truePeakDb(limited(signal), 1_000, 1_100)).toBeLessThanOrEqual(-1 + ESTIMATE_OFF_DB);
      }),
      { numRuns: 25 },
    );
  });

  it('passes bit for bit what is not over, all of it, whatever the blocks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: BLOCK_FRAMES }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3_000 }),
        fc.double({ min: 0.1, max: CEILING - 0.01, noNaN: true }),
        (sizes, length, amplitude) => {
          // Cut off at its height it would be over: what cuts it off has an edge.
          const signal = sine(440, amplitude, 0, length).map((it, frame) => it * Math.min(1, (length - frame) / 200));
          expect([...limited(signal, sizes)]).toEqual(single(signal));
        },
      ),
    );
  });

  it('gives the same whatever the blocks, also where it limits', () => {
    const signal = sine(300, 1.3, 0).map((sample, frame) => sample * (frame % 1_500 < 400 ? 1 : 0.4));
    const whole = [...limited(signal)];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: BLOCK_FRAMES }), { minLength: 1, maxLength: 6 }), (sizes) => {
        const off = limited(signal, sizes).map((sample, frame) => Math.abs(sample - (whole[frame] ?? 0)));
        expect(Math.max(...off)).toBeLessThan(1e-5);
      }),
      { numRuns: 20 },
    );
  });

  it('lets go of what is over in a straight line and comes back slowly: no step in the gain', () => {
    const level = 0.5;
    const signal = new Float64Array(12_000).fill(level);
    signal.fill(1.2, 3_000, 3_300);
    const out = limited(signal);
    const gains = [...out].map((sample, frame) => sample / (signal[frame] ?? 1));
    const steps = gains.slice(1).map((gain, at) => gain - (gains[at] ?? 1));
    expect(Math.min(...steps)).toBeGreaterThan(-1 / 140);
    expect(Math.max(...steps)).toBeLessThan(0.001);
    expect(gains[2_500]).toBe(1);
    expect(gains[3_150]).toBeLessThan(CEILING / 1.2);
    // Time constant 80 ms: after one, a third of it is left.
    expect((1 - (gains[3_300 + 3_840] ?? 0)) / (1 - (gains[3_300] ?? 1))).toBeCloseTo(1 / Math.E, 1);
  });

  it('adds less than 5 ms', () => {
    expect((LIMITER_HOLD_FRAMES * 1_000) / RATE).toBeLessThan(5);
  });

  it('is bit for bit again once what was over has passed, and after it was told to forget', () => {
    const limiter = new TruePeakLimiter();
    const [loud, soft] = [new Float32Array(BLOCK_FRAMES * 2).fill(1.5), new Float32Array(BLOCK_FRAMES * 2).fill(0.25)];
    const out = new Float32Array(BLOCK_FRAMES * 2);
    limiter.process(loud, BLOCK_FRAMES, out, 0);
    limiter.reset();
    limiter.process(soft, BLOCK_FRAMES, out, 0);
    expect([...out.subarray(0, 2 * (BLOCK_FRAMES - LIMITER_HOLD_FRAMES))].every((sample) => sample === 0.25)).toBe(
      true,
    );
    limiter.process(loud, BLOCK_FRAMES, out, 0);
    for (let block = 0; block < 150; block += 1) limiter.process(soft, BLOCK_FRAMES, out, 0);
    expect([...out.subarray(0, 2 * BLOCK_FRAMES)].every((sample) => sample === 0.25)).toBe(true);
  });
});
