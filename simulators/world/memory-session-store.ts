/** In-memory twin of the bridge's database. The `SessionDisk` outlives the process; a write takes time and can be lost. */
import type { KnownSpeaker, SessionStore, StoredSession } from '#bridge/core/ports/session-store';
import type { Clock } from '#protocol/ports/clock';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** A transaction of an embedded database on a slow card. */
const WRITE_TAKES: Ms = ms(2);

/** What survives when the process does not. */
export interface SessionDisk {
  session: StoredSession;
  readonly speakers: Map<string, KnownSpeaker>;
}

export function createSessionDisk(): SessionDisk {
  return { session: { epoch: 0, activeSpeakerId: null, state: null }, speakers: new Map() };
}

/** @param clock the process's own, so that a write under way is lost when it is killed */
export function createMemorySessionStore(clock: Clock, disk: SessionDisk): SessionStore {
  const write = (perform: () => void): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimer('session write', WRITE_TAKES, () => {
        perform();
        resolve();
      });
    });
  return {
    loadSession: async () => structuredClone(disk.session),
    saveSession: (session) => {
      const copy = structuredClone(session);
      return write(() => {
        disk.session = copy;
      });
    },
    knownSpeakers: async () => [...disk.speakers.values()].map((speaker) => ({ ...speaker })),
    saveSpeaker: (speaker) => {
      const copy = { ...speaker };
      return write(() => {
        disk.speakers.set(copy.id, copy);
      });
    },
    forgetSpeaker: (id) => write(() => void disk.speakers.delete(id)),
  };
}
