/**
 * Which file of a track is played: a pure policy with its reason. All files of a track share their segment boundaries,
 * so that a choice that changes during a track can use the same plan of positions.
 */
import type { ManifestFile } from '#protocol/wire/manifest';

/** The files that a bridge makes, in kbit/s; what a listener may ask for. */
export const QUALITY_CAPS_KBPS = [24, 96, 160, 320] as const;

/** What a listener asked for: the best file not above a cap, or the best there is. */
export type QualityPolicy = { readonly kind: 'cap'; readonly kbps: number } | { readonly kind: 'best' };

/** Music is transparent at it, and a WiFi at the edge of its reach carries it. */
export const QUALITY_DEFAULT: QualityPolicy = { kind: 'cap', kbps: 160 };

export interface FileChoice {
  readonly file: ManifestFile;
  /** `below-cap`: as asked for; `lowest`: all are above the cap; `best`: no cap. */
  readonly reason: 'below-cap' | 'lowest' | 'best';
}

/** @returns undefined when there is no file */
export function chooseFile(files: readonly ManifestFile[], policy: QualityPolicy): FileChoice | undefined {
  const ascending = files.toSorted((one, other) => one.bitrateKbps - other.bitrateKbps);
  const [lowest, best] = [ascending[0], ascending.at(-1)];
  if (lowest === undefined || best === undefined) return undefined;
  if (policy.kind === 'best') return { file: best, reason: 'best' };
  const below = ascending.findLast((file) => file.bitrateKbps <= policy.kbps);
  return below === undefined ? { file: lowest, reason: 'lowest' } : { file: below, reason: 'below-cap' };
}
