import { describe, expect, it } from 'vitest';
import { compareSound, readRecording } from './recorded-sound.ts';

/** A header of a file sink in small, and samples after it. */
function recordingOf(samples: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 + samples.length * 3);
  bytes.write('data', 'latin1');
  for (const [index, sample] of samples.entries()) bytes.writeIntLE(sample, 8 + index * 3, 3);
  return bytes;
}

describe('readRecording', () => {
  it('leaves out the silence around what is heard, in whole frames', () => {
    expect([...readRecording(recordingOf([0, 0, 0, 5, -8_388_608, 0, 8_388_607, 0, 0, 0]))]).toEqual([
      0, 5, -8_388_608, 0, 8_388_607, 0,
    ]);
    expect(readRecording(recordingOf([0, 0])).length).toBe(0);
  });
});

describe('compareSound', () => {
  const long = Int32Array.from({ length: 20_000 }, (_, index) => index);

  it('counts what differs, and how far, up to the fade of the shorter one', () => {
    const other = long.slice(0, 15_000);
    other[3] = 10;
    // In the last tenth of a second, which is a fade of its own.
    other[14_000] = 0;
    expect(compareSound(long, other)).toEqual({ frames: 2_700, framesMore: 7_300, differing: 1, largest: 7 });
  });

  it('finds nothing in two that are the same', () => {
    expect(compareSound(long, long.slice())).toMatchObject({ differing: 0, largest: 0 });
  });
});
