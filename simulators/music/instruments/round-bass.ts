/** A fretless bass: a sine with a few harmonics that fade sooner than it does, and a finger's soft start. */
import { MUSIC_RATE_HZ } from '../mix/stereo-buffer.ts';
import type { Instrument } from './instrument.ts';
import { sineOfTurns } from './sine-table.ts';

const ATTACK_SECONDS = 0.007;
const DECAY_SECONDS = 1.1;
const COLOUR_DECAY_SECONDS = 0.22;
const RELEASE_SECONDS = 0.045;
const RELEASES = 6;
const LEVEL = 0.42;
/** The finger slides into the pitch by this much, within a few hundredths of a second. */
const SLIDE = 0.012;
const SLIDE_SECONDS = 0.018;

export const roundBass: Instrument = {
  play: (bus, start, key) => {
    const decay = Math.exp(-1 / (DECAY_SECONDS * MUSIC_RATE_HZ));
    const colourDecay = Math.exp(-1 / (COLOUR_DECAY_SECONDS * MUSIC_RATE_HZ));
    const release = Math.exp(-1 / (RELEASE_SECONDS * MUSIC_RATE_HZ));
    const slideDecay = Math.exp(-1 / (SLIDE_SECONDS * MUSIC_RATE_HZ));
    const attackFrames = Math.round(ATTACK_SECONDS * MUSIC_RATE_HZ);
    const tail = Math.round(RELEASE_SECONDS * RELEASES * MUSIC_RATE_HZ);
    const frames = Math.min(bus.left.length - start, key.heldFrames + tail);
    const step = key.hz / MUSIC_RATE_HZ;
    let level = LEVEL * (0.3 + 0.7 * key.velocity);
    let colour = 0.25 + 0.55 * key.velocity;
    let slide = SLIDE;
    let phase = 0;
    for (let frame = 0; frame < frames; frame += 1) {
      const rise = frame < attackFrames ? frame / attackFrames : 1;
      const harmonics = 0.5 * sineOfTurns(phase * 2) + 0.22 * sineOfTurns(phase * 3) + 0.1 * sineOfTurns(phase * 4);
      const sample = (sineOfTurns(phase) + (0.18 + colour) * harmonics) * level * rise;
      bus.left[start + frame] = (bus.left[start + frame] ?? 0) + sample;
      bus.right[start + frame] = (bus.right[start + frame] ?? 0) + sample;
      phase += step * (1 - slide);
      if (phase >= 1) phase -= 1;
      slide *= slideDecay;
      colour *= colourDecay;
      level *= frame < key.heldFrames ? decay : release;
    }
  },
};
