/** In-memory twin of the bridge's database. The `SessionDisk` outlives the process; a write takes time and can be lost. */
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import {
  type KnownSpeaker,
  PERFORMED_KEPT_MAX,
  type PerformedCommand,
  type SessionStore,
  type StoredSession,
} from '#bridge/core/ports/session-store';
import type { Clock } from '#protocol/ports/clock';
import type { AccountId } from '#protocol/vocabulary/ids';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { createGoodDisk, type VirtualDisk } from '#sim/files/virtual-disk';

/** A transaction of an embedded database on a slow card. */
const WRITE_TAKES: Ms = ms(2);

/** What survives when the process does not. */
export interface SessionDisk {
  readonly sessions: Map<AccountId, StoredSession>;
  performed: readonly PerformedCommand[];
  readonly speakers: Map<string, KnownSpeaker>;
}

export function createSessionDisk(): SessionDisk {
  return { sessions: new Map(), performed: [], speakers: new Map() };
}

/** What the store remembers of the house's one account. */
export function houseSession(disk: SessionDisk): StoredSession | null {
  return disk.sessions.get(HOUSE_ACCOUNT) ?? null;
}

/**
 * @param clock the process's own, so that a write under way is lost when it is killed
 * @param medium what the disk itself does; absent: it never refuses
 */
export function createMemorySessionStore(
  clock: Clock,
  disk: SessionDisk,
  medium: VirtualDisk = createGoodDisk(clock),
): SessionStore {
  // Not forced to the disk at each commit, as the real one is not: a power cut takes back the last moments, whole.
  const write = (perform: () => void): Promise<void> => {
    let before: SessionDisk | null = null;
    return medium.write(clock, {
      name: 'session write',
      takes: WRITE_TAKES,
      isForced: false,
      perform: () => {
        before = copyOf(disk);
        perform();
      },
      lose: () => before !== null && putBack(disk, before),
    });
  };
  return {
    loadSessions: async () => structuredClone([...disk.sessions.values()]),
    saveSession: (session) => {
      const copy = structuredClone(session);
      return write(() => {
        disk.sessions.set(copy.accountId, copy);
      });
    },
    forgetSession: (accountId) =>
      write(() => {
        disk.sessions.delete(accountId);
        disk.performed = disk.performed.filter((command) => command.accountId !== accountId);
      }),
    performedCommands: async () => disk.performed,
    savePerformed: (command) =>
      write(() => {
        disk.performed = [...disk.performed, command].slice(-PERFORMED_KEPT_MAX);
      }),
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

/** What stands in it is never changed in place, so that a copy of the maps will do. */
function copyOf({ sessions, performed, speakers }: SessionDisk): SessionDisk {
  return { sessions: new Map(sessions), performed, speakers: new Map(speakers) };
}

function putBack(disk: SessionDisk, before: SessionDisk): void {
  disk.sessions.clear();
  for (const [id, session] of before.sessions) disk.sessions.set(id, session);
  disk.performed = before.performed;
  disk.speakers.clear();
  for (const [id, speaker] of before.speakers) disk.speakers.set(id, speaker);
}
