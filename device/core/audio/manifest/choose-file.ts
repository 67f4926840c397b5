/**
 * Which files of a track may be played: a pure policy. All files of a track share their segment boundaries, so that one
 * may follow another at any of them; which of the allowed ones is fetched at a moment is the quality policy's.
 */
import type { ManifestFile } from '#protocol/wire/manifest';

/** The files that a bridge makes, in kbit/s; what a listener may ask for. */
export const QUALITY_CAPS_KBPS = [24, 96, 160, 320] as const;

/** What a listener asked for: nothing above a cap, or the best there is. Less is played while the link carries less. */
export type QualityPolicy = { readonly kind: 'cap'; readonly kbps: number } | { readonly kind: 'best' };

/**
 * Music saturates near 96 to 128 kbit/s and stalls outweigh bitrate; above 160 nothing is heard that would be worth twice
 * the radio time, and half the music that memory and disk hold for when the link is gone. Who wants 320 can say so.
 */
export const QUALITY_DEFAULT: QualityPolicy = { kind: 'cap', kbps: 160 };

/** @returns the files that may be played, ascending: those below the cap, or the lowest when all are above it */
export function chooseFiles(files: readonly ManifestFile[], policy: QualityPolicy): readonly ManifestFile[] {
  const ascending = files.toSorted((one, other) => one.bitrateKbps - other.bitrateKbps);
  if (policy.kind === 'best') return ascending;
  const below = ascending.filter((file) => file.bitrateKbps <= policy.kbps);
  return below.length > 0 ? below : ascending.slice(0, 1);
}
