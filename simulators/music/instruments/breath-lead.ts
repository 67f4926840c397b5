/** Something between a flute and a whistle: nearly a sine, with breath in it, and a vibrato that comes when a note is held. */
import { MUSIC_RATE_HZ } from '../mix/stereo-buffer.ts';
import type { Instrument } from './instrument.ts';
import { sineOfTurns } from './sine-table.ts';

const ATTACK_SECONDS = 0.05;
const RELEASE_SECONDS = 0.07;
const RELEASES = 6;
const VIBRATO_HZ = 5.1;
/** Of the pitch: 8 cents either way. */
const VIBRATO_DEPTH = 0.0046;
const VIBRATO_DELAY_SECONDS = 0.28;
const VIBRATO_RISE_SECONDS = 0.5;
/** A note begins a little flat and rises into tune. */
const SCOOP = 0.011;
const SCOOP_SECONDS = 0.035;
const BREATH = 0.06;
const LEVEL = 0.24;

export const breathLead: Instrument = {
  play: (bus, start, key, noise) => {
    const attackFrames = Math.round(ATTACK_SECONDS * MUSIC_RATE_HZ * (1.3 - 0.5 * key.velocity));
    const release = Math.exp(-1 / (RELEASE_SECONDS * MUSIC_RATE_HZ));
    const scoopDecay = Math.exp(-1 / (SCOOP_SECONDS * MUSIC_RATE_HZ));
    const frames = Math.min(
      bus.left.length - start,
      key.heldFrames + Math.round(RELEASE_SECONDS * RELEASES * MUSIC_RATE_HZ),
    );
    const step = key.hz / MUSIC_RATE_HZ;
    const breathOpen = 1 - Math.exp(-2 * Math.PI * key.hz * 2.5 * (1 / MUSIC_RATE_HZ));
    const vibratoStart = VIBRATO_DELAY_SECONDS * MUSIC_RATE_HZ;
    const level = LEVEL * (0.35 + 0.65 * key.velocity);
    const second = 0.12 + 0.16 * key.velocity;
    let ending = 1;
    let scoop = SCOOP;
    let phase = 0;
    let breathLow = 0;
    for (let frame = 0; frame < frames; frame += 1) {
      const rise = frame < attackFrames ? frame / attackFrames : 1;
      const swell = Math.min(1, Math.max(0, (frame - vibratoStart) / (VIBRATO_RISE_SECONDS * MUSIC_RATE_HZ)));
      const vibrato = swell * sineOfTurns((frame * VIBRATO_HZ) / MUSIC_RATE_HZ);
      const hiss = noise();
      breathLow += breathOpen * (hiss - breathLow);
      const tone = sineOfTurns(phase) + second * sineOfTurns(phase * 2) + 0.1 * sineOfTurns(phase * 3);
      const envelope = rise * rise * (3 - 2 * rise) * ending * level;
      const sample = envelope * (tone * (1 + 0.08 * vibrato) + BREATH * (breathLow + 0.3 * hiss));
      bus.left[start + frame] = (bus.left[start + frame] ?? 0) + sample;
      bus.right[start + frame] = (bus.right[start + frame] ?? 0) + sample;
      phase += step * (1 + VIBRATO_DEPTH * vibrato - scoop);
      if (phase >= 1) phase -= 1;
      scoop *= scoopDecay;
      if (frame >= key.heldFrames) ending *= release;
    }
  },
};
