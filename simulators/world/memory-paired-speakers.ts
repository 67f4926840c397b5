/** In-memory twin of the bridge's table of paired speakers. The disk outlives the process. */
import { PAIRED_SPEAKERS_MAX, type PairedSpeaker, type PairedSpeakers } from '#bridge/core/ports/paired-speakers';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';

export type PairedDisk = Map<SpeakerId, PairedSpeaker>;

export function createMemoryPairedSpeakers(disk: PairedDisk, max = PAIRED_SPEAKERS_MAX): PairedSpeakers {
  const find = (id: SpeakerId): PairedSpeaker | null => disk.get(id) ?? null;
  return {
    list: async () => [...disk.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((it) => structuredClone(it)),
    find: async (id) => structuredClone(find(id)),
    add: async (speaker) => {
      if (!disk.has(speaker.id) && disk.size >= max) {
        throw new TonearmError('storage.full', `${max} speakers are paired already; forget one first`);
      }
      disk.set(speaker.id, structuredClone(speaker));
    },
    change: async (id, change) => {
      const speaker = find(id);
      if (speaker === null) return null;
      const changed: PairedSpeaker = { ...speaker, ...change };
      disk.set(id, changed);
      return structuredClone(changed);
    },
    forget: async (id) => disk.delete(id),
  };
}
