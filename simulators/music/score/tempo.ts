/** Musical time to seconds, with tempi that change smoothly, and the small unevenness that tells people from machines. */

/** From `beat` on the tempo moves in a straight line to that of the next mark. */
export interface TempoMark {
  readonly beat: number;
  readonly bpm: number;
}

/** Beats to seconds. */
export interface Tempo {
  secondsAt(beat: number): number;
}

const SECONDS_PER_MINUTE = 60;

/** @param marks by beat, the first at 0 */
export function createTempo(marks: readonly TempoMark[]): Tempo {
  return {
    secondsAt: (beat) => {
      let seconds = 0;
      for (const [index, mark] of marks.entries()) {
        const next = marks[index + 1];
        if (next === undefined || beat <= next.beat) return seconds + within(mark, next, beat);
        seconds += within(mark, next, next.beat);
      }
      return seconds;
    },
  };
}

/** The integral of 60 / bpm over beats, the bpm being a straight line. */
function within(from: TempoMark, to: TempoMark | undefined, beat: number): number {
  const beats = beat - from.beat;
  if (to === undefined || to.bpm === from.bpm) return (beats * SECONDS_PER_MINUTE) / from.bpm;
  const slope = (to.bpm - from.bpm) / (to.beat - from.beat);
  return (SECONDS_PER_MINUTE / slope) * Math.log(1 + (slope * beats) / from.bpm);
}

/**
 * Delays every second step, as swing does.
 * @param amount where the second of two steps falls within the pair: 0.5 is straight, 0.667 a triplet
 */
export function swung(beat: number, stepBeats: number, amount: number): number {
  const pair = stepBeats * 2;
  const start = Math.floor(beat / pair) * pair;
  const place = (beat - start) / pair;
  const moved = place < 0.5 ? place * amount * 2 : amount + (place - 0.5) * 2 * (1 - amount);
  return start + moved * pair;
}
