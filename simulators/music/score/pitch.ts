/** Note names to numbers: `C4` is middle C (60), `Bb3`, `F#5`. */

const STEPS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const ACCIDENTALS: Readonly<Record<string, number>> = { '': 0, '#': 1, b: -1 };
const SEMITONES_PER_OCTAVE = 12;
const A4_HZ = 440;
const A4_PITCH = 69;

/** @throws RangeError for what is no note's name */
export function pitchOf(name: string): number {
  const match = /^([A-G])([#b]?)(-?\d)$/.exec(name);
  if (match === null) throw new RangeError(`no note is called ${name}`);
  return pitchClassOf(`${match[1]}${match[2]}`) + SEMITONES_PER_OCTAVE * (Number(match[3]) + 1);
}

/** A name without its octave, as semitones above C; may be -1 or 12 for Cb and B#. */
export function pitchClassOf(name: string): number {
  const step = STEPS[name.charAt(0)];
  const accidental = ACCIDENTALS[name.slice(1)];
  if (step === undefined || accidental === undefined) throw new RangeError(`no note is called ${name}`);
  return step + accidental;
}

/** Equal temperament on 440 Hz. */
export function hzOf(pitch: number): number {
  return A4_HZ * 2 ** ((pitch - A4_PITCH) / SEMITONES_PER_OCTAVE);
}
