/** Tracks by their ids, as many as there are, in the order asked and twice where they are asked twice. */
import type { TrackId } from '#protocol/vocabulary/ids';
import type { CatalogueReader, Track } from '../ports/catalogue.ts';

/** What the catalogue takes at once. */
const IDS_AT_ONCE = 1_000;

/** Those that are not there are left out. */
export async function tracksInOrder(
  catalogue: Pick<CatalogueReader, 'tracks'>,
  ids: readonly TrackId[],
): Promise<readonly Track[]> {
  const wanted = [...new Set(ids)];
  const found = new Map<TrackId, Track>();
  for (let from = 0; from < wanted.length; from += IDS_AT_ONCE) {
    for (const track of await catalogue.tracks(wanted.slice(from, from + IDS_AT_ONCE))) found.set(track.id, track);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}
