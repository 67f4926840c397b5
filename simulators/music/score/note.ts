/** One event of a score: what sounds when, in musical time. Seconds and frames come in with the tempo, at the mixer. */
export interface Note {
  /** From the start of the piece; fractions are parts of a beat. */
  readonly beat: number;
  /** How long the key is held. */
  readonly beats: number;
  /** MIDI number, 60 is middle C; for drums the sound's place in the kit. May be fractional. */
  readonly pitch: number;
  /** 0 to 1: how hard. */
  readonly velocity: number;
}

/** Later by `beats`, and harder or softer by the factor. */
export function shifted(notes: readonly Note[], beats: number, louder = 1): Note[] {
  return notes.map((note) => ({ ...note, beat: note.beat + beats, velocity: Math.min(1, note.velocity * louder) }));
}

/** Higher by `semitones`. */
export function transposed(notes: readonly Note[], semitones: number): Note[] {
  return notes.map((note) => ({ ...note, pitch: note.pitch + semitones }));
}
