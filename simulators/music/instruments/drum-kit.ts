/** A small kit, played quietly: each sound a recipe of a falling sine and filtered noise. */
import { MUSIC_RATE_HZ, panGains, type StereoBuffer } from '../mix/stereo-buffer.ts';
import type { Noise } from '../score/noise.ts';
import type { Instrument } from './instrument.ts';
import { sineOfTurns } from './sine-table.ts';

export const DRUM_SOUNDS = [
  'kick',
  'thump',
  'snare',
  'brush',
  'rim',
  'clap',
  'hat',
  'openHat',
  'shaker',
  'ride',
  'swell',
] as const;
export type DrumSound = (typeof DRUM_SOUNDS)[number];

/** A sine that falls in pitch, for skins. */
interface Skin {
  readonly fromHz: number;
  readonly toHz: number;
  readonly fallSeconds: number;
  readonly seconds: number;
  readonly level: number;
}

/** Noise through a band-pass filter, for everything that hisses. */
interface Hiss {
  readonly hz: number;
  /** Width of the band: small is wide. */
  readonly resonance: number;
  readonly attackSeconds: number;
  readonly seconds: number;
  readonly level: number;
  /** More than one start, a few milliseconds apart, for hands. */
  readonly strokes?: readonly number[];
}

interface Recipe {
  readonly place: number;
  readonly skins: readonly Skin[];
  readonly hisses: readonly Hiss[];
}

/** One octave of falling cymbal, backwards: how long it takes to rise. */
const SWELL_SECONDS = 1.9;

const RECIPES: Readonly<Record<DrumSound, Recipe>> = {
  kick: {
    place: 0,
    skins: [{ fromHz: 165, toHz: 47, fallSeconds: 0.028, seconds: 0.15, level: 0.75 }],
    hisses: [{ hz: 2_600, resonance: 0.7, attackSeconds: 0, seconds: 0.006, level: 0.12 }],
  },
  thump: {
    place: 0,
    skins: [{ fromHz: 105, toHz: 50, fallSeconds: 0.03, seconds: 0.12, level: 0.6 }],
    hisses: [],
  },
  snare: {
    place: 0.05,
    skins: [{ fromHz: 240, toHz: 178, fallSeconds: 0.02, seconds: 0.06, level: 0.26 }],
    hisses: [
      { hz: 2_300, resonance: 0.5, attackSeconds: 0, seconds: 0.075, level: 0.24 },
      { hz: 6_500, resonance: 0.5, attackSeconds: 0, seconds: 0.05, level: 0.12 },
    ],
  },
  brush: {
    place: 0.08,
    skins: [{ fromHz: 210, toHz: 170, fallSeconds: 0.02, seconds: 0.035, level: 0.07 }],
    hisses: [{ hz: 3_600, resonance: 0.45, attackSeconds: 0.012, seconds: 0.085, level: 0.17 }],
  },
  rim: {
    place: -0.2,
    skins: [
      { fromHz: 1_720, toHz: 1_690, fallSeconds: 0.01, seconds: 0.014, level: 0.2 },
      { fromHz: 480, toHz: 455, fallSeconds: 0.01, seconds: 0.018, level: 0.2 },
    ],
    hisses: [{ hz: 4_200, resonance: 1, attackSeconds: 0, seconds: 0.006, level: 0.12 }],
  },
  clap: {
    place: 0.04,
    skins: [],
    hisses: [
      { hz: 1_500, resonance: 0.9, attackSeconds: 0.001, seconds: 0.02, level: 0.3, strokes: [0, 0.011, 0.023] },
      { hz: 1_900, resonance: 0.6, attackSeconds: 0.001, seconds: 0.09, level: 0.2, strokes: [0.03] },
    ],
  },
  hat: {
    place: 0.25,
    skins: [],
    hisses: [{ hz: 9_500, resonance: 0.7, attackSeconds: 0.0005, seconds: 0.022, level: 0.17 }],
  },
  openHat: {
    place: 0.25,
    skins: [],
    hisses: [{ hz: 9_000, resonance: 0.6, attackSeconds: 0.001, seconds: 0.11, level: 0.14 }],
  },
  shaker: {
    place: -0.35,
    skins: [],
    hisses: [{ hz: 6_800, resonance: 1.1, attackSeconds: 0.018, seconds: 0.026, level: 0.15 }],
  },
  ride: {
    place: 0.3,
    skins: [
      { fromHz: 5_120, toHz: 5_120, fallSeconds: 1, seconds: 0.3, level: 0.012 },
      { fromHz: 3_470, toHz: 3_470, fallSeconds: 1, seconds: 0.22, level: 0.012 },
    ],
    hisses: [{ hz: 7_800, resonance: 0.8, attackSeconds: 0.001, seconds: 0.22, level: 0.055 }],
  },
  swell: {
    place: 0,
    skins: [],
    hisses: [{ hz: 5_200, resonance: 0.4, attackSeconds: SWELL_SECONDS, seconds: 0.16, level: 0.09 }],
  },
};

