/**
 * Which qualities a source is worth. What a lossy source has thrown away no bitrate brings back, so nothing is stored far
 * above it; the two lowest are always there, for links that cannot take more.
 */
import type { SourceQuality } from '#bridge/core/ports/source-quality';
import { type Kbps, kbps } from '#protocol/vocabulary/units';

/** Ascending. Opus at 96 is hard to tell from the original for most, at 160 for nearly all; 24 is for the worst of links. */
export const LADDER_KBPS: readonly Kbps[] = [24, 96, 160, 320].map(kbps);
/** What is encoded first, and makes a track playable: where music saturates, with a margin. */
export const FIRST_RUNG_KBPS = kbps(160);
/** Below this, each source has the rung: a source of less is not worth measuring more finely. */
const ALWAYS_UP_TO_KBPS = 96;
/** A second lossy coder needs a little more than the first to keep what it kept: MP3 at 128 is worth Opus at 160. */
const HEADROOM = 1.25;

/** @returns ascending, at least two */
export function ladderFor(quality: SourceQuality): readonly Kbps[] {
  const { isLossless, bitrateKbps } = quality;
  if (isLossless || bitrateKbps === null) return LADDER_KBPS;
  return LADDER_KBPS.filter((rung) => rung <= ALWAYS_UP_TO_KBPS || rung <= HEADROOM * bitrateKbps);
}

/** @returns the wanted rungs, ascending, those above the ladder replaced by its highest */
export function chooseRungs(wanted: readonly Kbps[], ladder: readonly Kbps[]): readonly Kbps[] {
  const highest = Math.max(...ladder);
  return [...new Set(wanted.map((rung) => kbps(Math.min(rung, highest))))].sort((one, other) => one - other);
}
