import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LYRICS_LENGTH_MAX, parseLyrics, timedLyrics } from './lrc.ts';

const timed = (...lines: readonly (readonly [number, string])[]) => ({
  kind: 'timed',
  lines: lines.map(([startMs, text]) => ({ startMs, text })),
});

describe('lyrics', () => {
  it.each([
    ['[00:01.50]One\n[00:02.5]Two', timed([1_500, 'One'], [2_500, 'Two'])],
    ['[01:02]One\r\n[61:00.123]Two', timed([62_000, 'One'], [3_660_123, 'Two'])],
    ['[00:01:50]Colon', timed([1_500, 'Colon'])],
    ['[00:09.00][00:01.00]Twice\n[00:05.00]Between', timed([1_000, 'Twice'], [5_000, 'Between'], [9_000, 'Twice'])],
    ['[ar:X]\n[offset:+500]\n[00:01.00]Sooner', timed([500, 'Sooner'])],
    ['[offset:-500]\n[00:01.00]Later', timed([1_500, 'Later'])],
    ['[00:01.00]Before\n[offset:9999]', timed([0, 'Before'])],
    ['[offset:soon]\n[00:01.00]As it is', timed([1_000, 'As it is'])],
    ['[00:01.00]<00:01.00> Word <00:01.50>by <00:02.00>word', timed([1_000, 'Word by word'])],
    ['[00:01.00]One\n[00:03.00]\n[00:04.00]Two', timed([1_000, 'One'], [3_000, ''], [4_000, 'Two'])],
    ['\uFEFF[00:01.00]Marked', timed([1_000, 'Marked'])],
    ['[00:01.00]BjÃ¶rk', timed([1_000, 'Björk'])],
    ['One\n\nTwo\n\n', { kind: 'plain', lines: ['One', '', 'Two'] }],
    ['[Chorus]\nLa', { kind: 'plain', lines: ['[Chorus]', 'La'] }],
    ['[99:99.00]No time', { kind: 'plain', lines: ['[99:99.00]No time'] }],
    ['', null],
    ['[ar:X]\n[ti:Y]', null],
    ['[00:01.00]\n[00:02.00] ', null],
  ])('%j', (text, expected) => {
    expect(parseLyrics(text)).toEqual(expected);
  });

  it('are had back from what they were written as', () => {
    const line = fc.record({ startMs: fc.nat(5_999_999), text: fc.stringMatching(/^[a-zA-Z]{1,20}$/) });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: -9_999, max: 0 }), (lines, offset) => {
        const stamp = (ms: number) =>
          `[${Math.floor(ms / 60_000)}:${Math.floor(ms / 1_000) % 60}.${String(ms % 1_000).padStart(3, '0')}]`;
        const text = [`[offset:${offset}]`, ...lines.map((it) => `${stamp(it.startMs)}${it.text}`)].join('\n');
        expect(parseLyrics(text)).toEqual(timedLyrics(lines, offset));
      }),
    );
  });

  it('are in order and bounded, whatever the text', () => {
    const piece = fc.constantFrom('[00:01.00]', '[', ']', '<00:01>', 'a', '\n', '[offset:9]', '[99:59.999]', ':');
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((it) => it.join('')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const lyrics = parseLyrics(text);
        if (lyrics?.kind !== 'timed') return;
        const starts = lyrics.lines.map((it) => it.startMs);
        expect(starts).toEqual(starts.toSorted((one, other) => one - other));
        expect(starts.every((it) => Number.isInteger(it) && it >= 0)).toBe(true);
      }),
    );
  });

  it('of a hostile size are cut', () => {
    const lyrics = parseLyrics('[00:01.00]x\n'.repeat(LYRICS_LENGTH_MAX));
    expect(lyrics?.lines.length).toBe(2_000);
    expect(parseLyrics(`[00:01.00]${'y'.repeat(9_999)}`)?.lines).toEqual([{ startMs: 1_000, text: 'y'.repeat(500) }]);
  });
});
