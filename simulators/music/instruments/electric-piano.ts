/**
 * A tine piano by frequency modulation: a sine bent by a slow one of its own pitch (the bark, more when struck harder)
 * and by a fast one that dies at once (the tine).
 */
import { MUSIC_RATE_HZ, panGains } from '../mix/stereo-buffer.ts';
import type { Instrument } from './instrument.ts';
import { sineOfTurns } from './sine-table.ts';

const ATTACK_SECONDS = 0.004;
const RELEASE_SECONDS = 0.11;
/** The tail that is still worth computing, in release times. */
const RELEASES = 6;
const DECAY_SECONDS_AT_C4 = 2.4;
const BARK_DECAY_SECONDS = 0.55;
const TINE_DECAY_SECONDS = 0.09;
const TINE_RATIO = 14;
/** Above this the tine's sidebands would fold back. */
const TINE_HZ_MAX = 11_000;
const LEVEL = 0.2;

export const electricPiano: Instrument = {
  play: (bus, start, key, noise) => {
    const { hz, pitch, heldFrames, velocity } = key;
    const [gainLeft, gainRight] = panGains(((pitch - 62) / 40) * 0.5);
    const decay = Math.exp(-1 / (DECAY_SECONDS_AT_C4 * 2 ** ((60 - pitch) / 26) * MUSIC_RATE_HZ));
    const barkDecay = Math.exp(-1 / (BARK_DECAY_SECONDS * MUSIC_RATE_HZ));
    const tineDecay = Math.exp(-1 / (TINE_DECAY_SECONDS * MUSIC_RATE_HZ));
    const release = Math.exp(-1 / (RELEASE_SECONDS * MUSIC_RATE_HZ));
    const attackFrames = Math.round(ATTACK_SECONDS * MUSIC_RATE_HZ);
    const tineHz = hz * TINE_RATIO * (1 + noise() * 0.001);
    const step = hz / MUSIC_RATE_HZ;
    const tineStep = tineHz / MUSIC_RATE_HZ;
    let bark = 0.06 + 0.3 * velocity ** 1.4 * 2 ** ((60 - pitch) / 40);
    const barkFloor = 0.03;
    let tine = tineHz > TINE_HZ_MAX ? 0 : 0.08 * velocity * (1 - tineHz / TINE_HZ_MAX);
    let level = LEVEL * velocity ** 1.3;
    let phase = 0;
    let tinePhase = 0;
    const frames = Math.min(
      bus.left.length - start,
      heldFrames + Math.round(RELEASE_SECONDS * RELEASES * MUSIC_RATE_HZ),
    );
    for (let frame = 0; frame < frames; frame += 1) {
      const bend = (bark + barkFloor) * sineOfTurns(phase) + tine * sineOfTurns(tinePhase);
      const rise = frame < attackFrames ? frame / attackFrames : 1;
      const sample = sineOfTurns(phase + bend) * level * rise;
      bus.left[start + frame] = (bus.left[start + frame] ?? 0) + sample * gainLeft;
      bus.right[start + frame] = (bus.right[start + frame] ?? 0) + sample * gainRight;
      phase += step;
      if (phase >= 1) phase -= 1;
      tinePhase += tineStep;
      if (tinePhase >= 1) tinePhase -= 1;
      bark *= barkDecay;
      tine *= tineDecay;
      level *= frame < heldFrames ? decay : release;
    }
  },
};
