import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DRUM_SOUNDS } from '../instruments/drum-kit.ts';
import { bassLine } from './accompaniment.ts';
import { chordOf, progression } from './chord.ts';
import { drums } from './drum-pattern.ts';
import { createNoise } from './noise.ts';
import { phrase } from './phrase.ts';
import { hzOf, pitchOf } from './pitch.ts';
import { createTempo, swung } from './tempo.ts';
import { leadAll } from './voicing.ts';

describe('pitch', () => {
  it('reads names', () => {
    expect([pitchOf('C4'), pitchOf('Bb3'), pitchOf('F#5'), pitchOf('A4')]).toEqual([60, 58, 78, 69]);
    expect(hzOf(pitchOf('A5'))).toBeCloseTo(880);
    expect(() => pitchOf('H4')).toThrow(RangeError);
  });
});

describe('chord', () => {
  it('reads symbols, with a bass of its own where there is one', () => {
    expect(chordOf('Am7')).toEqual({ root: 9, bass: 9, tones: [0, 7, 4, 9] });
    expect(chordOf('Gadd9/B')).toMatchObject({ root: 7, bass: 11 });
    expect(chordOf('C6/9').tones).toEqual([4, 9, 2, 7]);
    expect(() => chordOf('Cmajor')).toThrow('Cmajor');
  });

  it('shares a bar among its chords', () => {
    const spans = progression('F | Gm7 C13', 4, 8);
    expect(spans.map(({ beat, beats }) => [beat, beats])).toEqual([
      [8, 4],
      [12, 2],
      [14, 2],
    ]);
  });
});

describe('voice leading', () => {
  const symbols = ['Fmaj9', 'Em7b5', 'A7b9', 'Dm9', 'Bb13sus', 'Gm11', 'C13', 'Ebm7', 'F#maj9', 'Bmaj7'];

  it('plays every tone of each chord, in range, and moves little', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...symbols), { minLength: 1, maxLength: 12 }), (names) => {
        const chords = names.map(chordOf);
        const voicings = leadAll(chords, { low: 53, high: 74 });
        voicings.forEach((voicing, index) => {
          expect(new Set(voicing.map((pitch) => pitch % 12))).toEqual(new Set(chords[index]?.tones));
          expect(Math.min(...voicing)).toBeGreaterThanOrEqual(53);
          expect(Math.max(...voicing)).toBeLessThanOrEqual(74);
          const before = voicings[index - 1];
          if (before === undefined) return;
          const moves = voicing.map((pitch, voice) => Math.abs(pitch - (before[voice] ?? pitch)));
          expect(moves.reduce((sum, move) => sum + move, 0) / moves.length).toBeLessThanOrEqual(6);
        });
      }),
    );
  });
});

describe('bass line', () => {
  it('leads into the next root by a semitone', () => {
    const line = bassLine(progression('Fmaj7 | Bbmaj7', 4), [[3.5, 0.5, 'approach', 0.5]], 29);
    expect(line[0]).toMatchObject({ beat: 3.5, pitch: 33 });
  });
});

describe('phrase', () => {
  it('reads notes, rests and accents', () => {
    expect(phrase('A4:1! -:.5 C5:2.5~', 4, 8)).toEqual([
      { beat: 8, beats: 1, pitch: 69, velocity: 0.9 },
      { beat: 9.5, beats: 2.5, pitch: 72, velocity: 0.5 },
    ]);
  });

  it('names the bar that does not add up', () => {
    expect(() => phrase('A4:4 | A4:3', 4)).toThrow('bar 2');
    expect(() => phrase('A4', 4)).toThrow('A4');
  });
});

describe('drums', () => {
  it('are where they are drawn', () => {
    const notes = drums({ kick: 'X..o', rim: '..x.' }, 0.5, 4, 2);
    expect(notes.map((note) => [DRUM_SOUNDS[note.pitch], note.beat])).toEqual([
      ['kick', 4],
      ['kick', 5.5],
      ['kick', 6],
      ['kick', 7.5],
      ['rim', 5],
      ['rim', 7],
    ]);
  });
});

describe('tempo', () => {
  it('is seconds of the beats while it stands', () => {
    expect(createTempo([{ beat: 0, bpm: 120 }]).secondsAt(240)).toBeCloseTo(120);
  });

  it('slows down smoothly: later beats take longer, and time never stands', () => {
    const tempo = createTempo([
      { beat: 0, bpm: 120 },
      { beat: 8, bpm: 120 },
      { beat: 16, bpm: 60 },
    ]);
    const lengths = Array.from({ length: 24 }, (_, beat) => tempo.secondsAt(beat + 1) - tempo.secondsAt(beat));
    for (let beat = 1; beat < 24; beat += 1)
      expect(lengths[beat]).toBeGreaterThanOrEqual((lengths[beat - 1] ?? 0) - 1e-9);
    expect(lengths[0]).toBeCloseTo(0.5);
    expect(lengths[20]).toBeCloseTo(1);
  });

  it('swings every second step and leaves the beat alone', () => {
    expect([0, 0.5, 1, 1.5].map((beat) => swung(beat, 0.5, 2 / 3))).toEqual([0, 2 / 3, 1, 1 + 2 / 3]);
  });
});

describe('noise', () => {
  it('is the same for the same seed, spread evenly, and not for another', () => {
    const draws = Array.from({ length: 20_000 }, createNoise(3));
    const again = createNoise(3);
    expect(draws.slice(0, 50)).toEqual(Array.from({ length: 50 }, again));
    expect(draws[0]).not.toBe(createNoise(4)());
    expect(Math.abs(draws.reduce((sum, draw) => sum + draw, 0) / draws.length)).toBeLessThan(0.02);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(-1);
    expect(Math.min(...draws)).toBeLessThan(-0.99);
  });
});
