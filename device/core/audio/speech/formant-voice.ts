/**
 * A voice without a recording: pulses of the vocal cords, or breath, through the resonances of a mouth that moves from sound
 * to sound, and noise of its own colour beside it (Klatt, "Software for a cascade/parallel formant synthesizer", 1980).
 */
import type { NoiseColour, SpeechSound } from './digit-sounds.ts';

export const SPEECH_HZ = 48_000;
/** The mouth moves by steps of this, in ms. */
const STEP_MS = 4;
const STEP_FRAMES = (SPEECH_HZ * STEP_MS) / 1000;
/** Neighbouring sounds flow into each other over this, in ms; what is loud or not changes faster. */
const GLIDE_MS = 55;
const ONSET_MS = 14;
/** The voice falls a little in each word, as at the end of a sentence. */
const PITCH_FROM_HZ = 122;
const PITCH_TO_HZ = 92;
const WIDTHS_HZ = [70, 100, 150] as const;
/** Above the third, the mouth hardly changes. */
const FIXED = [
  { hz: 3_400, widthHz: 250 },
  { hz: 4_400, widthHz: 320 },
] as const;
/** The cords' pulse: what is above falls by 12 dB an octave. */
const GLOTTIS_WIDTH_HZ = 90;
/** Of full scale: clear in a room at a speaker's first volume, and no fright. */
const PEAK = 0.45;
/** So that voice, breath and noise come out as the tables of sounds weigh them. */
const VOICE_LEVEL = 18;
const BREATH_LEVEL = 0.05;
const FADE_MS = 6;

/** Klatt's two-pole resonator, of gain 1 at 0 Hz. */
class Resonator {
  #a = 0;
  #b = 0;
  #c = 0;
  #one = 0;
  #two = 0;

  tune(hz: number, widthHz: number): void {
    const radius = Math.exp((-Math.PI * widthHz) / SPEECH_HZ);
    this.#c = -radius * radius;
    this.#b = 2 * radius * Math.cos((2 * Math.PI * hz) / SPEECH_HZ);
    this.#a = 1 - this.#b - this.#c;
  }

  /** For noise: gain 1 at its centre instead. */
  tuneBand({ centreHz, widthHz }: NoiseColour): void {
    this.tune(centreHz, widthHz);
    this.#a = (Math.PI * widthHz) / SPEECH_HZ;
  }

  pass(sample: number): number {
    const out = this.#a * sample + this.#b * this.#one + this.#c * this.#two;
    this.#two = this.#one;
    this.#one = out;
    return out;
  }
}

/** @returns one channel at `SPEECH_HZ`; the same sounds give the same samples */
export function voiceSounds(sounds: readonly SpeechSound[]): Float32Array {
  const steps = Math.ceil(sounds.reduce((sum, { ms }) => sum + ms, 0) / STEP_MS);
  const samples = new Float32Array(steps * STEP_FRAMES);
  const mouth = WIDTHS_HZ.map(() => new Resonator());
  const beyond = FIXED.map(({ hz, widthHz }) => tuned(hz, widthHz));
  const cords = tuned(0, GLOTTIS_WIDTH_HZ);
  const hiss = new Resonator();
  const noise = createNoise();
  let phase = 0;
  let voicedBefore = 0;
  for (let step = 0; step < steps; step += 1) {
    const now = soundAt(sounds, step * STEP_MS);
    for (const [index, resonator] of mouth.entries()) resonator.tune(now.formants[index] ?? 0, WIDTHS_HZ[index] ?? 0);
    hiss.tuneBand(now.colour);
    const pitch = PITCH_FROM_HZ + ((PITCH_TO_HZ - PITCH_FROM_HZ) * step) / steps;
    for (let frame = 0; frame < STEP_FRAMES; frame += 1) {
      phase += pitch / SPEECH_HZ;
      // Of mean 0, so that nothing pushes the loudspeaker to one side.
      const pulse = (phase >= 1 ? SPEECH_HZ / pitch : 0) - 1;
      if (phase >= 1) phase -= 1;
      const white = noise();
      const voiced = cords.pass(pulse) * now.voice;
      // Lips radiate what changes: a difference.
      const source = (voiced - voicedBefore) * VOICE_LEVEL + white * now.breath * BREATH_LEVEL;
      voicedBefore = voiced;
      let out = source;
      for (const resonator of mouth) out = resonator.pass(out);
      for (const resonator of beyond) out = resonator.pass(out);
      samples[step * STEP_FRAMES + frame] = out + hiss.pass(white) * now.noise;
    }
  }
  return level(samples);
}

function tuned(hz: number, widthHz: number): Resonator {
  const resonator = new Resonator();
  resonator.tune(hz, widthHz);
  return resonator;
}

type Instant = Omit<SpeechSound, 'ms'>;

/** Between two sounds the mouth is somewhere between. */
function soundAt(sounds: readonly SpeechSound[], atMs: number): Instant {
  let begin = 0;
  for (const [index, sound] of sounds.entries()) {
    const end = begin + sound.ms;
    if (atMs < end || index === sounds.length - 1) {
      const isFirstHalf = atMs < begin + sound.ms / 2;
      const other = sounds[isFirstHalf ? index - 1 : index + 1];
      const distance = isFirstHalf ? atMs - begin : end - atMs;
      return other === undefined ? sound : between(sound, other, distance);
    }
    begin = end;
  }
  throw new Error('a word has sounds');
}

/** @param distance from the border with the other, in ms: at it both count the same */
function between(sound: SpeechSound, other: SpeechSound, distance: number): Instant {
  const flow = (one: number, two: number, within: number) => {
    const part = Math.max(0, 0.5 - distance / within);
    return one * (1 - part) + two * part;
  };
  const [f1, f2, f3] = sound.formants;
  const [o1, o2, o3] = other.formants;
  return {
    formants: [flow(f1, o1, GLIDE_MS), flow(f2, o2, GLIDE_MS), flow(f3, o3, GLIDE_MS)],
    voice: flow(sound.voice, other.voice, ONSET_MS),
    noise: flow(sound.noise, other.noise, ONSET_MS),
    breath: flow(sound.breath, other.breath, ONSET_MS),
    colour: sound.noise > 0 ? sound.colour : other.colour,
  };
}

/** To the same peak each, with soft edges. */
function level(samples: Float32Array): Float32Array {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const gain = peak === 0 ? 0 : PEAK / peak;
  const edge = (FADE_MS * SPEECH_HZ) / 1000;
  for (const [index, sample] of samples.entries()) {
    const soft = Math.min(1, index / edge, (samples.length - 1 - index) / edge);
    samples[index] = sample * gain * soft;
  }
  return samples;
}

/** White, −1 to 1: numbers of a linear congruential generator (Numerical Recipes), the same each time. */
function createNoise(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}
