/** What a rhythm section does with a progression: chords in a rhythm, a bass that walks into the next root, arpeggios. */
import type { ChordSpan } from './chord.ts';
import type { Note } from './note.ts';
import { leadAll, type VoicingRange } from './voicing.ts';

/** A hit within a span: where, how long, how hard; beats from the span's start. */
export type Hit = readonly [beat: number, beats: number, velocity: number];

/** Seconds between the lowest and the highest voice of a struck chord would be too exact; this is in beats. */
const ROLL_BEATS = 0.012;

/** Every chord in the rhythm of `hits`, its voices a breath apart; hits beyond a short span are left out. */
export function comp(spans: readonly ChordSpan[], hits: readonly Hit[], range: VoicingRange, voices = 4): Note[] {
  const voicings = leadAll(
    spans.map((span) => span.chord),
    range,
    voices,
  );
  return spans.flatMap((span, index) =>
    hits
      .filter(([beat]) => beat < span.beats - 1e-9)
      .flatMap(([beat, beats, velocity]) =>
        (voicings[index] ?? []).map((pitch, voice) => ({
          beat: span.beat + beat + voice * ROLL_BEATS,
          beats: Math.min(beats, span.beats - beat + 0.4),
          pitch,
          velocity,
        })),
      ),
  );
}

/** Held chords, each to the start of the next and a little over it. */
export function sustain(spans: readonly ChordSpan[], range: VoicingRange, velocity: number, voices = 4): Note[] {
  const voicings = leadAll(
    spans.map((span) => span.chord),
    range,
    voices,
  );
  return spans.flatMap((span, index) =>
    (voicings[index] ?? []).map((pitch) => ({ beat: span.beat, beats: span.beats + 0.1, pitch, velocity })),
  );
}

/** Tones of a bass line: the chord's bass, its fifth, its octave, or a step into the next chord's bass. */
export type BassTone = 'root' | 'fifth' | 'octave' | 'approach';
/** A bass note within a span. */
export type BassHit = readonly [beat: number, beats: number, tone: BassTone, velocity: number];

/** @param low the lowest pitch allowed; roots are put within the octave above it */
export function bassLine(spans: readonly ChordSpan[], hits: readonly BassHit[], low: number): Note[] {
  return spans.flatMap((span, index) => {
    const root = placed(span.chord.bass, low);
    const next = spans[index + 1];
    const goal = next === undefined ? root : placed(next.chord.bass, low);
    return hits
      .filter(([beat]) => beat < span.beats - 1e-9)
      .map(([beat, beats, tone, velocity]) => ({
        beat: span.beat + beat,
        beats: Math.min(beats, span.beats - beat),
        pitch: bassPitch(tone, root, goal, span),
        velocity,
      }));
  });
}

function bassPitch(tone: BassTone, root: number, goal: number, span: ChordSpan): number {
  switch (tone) {
    case 'root':
      return root;
    case 'octave':
      return root + 12;
    case 'fifth': {
      const fifths = [7, 6, 8].map((interval) => (span.chord.bass + interval) % 12);
      const own = fifths.find((fifth) => span.chord.tones.includes(fifth)) ?? fifths[0] ?? 0;
      return root + ((own - span.chord.bass + 12) % 12);
    }
    case 'approach':
      // From below when the next root is higher, from above when it is lower: it leads either way.
      return goal >= root ? goal - 1 : goal + 1;
  }
}

function placed(pitchClass: number, low: number): number {
  return low + ((((pitchClass - low) % 12) + 12) % 12);
}

/**
 * Chord tones one after another.
 * @param order places in the voicing, lowest 0; one per step; beyond the voicing wraps an octave up
 * @param stepBeats distance of the steps
 */
export function arpeggio(
  spans: readonly ChordSpan[],
  order: readonly number[],
  stepBeats: number,
  range: VoicingRange,
  shape: {
    readonly velocity: number;
    readonly accentEvery: number;
    readonly lengthBeats: number;
    readonly voices?: number;
  },
): Note[] {
  const voicings = leadAll(
    spans.map((span) => span.chord),
    range,
    shape.voices ?? 4,
  );
  return spans.flatMap((span, index) => {
    const voicing = voicings[index] ?? [];
    const steps = Math.round(span.beats / stepBeats);
    return Array.from({ length: steps }, (_, step) => {
      const place = order[step % order.length] ?? 0;
      const pitch = (voicing[place % voicing.length] ?? 60) + 12 * Math.floor(place / voicing.length);
      const isAccent = step % shape.accentEvery === 0;
      return {
        beat: span.beat + step * stepBeats,
        beats: shape.lengthBeats,
        pitch,
        velocity: shape.velocity * (isAccent ? 1 : 0.78),
      };
    });
  });
}
