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

type Undo = () => void;

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
  const write = (perform: () => Undo): Promise<void> => {
    let lose: Undo = () => {};
    return medium.write(clock, {
      name: 'session write',
      takes: WRITE_TAKES,
      isForced: false,
      perform: () => {
        lose = perform();
      },
      lose: () => lose(),
    });
  };
  const setPerformed = (performed: SessionDisk['performed']): Undo => {
    const before = disk.performed;
    disk.performed = performed;
    return () => {
      disk.performed = before;
    };
  };
  return {
    loadSessions: async () => structuredClone([...disk.sessions.values()]),
    saveSession: (session) => {
      const copy = structuredClone(session);
      return write(() => put(disk.sessions, copy.accountId, copy));
    },
    forgetSession: (accountId) =>
      write(() => {
        const undo = put(disk.sessions, accountId, undefined);
        const undoPerformed = setPerformed(disk.performed.filter((command) => command.accountId !== accountId));
        return () => {
          undoPerformed();
          undo();
        };
      }),
    performedCommands: async () => disk.performed,
    savePerformed: (command) => write(() => setPerformed([...disk.performed, command].slice(-PERFORMED_KEPT_MAX))),
    knownSpeakers: async () => [...disk.speakers.values()].map((speaker) => ({ ...speaker })),
    saveSpeaker: (speaker) => {
      const copy = { ...speaker };
      return write(() => put<string, KnownSpeaker>(disk.speakers, copy.id, copy));
    },
    forgetSpeaker: (id) => write(() => put<string, KnownSpeaker>(disk.speakers, id, undefined)),
  };
}

/** Puts a value in, or (undefined) takes it out. @returns puts back what was there */
function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | undefined): Undo {
  const before = map.get(key);
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  return () => {
    if (before === undefined) map.delete(key);
    else map.set(key, before);
  };
}
