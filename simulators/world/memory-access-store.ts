/** In-memory twin of the bridge's table of accounts and revocations. The `AccessDisk` outlives the process. */
import type { AccessStore, Account, SpeakerAccess } from '#bridge/core/ports/access-store';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Revocations } from '#protocol/wire/content-token';

/** What survives when the process does not. */
export interface AccessDisk {
  readonly accounts: Map<string, Account>;
  readonly speakers: Map<SpeakerId, SpeakerAccess>;
  revocations: Revocations;
  /** Makes every write fail with it. */
  failure: Error | null;
}

export function createAccessDisk(): AccessDisk {
  return { accounts: new Map(), speakers: new Map(), revocations: { revision: 0, entries: [] }, failure: null };
}

export function createMemoryAccessStore(disk: AccessDisk): AccessStore {
  const byKey = <Value>(map: Map<string, Value>) =>
    [...map.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
  return {
    load: async () =>
      structuredClone({
        accounts: byKey(disk.accounts),
        speakers: byKey(disk.speakers),
        revocations: disk.revocations,
      }),
    save: async (change) => {
      if (disk.failure !== null) throw disk.failure;
      const { account, speaker, revocations } = structuredClone(change);
      if (account !== undefined) disk.accounts.set(account.id, account);
      if (speaker !== undefined) disk.speakers.set(speaker.speakerId, speaker);
      if (revocations !== undefined) disk.revocations = revocations;
    },
  };
}
