/** Drum parts as they are drawn on paper: one character per step, `x` a hit, `X` a hard one, `o` a soft one, `.` none. */
import type { DrumSound } from '../instruments/drum-kit.ts';
import { DRUM_SOUNDS } from '../instruments/drum-kit.ts';
import type { Note } from './note.ts';

const VELOCITIES: Readonly<Record<string, number>> = { X: 0.95, x: 0.72, o: 0.4 };

/** Rows of one bar (or more), each as long as the others. */
export type DrumPattern = Partial<Readonly<Record<DrumSound, string>>>;

/**
 * @param stepBeats beats per character
 * @param bars how many times the pattern is played
 */
export function drums(pattern: DrumPattern, stepBeats: number, fromBeat: number, bars: number): Note[] {
  const notes: Note[] = [];
  for (const [sound, row] of Object.entries(pattern)) {
    const steps = row.replaceAll(' ', '');
    for (let bar = 0; bar < bars; bar += 1) {
      for (let step = 0; step < steps.length; step += 1) {
        const velocity = VELOCITIES[steps.charAt(step)];
        if (velocity === undefined) continue;
        const beat = fromBeat + (bar * steps.length + step) * stepBeats;
        notes.push({ beat, beats: stepBeats, pitch: DRUM_SOUNDS.indexOf(sound as DrumSound), velocity });
      }
    }
  }
  return notes;
}
