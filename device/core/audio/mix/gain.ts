/** Two static gains: what a phone's volume means, and what brings a track to the house's loudness. */
import type { Percent } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';

/** Whose loudness brings a track to the target: its own, its album's (so that an album keeps its quiet tracks quiet), or nobody's. */
export type LoudnessMode = 'track' | 'album' | 'off';
export const LOUDNESS_MODE_DEFAULT: LoudnessMode = 'track';

/** Loudness that every track is brought to, in LUFS; what music services have settled on. */
export const TARGET_LUFS = -14;
/** No gain may lift a true peak above this (EBU R 128 s2: −1 dBTP for streaming). */
export const TRUE_PEAK_LIMIT_DBTP = -1;
/** A measurement that asks for less than this is not believed: nothing real is 26 dB too loud. */
const GAIN_DB_MIN = -26;
/** Nor is more lift than this of use: what is that quiet is quiet on purpose, or noise. */
const GAIN_DB_MAX = 12;

/**
 * Volume to amplitude: its cube, PulseAudio's curve for software volumes (`pa_sw_volume_to_linear`): 50 % is −18 dB,
 * 10 % is −60 dB, and each step is heard as about the same.
 */
export function volumeGain(volume: Percent): number {
  return (volume / 100) ** 3;
}

/** The measurement that a mode goes by; the track's own where its album was not measured yet. Null: leave it as it is. */
export function chooseLoudness(
  manifest: Pick<Manifest, 'loudness' | 'albumLoudness'>,
  mode: LoudnessMode,
): Manifest['loudness'] {
  if (mode === 'off') return null;
  if (mode === 'album') return manifest.albumLoudness ?? manifest.loudness;
  return manifest.loudness;
}

/** Amplitude that brings a track to the target, as far as its peak allows; 1 when it was not measured. */
export function loudnessGain(loudness: Manifest['loudness']): number {
  if (loudness === null) return 1;
  const wanted = Math.min(TARGET_LUFS - loudness.integratedLufs, TRUE_PEAK_LIMIT_DBTP - loudness.truePeakDbtp);
  if (!Number.isFinite(wanted)) return 1;
  return 10 ** (Math.min(GAIN_DB_MAX, Math.max(GAIN_DB_MIN, wanted)) / 20);
}
