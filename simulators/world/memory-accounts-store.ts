/** In-memory twin of the bridge's tables of people. The `AccountsDisk` outlives the process. */
import type { AccountsChange, AccountsStore, Grant, Link, Person } from '#bridge/core/ports/accounts-store';

/** What survives when the process does not. */
export interface AccountsDisk {
  readonly people: Map<string, Person>;
  readonly links: Map<string, Link>;
  readonly grants: Map<string, Grant>;
  /** Makes every write fail with it. */
  failure: Error | null;
}

export function createAccountsDisk(): AccountsDisk {
  return { people: new Map(), links: new Map(), grants: new Map(), failure: null };
}

export function createMemoryAccountsStore(disk: AccountsDisk): AccountsStore {
  const byKey = <Value>(map: Map<string, Value>) =>
    [...map.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
  return {
    load: async () =>
      structuredClone({ people: byKey(disk.people), links: byKey(disk.links), grants: byKey(disk.grants) }),
    save: async (change) => {
      if (disk.failure !== null) throw disk.failure;
      write(disk, structuredClone(change));
    },
  };
}

function write(disk: AccountsDisk, change: AccountsChange): void {
  for (const person of change.people ?? []) disk.people.set(person.id, person);
  for (const link of change.links ?? []) disk.links.set(link.hash, link);
  for (const grant of change.grants ?? []) disk.grants.set(grant.id, grant);
  for (const hash of change.goneLinks ?? []) disk.links.delete(hash);
  for (const id of change.goneGrants ?? []) disk.grants.delete(id);
  for (const id of change.gonePeople ?? []) {
    disk.people.delete(id);
    for (const [hash, link] of disk.links) if (link.accountId === id) disk.links.delete(hash);
    for (const [name, grant] of disk.grants) if (grant.accountId === id) disk.grants.delete(name);
  }
}
