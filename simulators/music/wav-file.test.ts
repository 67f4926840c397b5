import { parseBuffer } from 'music-metadata';
import { describe, expect, it } from 'vitest';
import { chirp, constant, hardPanned, ramp, silence, sine, stereo } from './test-signals.ts';
import { encodeWav } from './wav-file.ts';

const TAGS = {
  title: 'Grüße, 世界',
  artist: 'Somebody',
  album: 'Something',
  trackNumber: 3,
  trackCount: 7,
  year: 2026,
  genre: 'Test',
  comment: 'Made for a test.',
  picture: { mediaType: 'image/png', bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3) },
};

/** Interleaved samples of the data chunk, found by walking the chunks as a reader does. */
function samplesOf(file: Uint8Array): Int16Array {
  const view = new DataView(file.buffer);
  for (let place = 12; place < file.length; ) {
    const name = String.fromCharCode(...file.subarray(place, place + 4));
    const size = view.getUint32(place + 4, true);
    if (name === 'data') return new Int16Array(file.slice(place + 8, place + 8 + size).buffer);
    place += 8 + size + (size % 2);
  }
  throw new Error('no data chunk');
}

describe('WAV file', () => {
  it('holds exactly the samples that were put in, left first', () => {
    const left = ramp(70_000, -32_768);
    const right = ramp(70_000, 5);
    const samples = samplesOf(encodeWav({ left, right, rate: 48_000 }));
    expect(samples.filter((_, index) => index % 2 === 0)).toEqual(left);
    expect(samples.filter((_, index) => index % 2 === 1)).toEqual(right);
  });

  it('keeps what is too loud at full scale', () => {
    const samples = samplesOf(encodeWav(stereo(Float32Array.of(2, -2, 1, -1, 0))));
    expect([...samples.filter((_, index) => index % 2 === 0)]).toEqual([32_767, -32_767, 32_767, -32_767, 0]);
  });

  it('refuses channels of different lengths', () => {
    expect(() => encodeWav({ left: silence(2), right: silence(3), rate: 48_000 })).toThrow(RangeError);
  });

  it('is read by others: format, tags and picture', async () => {
    const file = encodeWav(stereo(sine(440, 48_000)), TAGS);
    const { format, common } = await parseBuffer(file, { mimeType: 'audio/wav' });
    expect(format).toMatchObject({ sampleRate: 48_000, numberOfChannels: 2, bitsPerSample: 16, duration: 1 });
    expect(common).toMatchObject({ title: TAGS.title, artist: 'Somebody', album: 'Something', year: 2026 });
    expect(common.track).toEqual({ no: 3, of: 7 });
    expect(common.genre).toEqual(['Test']);
    expect(common.picture?.[0]?.format).toBe('image/png');
    expect([...(common.picture?.[0]?.data ?? [])]).toEqual([...TAGS.picture.bytes]);
    expect(samplesOf(file)).toHaveLength(96_000);
  });
});

describe('test signals', () => {
  it('have the pitch, the side and the level that they say', () => {
    const tone = sine(1_000, 48_000, 0.25);
    let crossings = 0;
    for (let frame = 1; frame < tone.length; frame += 1) {
      if ((tone[frame - 1] ?? 0) < 0 && (tone[frame] ?? 0) >= 0) crossings += 1;
    }
    expect(crossings).toBe(999);
    expect(Math.max(...tone)).toBeCloseTo(0.25, 3);
    const panned = hardPanned(constant(10, 0.5), 'right');
    expect([panned.left[3], panned.right[3]]).toEqual([0, 0.5]);
  });

  it('sweep from one pitch to the other', () => {
    const sweep = chirp(100, 1_600, 48_000);
    const crossingsIn = (from: number, to: number) => {
      let count = 0;
      for (let frame = from + 1; frame < to; frame += 1) {
        if ((sweep[frame - 1] ?? 0) < 0 && (sweep[frame] ?? 0) >= 0) count += 1;
      }
      return count;
    };
    // A tenth of a second at either end and in the middle: 100 Hz, 400 Hz, 1,600 Hz, each a little inside.
    expect(crossingsIn(0, 4_800)).toBeGreaterThanOrEqual(10);
    expect(crossingsIn(0, 4_800)).toBeLessThanOrEqual(13);
    expect(Math.abs(crossingsIn(21_600, 26_400) - 40)).toBeLessThanOrEqual(2);
    expect(crossingsIn(43_200, 48_000)).toBeGreaterThan(130);
  });
});
