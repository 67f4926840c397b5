import { describe, expect, it } from 'vitest';
import { pingPongDelay } from '../effects/ping-pong-delay.ts';
import { reverb } from '../effects/reverb.ts';
import { createNoise } from '../score/noise.ts';
import { integratedLoudness } from './loudness.ts';
import { master } from './master.ts';
import { createStereoBuffer, MUSIC_RATE_HZ, panGains, type StereoBuffer } from './stereo-buffer.ts';

function tone(seconds: number, level: number, hz = 997): StereoBuffer {
  const buffer = createStereoBuffer(Math.round(seconds * MUSIC_RATE_HZ));
  for (let frame = 0; frame < buffer.left.length; frame += 1) {
    const sample = level * Math.sin((2 * Math.PI * hz * frame) / MUSIC_RATE_HZ);
    buffer.left[frame] = sample;
    buffer.right[frame] = sample;
  }
  return buffer;
}

function impulse(frames: number): StereoBuffer {
  const buffer = createStereoBuffer(frames);
  buffer.left[0] = 1;
  buffer.right[0] = 1;
  return buffer;
}

function energy(channel: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let frame = from; frame < to; frame += 1) sum += (channel[frame] ?? 0) ** 2;
  return sum;
}

describe('loudness', () => {
  it('agrees with the standard: a sine at 997 Hz at full scale on both sides is -0.0 LUFS, at -23 dB -23', () => {
    // BS.1770-4: one channel of it is -3.01 LKFS, so two are 0.
    expect(integratedLoudness(tone(5, 1))).toBeCloseTo(0, 1);
    expect(integratedLoudness(tone(5, 10 ** (-23 / 20)))).toBeCloseTo(-23, 1);
  });

  it('does not count the silence around the music', () => {
    const buffer = createStereoBuffer(20 * MUSIC_RATE_HZ);
    buffer.left.set(tone(5, 0.1).left, 5 * MUSIC_RATE_HZ);
    buffer.right.set(tone(5, 0.1).right, 5 * MUSIC_RATE_HZ);
    expect(integratedLoudness(buffer)).toBeCloseTo(-20, 0);
  });
});

describe('master', () => {
  it('brings quiet and loud to the same loudness, without a clipped sample', () => {
    for (const level of [0.01, 3]) {
      const { left } = master(tone(6, level), 1);
      let peak = 0;
      let sum = 0;
      for (const sample of left.subarray(MUSIC_RATE_HZ, 4 * MUSIC_RATE_HZ)) {
        peak = Math.max(peak, Math.abs(sample));
        sum += sample * sample;
      }
      const rmsDb = 10 * Math.log10(sum / (3 * MUSIC_RATE_HZ) / 32_767 ** 2);
      expect(rmsDb + 3.01).toBeCloseTo(-16, 0);
      expect(peak).toBeLessThan(32_767);
    }
  });

  it('holds a single spike below its ceiling', () => {
    const buffer = tone(6, 0.05);
    for (const frame of [100_000, 100_003, 200_000]) {
      buffer.left[frame] = 2;
      buffer.right[frame] = -2;
    }
    const { left, right } = master(buffer, 1);
    const peakOf = (channel: Int16Array) => channel.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    expect(peakOf(left)).toBeLessThanOrEqual(26_100);
    expect(peakOf(right)).toBeLessThanOrEqual(26_100);
    expect(peakOf(left)).toBeGreaterThan(20_000);
  });

  it('begins and ends in silence', () => {
    const { left } = master(tone(3, 0.5), 1);
    expect(Math.abs(left[0] ?? 9)).toBeLessThanOrEqual(1);
    expect(Math.abs(left.at(-1) ?? 9)).toBeLessThanOrEqual(1);
  });
});

describe('room', () => {
  it('falls by 60 dB in the time it was told, and never grows', () => {
    const frames = 3 * MUSIC_RATE_HZ;
    const out = reverb(impulse(frames), { seconds: 1, damping: 0, preDelaySeconds: 0 });
    const tenth = MUSIC_RATE_HZ / 10;
    const early = energy(out.left, 2 * tenth, 3 * tenth);
    const later = energy(out.left, 7 * tenth, 8 * tenth);
    expect(10 * Math.log10(later / early)).toBeCloseTo(-30, -1);
    expect(energy(out.left, 25 * tenth, 30 * tenth)).toBeLessThan(early * 1e-6);
  });

  it('is another one on each side', () => {
    const out = reverb(impulse(MUSIC_RATE_HZ), { seconds: 1, damping: 0.3, preDelaySeconds: 0.01 });
    let product = 0;
    for (let frame = 0; frame < MUSIC_RATE_HZ; frame += 1) product += (out.left[frame] ?? 0) * (out.right[frame] ?? 0);
    const both = Math.sqrt(energy(out.left, 0, MUSIC_RATE_HZ) * energy(out.right, 0, MUSIC_RATE_HZ));
    expect(Math.abs(product / both)).toBeLessThan(0.3);
  });
});

describe('echo', () => {
  it('comes first on one side, then softer on the other', () => {
    const out = pingPongDelay(impulse(MUSIC_RATE_HZ), { seconds: 0.1, feedback: 0.5 });
    const around = (channel: Float32Array, echo: number) => energy(channel, echo * 4_800 - 10, echo * 4_800 + 400);
    expect(around(out.left, 1)).toBeGreaterThan(0);
    expect(around(out.right, 1)).toBe(0);
    expect(around(out.right, 2)).toBeGreaterThan(0);
    expect(around(out.left, 3)).toBeLessThan(around(out.left, 1) / 3);
  });
});

describe('panning', () => {
  it('has equal power everywhere', () => {
    const noise = createNoise(1);
    for (let draw = 0; draw < 50; draw += 1) {
      const [left, right] = panGains(noise());
      expect(left * left + right * right).toBeCloseTo(2);
    }
    expect(panGains(-1)[1]).toBeCloseTo(0);
  });
});
