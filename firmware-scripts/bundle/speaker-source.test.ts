import { describe, expect, it } from 'vitest';
import { mendSource, SPEAKER_MENDS, SPEAKER_SOURCES } from './speaker-source.ts';

const MENDS = [
  { why: 'a', file: 'x.c', from: 'one', to: '1' },
  { why: 'b', file: 'y.c', from: 'two', to: '2' },
];

describe('mending node-speaker’s source', () => {
  it('replaces what belongs to the file', () => {
    expect(mendSource('x.c', 'one two', MENDS)).toBe('1 two');
    expect(mendSource('z.c', 'one two', MENDS)).toBe('one two');
  });

  it('refuses a source that is another than it was written for', () => {
    expect(() => mendSource('x.c', 'three', MENDS)).toThrow(/x\.c: 0 places/);
    expect(() => mendSource('x.c', 'one one', MENDS)).toThrow(/x\.c: 2 places/);
  });

  it('mends only what is compiled', () => {
    for (const { file } of SPEAKER_MENDS) expect(SPEAKER_SOURCES).toContain(file);
  });
});
