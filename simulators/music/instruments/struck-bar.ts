/**
 * Things that ring when they are struck, as a sum of dying sines: glass with its odd partials, and a wooden bar whose
 * second mode lies two octaves up, as instrument makers carve it.
 */
import { MUSIC_RATE_HZ, panGains } from '../mix/stereo-buffer.ts';
import type { Instrument } from './instrument.ts';
import { sineOfTurns } from './sine-table.ts';

interface Mode {
  /** Of the pitch. */
  readonly ratio: number;
  readonly level: number;
  /** How much more of it a hard stroke brings out. */
  readonly hardness: number;
  /** Time constant at C5. */
  readonly seconds: number;
}

interface BarOptions {
  readonly modes: readonly Mode[];
  readonly level: number;
  /** The stick itself. */
  readonly knock: number;
  readonly spread: number;
}

/** Time constants after which a mode is below -60 dB. */
const DECAYS = 7;
const MODE_HZ_MAX = 16_000;
const ATTACK_FRAMES = 40;
const KNOCK_SECONDS = 0.004;

function createStruckBar(options: BarOptions): Instrument {
  return {
    play: (bus, start, key, noise) => {
      const [gainLeft, gainRight] = panGains(((key.pitch - 72) / 30) * options.spread);
      const shorter = 2 ** ((72 - key.pitch) / 24);
      for (const mode of options.modes) {
        const hz = key.hz * mode.ratio;
        if (hz > MODE_HZ_MAX) continue;
        const seconds = mode.seconds * shorter;
        const decay = Math.exp(-1 / (seconds * MUSIC_RATE_HZ));
        const frames = Math.min(bus.left.length - start, Math.round(seconds * DECAYS * MUSIC_RATE_HZ));
        const step = hz / MUSIC_RATE_HZ;
        let level = options.level * key.velocity * mode.level * (1 - mode.hardness + mode.hardness * key.velocity);
        let phase = 0;
        for (let frame = 0; frame < frames; frame += 1) {
          const sample = sineOfTurns(phase) * level * (frame < ATTACK_FRAMES ? frame / ATTACK_FRAMES : 1);
          bus.left[start + frame] = (bus.left[start + frame] ?? 0) + sample * gainLeft;
          bus.right[start + frame] = (bus.right[start + frame] ?? 0) + sample * gainRight;
          phase += step;
          if (phase >= 1) phase -= 1;
          level *= decay;
        }
      }
      const frames = Math.min(bus.left.length - start, Math.round(KNOCK_SECONDS * DECAYS * MUSIC_RATE_HZ));
      const decay = Math.exp(-1 / (KNOCK_SECONDS * MUSIC_RATE_HZ));
      let level = options.knock * options.level * key.velocity * key.velocity;
      let low = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        low += 0.25 * (noise() - low);
        bus.left[start + frame] = (bus.left[start + frame] ?? 0) + low * level * gainLeft;
        bus.right[start + frame] = (bus.right[start + frame] ?? 0) + low * level * gainRight;
        level *= decay;
      }
    },
  };
}

export const glassBell = createStruckBar({
  level: 0.15,
  knock: 0.15,
  spread: 0.8,
  modes: [
    { ratio: 1, level: 1, hardness: 0, seconds: 0.9 },
    { ratio: 2.003, level: 0.35, hardness: 0.2, seconds: 0.7 },
    { ratio: 2.76, level: 0.35, hardness: 0.6, seconds: 0.42 },
    { ratio: 5.41, level: 0.16, hardness: 0.8, seconds: 0.2 },
  ],
});

export const woodenBar = createStruckBar({
  level: 0.3,
  knock: 1.1,
  spread: 0.7,
  modes: [
    { ratio: 1, level: 1, hardness: 0, seconds: 0.26 },
    { ratio: 3.99, level: 0.26, hardness: 0.7, seconds: 0.07 },
    { ratio: 10.1, level: 0.1, hardness: 0.9, seconds: 0.03 },
  ],
});
