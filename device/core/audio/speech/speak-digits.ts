/** A code as it is said: digit by digit, in groups of three with a longer pause between them, and once more. */
import { DIGIT_SOUNDS } from './digit-sounds.ts';
import { SPEECH_HZ, voiceSounds } from './formant-voice.ts';

const GROUP = 3;
const BETWEEN_DIGITS_MS = 180;
const BETWEEN_GROUPS_MS = 650;
const BETWEEN_TIMES_MS = 1_800;
/** Loudspeakers that wake up swallow the beginning. */
const BEFORE_MS = 400;
const TIMES = 2;

/** What comes after another: sound, or silence of so many frames. */
export type Utterance = Float32Array | number;

/**
 * @param code decimal digits; other characters are passed over
 * @returns piece by piece, each made when it is asked for
 */
export function* speakDigits(code: string): Generator<Utterance, void, undefined> {
  const spoken = [...code].filter((character) => /[0-9]/.test(character));
  if (spoken.length === 0) return;
  for (let time = 0; time < TIMES; time += 1) {
    yield silence(time === 0 ? BEFORE_MS : BETWEEN_TIMES_MS);
    for (const [index, digit] of spoken.entries()) {
      if (index > 0) yield silence(index % GROUP === 0 ? BETWEEN_GROUPS_MS : BETWEEN_DIGITS_MS);
      yield voiceSounds(DIGIT_SOUNDS[Number(digit)] ?? []);
    }
  }
}

function silence(ms: number): number {
  return Math.round((SPEECH_HZ * ms) / 1000);
}
