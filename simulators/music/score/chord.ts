/** Chord symbols as musicians write them, to the tones that a rhythm section would play. */
import { pitchClassOf } from './pitch.ts';

/** What one symbol says. Intervals are in semitones above the root. */
export interface Chord {
  /** Pitch class of the bass note: the root, or what follows the slash. */
  readonly bass: number;
  readonly root: number;
  /** Colour tones first to last in order of importance; four, the root only where the chord needs it. */
  readonly tones: readonly number[];
}

/**
 * Rootless where there is a bass to play the root: third and seventh say which chord it is, the rest is its colour.
 */
const QUALITIES: Readonly<Record<string, readonly number[]>> = {
  '': [0, 4, 7, 12],
  add9: [0, 4, 7, 14],
  maj7: [4, 11, 7, 0],
  maj9: [4, 11, 14, 7],
  '6/9': [4, 9, 14, 7],
  'maj7#11': [4, 11, 18, 7],
  m: [0, 3, 7, 12],
  m7: [3, 10, 7, 0],
  m9: [3, 10, 14, 7],
  m11: [3, 10, 17, 14],
  m7b5: [3, 10, 6, 0],
  '7': [4, 10, 7, 0],
  '9': [4, 10, 14, 7],
  '13': [4, 10, 14, 21],
  '7b9': [4, 10, 13, 7],
  '13sus': [5, 10, 14, 21],
  '7sus': [5, 10, 7, 0],
  sus2: [0, 2, 7, 12],
  sus4: [0, 5, 7, 12],
};

/** @throws RangeError for a symbol that is not known here */
export function chordOf(symbol: string): Chord {
  const [name = '', bassName] = symbol.replace('6/9', '6~9').split('/');
  const match = /^([A-G][#b]?)(.*)$/.exec(name.replace('6~9', '6/9'));
  const quality = QUALITIES[match?.[2] ?? '?'];
  if (match === null || quality === undefined) throw new RangeError(`no chord is written ${symbol}`);
  const root = (pitchClassOf(match[1] ?? '') + 12) % 12;
  const bass = bassName === undefined ? root : (pitchClassOf(bassName) + 12) % 12;
  return { root, bass, tones: quality.map((interval) => (root + interval) % 12) };
}

/** One chord's stretch of a piece. */
export interface ChordSpan {
  readonly beat: number;
  readonly beats: number;
  readonly chord: Chord;
}

/**
 * Reads bars separated by `|`, chords in a bar by blanks, sharing it equally.
 * @param fromBeat where the first bar begins
 */
export function progression(text: string, beatsPerBar: number, fromBeat = 0): ChordSpan[] {
  return text.split('|').flatMap((bar, index) => {
    const symbols = bar.trim().split(/\s+/);
    const beats = beatsPerBar / symbols.length;
    return symbols.map((symbol, place) => ({
      beat: fromBeat + index * beatsPerBar + place * beats,
      beats,
      chord: chordOf(symbol),
    }));
  });
}
