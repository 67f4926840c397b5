/** In-memory twin of the bridge's table of paired speakers. The disk outlives the process. */
import {
  houseFull,
  PAIRED_SPEAKERS_MAX,
  type PairedSpeaker,
  type PairedSpeakers,
} from '#bridge/core/ports/paired-speakers';
import type { SpeakerId } from '#protocol/vocabulary/ids';

export type PairedDisk = Map<SpeakerId, PairedSpeaker>;

export function createMemoryPairedSpeakers(disk: PairedDisk, max = PAIRED_SPEAKERS_MAX): PairedSpeakers {
  const find = (id: SpeakerId): PairedSpeaker | null => disk.get(id) ?? null;
  const hasRoom = (id: SpeakerId | null): boolean => disk.size < max || (id !== null && disk.has(id));
  return {
    page: async ({ offset, limit }) => {
      const all = [...disk.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      return { items: all.slice(offset, offset + limit).map((it) => structuredClone(it)), total: disk.size };
    },
    hasRoom: async (id) => hasRoom(id),
    find: async (id) => structuredClone(find(id)),
    add: async (speaker) => {
      if (!hasRoom(speaker.id)) throw houseFull(max);
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
