/** Whether ten digits are ten different words, by where and when their energy lies; ears have the last word. */
import { describe, expect, it } from 'vitest';
import { DIGIT_SOUNDS } from '#device/core/audio/speech/digit-sounds';
import { SPEECH_HZ, voiceSounds } from '#device/core/audio/speech/formant-voice';
import { speakDigits } from '#device/core/audio/speech/speak-digits';
import { createSpeakingSink, type SpeakingSink } from '#device/core/audio/speech/speaking-sink';
import { silentLogger } from '#protocol/kit/silent-logger';
import { FRAMES_PER_SECOND, hz, ms } from '#protocol/vocabulary/units';
import { RecordingSink } from '#sim/speakers/recording-sink';
import { VirtualClock } from '#sim/world/virtual-clock';

const WORDS = DIGIT_SOUNDS.map((sounds) => voiceSounds(sounds));
const word = (digit: number) => WORDS[digit] ?? new Float32Array();

/** Energy of a stretch around a frequency, by Goertzel's sum over a band of steps. */
function energy(samples: Float32Array, fromHz: number, toHz: number): number {
  let sum = 0;
  for (let at = fromHz; at < toHz; at += 50) {
    const turn = (2 * Math.PI * at) / SPEECH_HZ;
    let [one, two] = [0, 0];
    for (const sample of samples) [one, two] = [sample + 2 * Math.cos(turn) * one - two, one];
    sum += one * one + two * two - 2 * Math.cos(turn) * one * two;
  }
  return sum / samples.length ** 2;
}

/** A part of a word, 0 to 1. */
function part(digit: number, from: number, to: number): Float32Array {
  const samples = word(digit);
  return samples.subarray(Math.floor(samples.length * from), Math.floor(samples.length * to));
}

const BANDS = [100, 400, 700, 1_000, 1_500, 2_000, 2_600, 3_500, 5_000, 7_500];
const SLICES = 4;

/** Levels by time and band, in dB above −60, loudest at 0. */
function pictureOf(digit: number): number[] {
  const levels = Array.from({ length: SLICES }, (_, slice) => {
    const samples = part(digit, slice / SLICES, (slice + 1) / SLICES);
    return BANDS.slice(1).map((toHz, band) => 10 * Math.log10(energy(samples, BANDS[band] ?? 0, toHz) + 1e-12));
  }).flat();
  const loudest = Math.max(...levels);
  return levels.map((level) => Math.max(-60, level - loudest));
}

describe('the ten digits', () => {
  it('look different, each from each other', () => {
    const pictures = WORDS.map((_, digit) => pictureOf(digit));
    for (const [one, picture] of pictures.entries()) {
      for (const [other, compared] of pictures.entries()) {
        if (one >= other) continue;
        const apart = Math.sqrt(
          picture.reduce((sum, level, at) => sum + (level - (compared[at] ?? 0)) ** 2, 0) / picture.length,
        );
        expect(apart, `${one} and ${other}`).toBeGreaterThan(4);
      }
    }
  });

  it('are as loud as each other, never near full scale, and push nothing to one side', () => {
    for (const samples of WORDS) {
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
      expect(peak).toBeCloseTo(0.45, 1);
      expect(Math.abs(mean)).toBeLessThan(0.005);
      expect(samples.length / SPEECH_HZ).toBeGreaterThan(0.35);
      expect(samples.length / SPEECH_HZ).toBeLessThan(0.65);
    }
  });

  it('have the vowels that they should', () => {
    // iː: the second resonance far from the first; uː: near.
    const three = part(3, 0.75, 0.95);
    expect(energy(three, 2_000, 2_700)).toBeGreaterThan(5 * energy(three, 700, 1_500));
    const two = part(2, 0.75, 0.95);
    expect(energy(two, 600, 1_200)).toBeGreaterThan(5 * energy(two, 1_800, 2_600));
    // aɪ opens the mouth, then closes it.
    expect(energy(part(9, 0.3, 0.45), 650, 850)).toBeGreaterThan(energy(part(9, 0.3, 0.45), 300, 500));
    expect(energy(part(9, 0.6, 0.7), 300, 500)).toBeGreaterThan(energy(part(9, 0.6, 0.7), 650, 850));
  });

  it('hiss where they should, and are silent before a stop', () => {
    for (const digit of [6, 7]) {
      const hiss = part(digit, 0.05, 0.2);
      expect(energy(hiss, 4_000, 8_000)).toBeGreaterThan(6 * energy(hiss, 200, 2_000));
    }
    for (const digit of [1, 9]) {
      expect(energy(part(digit, 0, 1), 200, 2_000)).toBeGreaterThan(20 * energy(part(digit, 0, 1), 4_000, 8_000));
    }
    const stop = part(8, 0.72, 0.78);
    expect(energy(stop, 200, 8_000)).toBeLessThan(0.05 * energy(part(8, 0.2, 0.5), 200, 8_000));
  });
});

