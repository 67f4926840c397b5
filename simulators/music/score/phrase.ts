/**
 * Melodies as text: `A4:1 C5:.5 -:.5 | E5:2`, a note's name, a colon, its beats; `-` is a rest, `!` behind the beats an
 * accent, `~` a soft one. Bars are counted, because a melody with a beat too many is wrong from there to the end.
 */
import type { Note } from './note.ts';
import { pitchOf } from './pitch.ts';

const PLAIN = 0.7;
const ACCENT = 0.9;
const SOFT = 0.5;
/** Thirds of a beat do not add up to whole ones exactly. */
const ROUNDING = 1e-6;

/** @throws RangeError naming the bar that does not add up */
export function phrase(text: string, beatsPerBar: number, fromBeat = 0): Note[] {
  const notes: Note[] = [];
  text.split('|').forEach((bar, index) => {
    const start = fromBeat + index * beatsPerBar;
    let beat = start;
    for (const word of bar.trim().split(/\s+/)) {
      const match = /^([^:]+):([\d.]+)([!~]?)$/.exec(word);
      if (match === null) throw new RangeError(`bar ${index + 1}: no note is written ${word}`);
      const beats = Number(match[2]);
      const velocity = match[3] === '!' ? ACCENT : match[3] === '~' ? SOFT : PLAIN;
      if (match[1] !== '-') notes.push({ beat, beats, pitch: pitchOf(match[1] ?? ''), velocity });
      beat += beats;
    }
    if (Math.abs(beat - start - beatsPerBar) > ROUNDING) {
      throw new RangeError(`bar ${index + 1} of "${text.slice(0, 40)}…" has ${beat - start} beats, not ${beatsPerBar}`);
    }
  });
  return notes;
}
