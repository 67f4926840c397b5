/** Rules of availability in memory: the twin of the store, for a library that is said in advance. */
import type { AvailabilityRules, AvailabilityRulesStore } from '#bridge/core/ports/availability-rules';
import { AVAILABLE_EVERYWHERE } from '#bridge/core/services/catalogue/availability';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { AlbumId, TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

/** Every track is taken to be of every album. */
export function createMemoryRules(tracks: readonly TrackId[], albums: readonly AlbumId[]): AvailabilityRulesStore {
  const known = new Set<string>([...tracks, ...albums]);
  const kept = new Map<string, AvailabilityRules>();
  const notFound = () => refused(new TonearmError('catalogue.not-found', 'that is not in the library'));
  const get = (id: string): Result<AvailabilityRules, TonearmError> =>
    known.has(id) ? ok(kept.get(id) ?? AVAILABLE_EVERYWHERE) : notFound();
  const set = (id: string, rules: AvailabilityRules): Result<void, TonearmError> => {
    if (!known.has(id)) return notFound();
    const isFree = rules.countries === null && rules.fromMs === null && rules.untilMs === null;
    if (isFree) kept.delete(id);
    else kept.set(id, rules);
    return ok(undefined);
  };
  return {
    rulesFor: async (id) => [id, ...albums].flatMap((it) => kept.get(it) ?? []),
    setTrackRules: async (id, rules) => set(id, rules),
    setAlbumRules: async (id, rules) => set(id, rules),
    trackRules: async (id) => get(id),
    albumRules: async (id) => get(id),
  };
}
