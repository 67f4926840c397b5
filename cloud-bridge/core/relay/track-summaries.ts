/**
 * What phones are shown of a track, kept at hand: a view is made ten times a second, the catalogue is asked once.
 */
import type { Logger } from '#protocol/ports/logger';
import { toTonearmError } from '#protocol/vocabulary/errors';
import type { TrackId } from '#protocol/vocabulary/ids';
import { framesToMs } from '#protocol/vocabulary/units';
import type { TrackSummary } from '#protocol/wire/household';
import type { CatalogueReader, Track } from '../ports/catalogue.ts';

export interface TrackSummaries {
  /** Null for one that is not in the catalogue, or not loaded yet (`load`). */
  get(id: TrackId): TrackSummary | null;
  /** False when some of them have to be loaded before `get` tells the truth. */
  has(ids: readonly TrackId[]): boolean;
  /** Loads those that are missing or stale. Never fails: what cannot be read is shown as unknown until the next load. */
  load(ids: readonly TrackId[]): Promise<void>;
  /** The catalogue has changed: `get` goes on as before, the next `load` asks again. */
  expire(): void;
}

/** @param limit summaries held; beyond it those that were loaded first are forgotten */
export function createTrackSummaries(
  ports: { readonly catalogue: Pick<CatalogueReader, 'tracks'>; readonly logger: Logger },
  limit: number,
): TrackSummaries {
  const held = new Map<TrackId, TrackSummary | null>();
  const fresh = new Set<TrackId>();

  function keep(id: TrackId, summary: TrackSummary | null): void {
    held.delete(id);
    held.set(id, summary);
    fresh.add(id);
    const oldest = held.keys().next();
    if (held.size <= limit || oldest.done) return;
    held.delete(oldest.value);
    fresh.delete(oldest.value);
  }

  return {
    get: (id) => held.get(id) ?? null,
    has: (ids) => ids.every((id) => fresh.has(id)),
    load: async (ids) => {
      const missing = [...new Set(ids.filter((id) => !fresh.has(id)))];
      if (missing.length === 0) return;
      try {
        const found = new Map((await ports.catalogue.tracks(missing)).map((track) => [track.id, track]));
        for (const id of missing) {
          const track = found.get(id);
          keep(id, track === undefined ? null : summaryOf(track));
        }
      } catch (cause) {
        ports.logger.error('catalogue.tracks-failed', { reason: toTonearmError(cause).message });
        // Views go on with what is known; the next change of the catalogue asks again.
        for (const id of missing) keep(id, held.get(id) ?? null);
      }
    },
    expire: () => fresh.clear(),
  };
}

export function summaryOf(track: Track): TrackSummary {
  return {
    id: track.id,
    uri: `tonearm:track:${track.id}`,
    title: track.title,
    artists: track.artists.map((artist) => artist.name),
    album: track.album.title,
    albumUri: `tonearm:album:${track.album.id}`,
    durationMs: framesToMs(track.durationFrames),
    artPath: track.artPath,
  };
}
