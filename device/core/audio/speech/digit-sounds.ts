/**
 * The ten English digits as a voice makes them: for each a row of sounds, and for each sound where the mouth's resonances
 * (formants) lie, how long it lasts, and how much of it is voice and how much noise.
 *
 * Formants of vowels after Peterson & Barney (1952) and Hillenbrand et al. (1995), of a man's voice; those of consonants and
 * the spectra of their noise after Stevens, "Acoustic Phonetics" (1998). Lengths are those of slow, careful speech.
 */

/** Resonance of the noise of a hiss or a burst. */
export interface NoiseColour {
  readonly centreHz: number;
  readonly widthHz: number;
}

export interface SpeechSound {
  readonly ms: number;
  /** F1, F2, F3 at its middle, in Hz. */
  readonly formants: readonly [number, number, number];
  /** Amplitude of the voice, 0 to 1. */
  readonly voice: number;
  /** Amplitude of hiss or burst, 0 to 1. */
  readonly noise: number;
  readonly colour: NoiseColour;
  /** Amplitude of breath, which the mouth colours as it does a voice. */
  readonly breath: number;
}

const NO_COLOUR: NoiseColour = { centreHz: 4_000, widthHz: 3_000 };

type Formants = readonly [number, number, number];

function vowel(ms: number, formants: Formants, voice = 1): SpeechSound {
  return { ms, formants, voice, noise: 0, colour: NO_COLOUR, breath: 0 };
}

function hiss(ms: number, formants: Formants, noise: number, colour: NoiseColour, voice = 0): SpeechSound {
  return { ms, formants, voice, noise, colour, breath: 0 };
}

function closure(ms: number, formants: Formants): SpeechSound {
  return { ms, formants, voice: 0, noise: 0, colour: NO_COLOUR, breath: 0 };
}

function breath(ms: number, formants: Formants): SpeechSound {
  return { ms, formants, voice: 0, noise: 0, colour: NO_COLOUR, breath: 0.5 };
}

const S: NoiseColour = { centreHz: 6_000, widthHz: 2_000 };
const F: NoiseColour = { centreHz: 4_500, widthHz: 6_000 };
const TH: NoiseColour = { centreHz: 6_500, widthHz: 6_000 };
const T: NoiseColour = { centreHz: 4_200, widthHz: 1_800 };
const K: NoiseColour = { centreHz: 1_900, widthHz: 700 };

/** What a nose leaves of a voice. */
const NASAL = 0.32;
const N = (ms: number) => vowel(ms, [250, 1_450, 2_500], NASAL);
const R = (ms: number) => vowel(ms, [330, 1_100, 1_500], 0.7);

/** By digit. */
export const DIGIT_SOUNDS: readonly (readonly SpeechSound[])[] = [
  // z ɪ r oʊ
  [
    hiss(110, [280, 1_700, 2_550], 0.35, S, 0.35),
    vowel(110, [390, 1_950, 2_550]),
    R(90),
    vowel(110, [500, 900, 2_350]),
    vowel(140, [360, 750, 2_300], 0.8),
  ],
  // w ʌ n
  [vowel(90, [300, 640, 2_200], 0.6), vowel(190, [650, 1_190, 2_450]), N(170)],
  // t uː
  [
    closure(40, [320, 1_750, 2_600]),
    hiss(18, [320, 1_750, 2_600], 0.9, T),
    breath(55, [320, 1_600, 2_500]),
    vowel(110, [310, 1_150, 2_250]),
    vowel(170, [300, 850, 2_240]),
  ],
  // θ r iː
  [
    hiss(150, [320, 1_400, 2_600], 0.22, TH),
    R(95),
    vowel(120, [280, 2_200, 2_950]),
    vowel(150, [270, 2_300, 3_010], 0.85),
  ],
  // f ɔː r
  [
    hiss(140, [340, 1_100, 2_100], 0.24, F),
    vowel(190, [560, 850, 2_410]),
    vowel(90, [480, 1_000, 1_900], 0.85),
    R(110),
  ],
  // f aɪ v
  [
    hiss(140, [340, 1_100, 2_100], 0.24, F),
    vowel(150, [740, 1_150, 2_440]),
    vowel(130, [420, 2_000, 2_650]),
    hiss(110, [260, 1_200, 2_200], 0.1, F, 0.35),
  ],
  // s ɪ k s
  [
    hiss(150, [320, 1_600, 2_600], 0.7, S),
    vowel(110, [400, 1_980, 2_550]),
    closure(75, [300, 1_900, 2_300]),
    hiss(28, [300, 1_900, 2_300], 0.7, K),
    hiss(170, [320, 1_600, 2_600], 0.65, S),
  ],
  // s ɛ v ə n
  [
    hiss(140, [320, 1_600, 2_600], 0.7, S),
    vowel(115, [550, 1_800, 2_480]),
    hiss(70, [270, 1_200, 2_200], 0.08, F, 0.4),
    vowel(75, [500, 1_400, 2_450], 0.8),
    N(150),
  ],
  // eɪ t
  [
    vowel(140, [490, 1_900, 2_550]),
    vowel(120, [340, 2_200, 2_800], 0.9),
    closure(75, [320, 1_800, 2_600]),
    hiss(30, [320, 1_800, 2_600], 0.6, T),
    breath(40, [320, 1_800, 2_600]),
  ],
  // n aɪ n
  [N(100), vowel(150, [740, 1_150, 2_440]), vowel(130, [430, 1_950, 2_600]), N(150)],
];