const DECAYS = 7;

export const drumKit: Instrument = {
  play: (bus, start, key, noise) => {
    const sound = DRUM_SOUNDS[key.pitch];
    if (sound === undefined) throw new RangeError(`the kit has no sound ${key.pitch}`);
    const { place, skins, hisses } = RECIPES[sound];
    const gains = panGains(place);
    for (const skin of skins) playSkin(bus, start, skin, key.velocity, gains);
    for (const hiss of hisses) {
      for (const stroke of hiss.strokes ?? [0]) {
        playHiss(bus, start + Math.round(stroke * MUSIC_RATE_HZ), hiss, key.velocity, gains, noise);
      }
    }
  },
};

type Gains = readonly [number, number];

function playSkin(bus: StereoBuffer, start: number, skin: Skin, velocity: number, [left, right]: Gains): void {
  const decay = Math.exp(-1 / (skin.seconds * MUSIC_RATE_HZ));
  const fall = Math.exp(-1 / (skin.fallSeconds * MUSIC_RATE_HZ));
  const frames = Math.min(bus.left.length - start, Math.round(skin.seconds * DECAYS * MUSIC_RATE_HZ));
  let above = (skin.fromHz - skin.toHz) * (0.6 + 0.4 * velocity);
  let level = skin.level * velocity;
  let phase = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    const sample = sineOfTurns(phase) * level;
    bus.left[start + frame] = (bus.left[start + frame] ?? 0) + sample * left;
    bus.right[start + frame] = (bus.right[start + frame] ?? 0) + sample * right;
    phase += (skin.toHz + above) / MUSIC_RATE_HZ;
    if (phase >= 1) phase -= 1;
    above *= fall;
    level *= decay;
  }
}

function playHiss(
  bus: StereoBuffer,
  start: number,
  hiss: Hiss,
  velocity: number,
  [left, right]: Gains,
  noise: Noise,
): void {
  const attackFrames = Math.round(hiss.attackSeconds * MUSIC_RATE_HZ);
  const decay = Math.exp(-1 / (hiss.seconds * MUSIC_RATE_HZ));
  const frames = Math.min(bus.left.length - start, attackFrames + Math.round(hiss.seconds * DECAYS * MUSIC_RATE_HZ));
  // A state-variable filter in the form that no setting makes unstable (Zavalishin 2012, section 3.10).
  const warped = Math.tan((Math.PI * hiss.hz) / MUSIC_RATE_HZ);
  const damping = 1 / hiss.resonance;
  const solved = 1 / (1 + warped * (warped + damping));
  let level = hiss.level * velocity;
  let low = 0;
  let band = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    const input = noise() - low;
    const passed = solved * (band + warped * input);
    const lower = low + warped * passed;
    band = 2 * passed - band;
    low = 2 * lower - low;
    const rise = frame < attackFrames ? (frame / attackFrames) ** 2 : 1;
    const sample = passed * damping * level * rise;
    bus.left[start + frame] = (bus.left[start + frame] ?? 0) + sample * left;
    bus.right[start + frame] = (bus.right[start + frame] ?? 0) + sample * right;
    if (frame >= attackFrames) level *= decay;
  }
}
