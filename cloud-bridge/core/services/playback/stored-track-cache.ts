/**
 * What is stored of the tracks that are asked for now: reading it means adding up the loudness of a whole album, and
 * when 500 speakers begin the same track it is read once. Forgotten after moments, so that qualities that are still
 * being encoded appear by themselves.
 */
import type { CatalogueWriter, StoredTrack } from '#bridge/core/ports/catalogue-writer';
import type { Clock } from '#protocol/ports/clock';
import type { TrackId } from '#protocol/vocabulary/ids';
import type { Us } from '#protocol/vocabulary/units';

/** How late a new quality may be seen. */
const KEPT_US = 10_000_000;
/** Segments of all that is kept, 8 bytes each: 4 qualities of 900 tracks of 5 minutes, or of three of a day. */
const SEGMENTS_MAX = 1_100_000;

interface Kept {
  readonly stored: StoredTrack;
  readonly segments: number;
  readonly readAtUs: Us;
}

export interface StoredTrackCachePorts {
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly files: Pick<CatalogueWriter, 'storedTrack'>;
}

export class StoredTrackCache {
  readonly #ports: StoredTrackCachePorts;
  /** The one read longest ago first. */
  readonly #kept = new Map<TrackId, Kept>();
  #segments = 0;

  constructor(ports: StoredTrackCachePorts) {
    this.#ports = ports;
  }

  /** Null, which is not kept, when there is nothing yet. */
  async storedTrack(id: TrackId): Promise<StoredTrack | null> {
    const nowUs = this.#ports.clock.nowUs();
    const kept = this.#kept.get(id);
    if (kept !== undefined && nowUs - kept.readAtUs < KEPT_US) return kept.stored;
    this.#drop(id);
    const stored = await this.#ports.files.storedTrack(id);
    if (stored === null) return null;
    this.#drop(id);
    const segments = stored.files.reduce((sum, file) => sum + file.segmentSizesBytes.length, 0);
    this.#kept.set(id, { stored, segments, readAtUs: nowUs });
    this.#segments += segments;
    for (const oldest of this.#kept.keys()) {
      if (this.#segments <= SEGMENTS_MAX) break;
      this.#drop(oldest);
    }
    return stored;
  }

  #drop(id: TrackId): void {
    this.#segments -= this.#kept.get(id)?.segments ?? 0;
    this.#kept.delete(id);
  }
}
