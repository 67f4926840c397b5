/** An archive on a card that has its bad minutes: it reads nothing, reads something else, forgets, or takes its time. */
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import type { Clock } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';

export const ARCHIVE_MOODS = ['good', 'reads-nothing', 'flips', 'forgets', 'slow'] as const;
export type ArchiveMood = (typeof ARCHIVE_MOODS)[number];

/** A card that is written to at the same time. */
const SLOW_READ = ms(1_500);

/** Reads that wait at a time; as of a disk, what is asked for beyond is turned away at once. */
const WAITING_MAX = 32;

/** @param mood asked at each call */
export function createMoodyArchive(archive: ChunkArchive, clock: Clock, mood: () => ArchiveMood): ChunkArchive {
  let waiting = 0;
  const read: ChunkArchive['read'] = async (fileId, segment) => {
    const now = mood();
    if (now === 'reads-nothing') return undefined;
    if (now === 'slow') {
      if (waiting === WAITING_MAX) return undefined;
      waiting += 1;
      await new Promise<void>((resolve) => void clock.setTimer('moody-archive', SLOW_READ, resolve));
      waiting -= 1;
    }
    const sealed = await archive.read(fileId, segment);
    if (now !== 'flips' || sealed === undefined) return sealed;
    const wrong = sealed.slice();
    const middle = wrong.length >> 1;
    wrong[middle] = (wrong[middle] ?? 0) ^ 1;
    return wrong;
  };
  return {
    ...archive,
    read,
    put: (fileId, segment, sealed) => {
      if (mood() !== 'forgets') archive.put(fileId, segment, sealed);
    },
  };
}