describe('a code', () => {
  it('is said twice, digit by digit, in groups', () => {
    const pieces = [...speakDigits('123 456 789')];
    const sounds = pieces.filter((piece) => typeof piece !== 'number');
    expect(sounds).toHaveLength(18);
    expect(sounds[0]).toEqual(word(1));
    expect(sounds[17]).toEqual(word(9));
    const pauses = pieces.filter((piece) => typeof piece === 'number');
    expect(pauses.filter((pause) => pause > SPEECH_HZ / 2)).toHaveLength(5);
    expect([...speakDigits('')]).toEqual([]);
  });
});

describe('a sink that can speak', () => {
  const REQUEST = { rate: hz(FRAMES_PER_SECOND), channels: 2, latency: ms(100), sampleBits: 16 } as const;
  const start = (): { clock: VirtualClock; sink: RecordingSink; speaking: SpeakingSink } => {
    const clock = new VirtualClock();
    const sink = new RecordingSink(clock);
    return { clock, sink, speaking: createSpeakingSink({ clock, logger: silentLogger }, sink) };
  };

  it('says a code whole, and lets the device go', async () => {
    const { clock, sink, speaking } = start();
    speaking.say('123456789');
    await clock.advance(ms(30_000));
    const expected = [...speakDigits('123456789')];
    const frames = expected.reduce<number>((sum, it) => sum + (typeof it === 'number' ? it : it.length), 0);
    expect(sink.recordedFrames()).toBe(frames);
    const first = typeof expected[0] === 'number' ? expected[0] : 0;
    const at = first + 5_000;
    expect(sink.recording()[2 * at]).toBe(Math.round((word(1)[5_000] ?? 0) * 32_768));
    expect(clock.timers()).toEqual([]);
    const opened = await speaking.open(REQUEST, { lost: () => {} });
    expect(opened.ok).toBe(true);
    await speaking.close();
  });

  it('falls silent for music, which then has the device alone', async () => {
    const { clock, sink, speaking } = start();
    speaking.say('123456789');
    await clock.advance(ms(2_000));
    expect(sink.recordedFrames()).toBeGreaterThan(FRAMES_PER_SECOND);
    const opened = await speaking.open(REQUEST, { lost: () => {} });
    expect(opened.ok).toBe(true);
    const before = sink.recordedFrames();
    speaking.say('987654321');
    await clock.advance(ms(5_000));
    expect([sink.recordedFrames(), sink.openings]).toEqual([before, 2]);
    await speaking.close();
    speaking.say('1');
    await clock.advance(ms(5_000));
    expect(sink.recordedFrames()).toBeGreaterThan(before);
    await speaking.close();
    expect(clock.timers()).toEqual([]);
  });

  it('says nothing where there is no device, and another code in place of the one before', async () => {
    const { clock, sink, speaking } = start();
    sink.refuse('unplugged');
    speaking.say('1');
    await clock.advance(ms(1_000));
    sink.refuse(null);
    speaking.say('111111111');
    await clock.advance(ms(1_000));
    speaking.say('2');
    await clock.advance(ms(20_000));
    const frames = [...speakDigits('2')].reduce<number>(
      (sum, it) => sum + (typeof it === 'number' ? it : it.length),
      0,
    );
    expect(sink.recordedFrames()).toBeLessThan(frames + 1.5 * FRAMES_PER_SECOND);
    expect(sink.recordedFrames()).toBeGreaterThan(frames);
    await speaking.close();
  });
});
