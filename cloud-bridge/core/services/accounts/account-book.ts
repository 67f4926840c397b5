/**
 * Everybody and everything that is signed in, as it stands now: in memory for those who ask, written before it holds.
 * Whoever wants to know when somebody's access has ended listens here.
 */
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Clock } from '#protocol/ports/clock';
import type { AccountId } from '#protocol/vocabulary/ids';
import type { AccountsChange, AccountsStore, Grant, Link, Person } from '../../ports/accounts-store.ts';

export interface AccountBookPorts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly store: AccountsStore;
  /** Other bridges write to the store too, so that what is here may be old. */
  readonly isShared?: boolean;
}

export class AccountBook {
  readonly #ports: AccountBookPorts;
  /** One change at a time: each is computed from what the one before has stored. */
  readonly #lock = createSerialLock();
  readonly #people = new Map<AccountId, Person>();
  readonly #links = new Map<string, Link>();
  readonly #grants = new Map<string, Grant>();
  readonly #grantByHash = new Map<string, string>();
  readonly #listeners = new Set<() => void>();

  constructor(ports: AccountBookPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#apply(await this.#ports.store.load());
    await this.#lock.run(() => this.save({}));
  }

  /** Runs `task` when no other change is under way; only within it `save` may be called. */
  run<Value>(task: () => Promise<Value>): Promise<Value> {
    return this.#lock.run(async () => {
      // What another bridge has used up must not be used here again.
      if (this.#ports.isShared === true) await this.#reload();
      return task();
    });
  }

  /** Takes in what other bridges have written. */
  reload(): Promise<void> {
    return this.#lock.run(() => this.#reload());
  }

  /** Also takes out what has expired. */
  async save(change: AccountsChange): Promise<void> {
    const swept = this.#withoutExpired(change);
    if (Object.values(swept).every((part) => part.length === 0)) return;
    await this.#ports.store.save(swept);
    this.#apply(swept);
    const hasEnded = (swept.gonePeople?.length ?? 0) + (swept.goneGrants?.length ?? 0) > 0;
    // A role that is a lesser one now ends something too.
    if (hasEnded || (change.people?.length ?? 0) > 0) for (const listener of this.#listeners) listener();
  }

  /** Called when anybody's access may have ended. @returns ends it */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  nowMs(): number {
    return this.#ports.clock.wallMs();
  }

  /** Those who have not expired, the oldest first. */
  people(): readonly Person[] {
    const nowMs = this.nowMs();
    return [...this.#people.values()].filter((it) => isLive(it, nowMs)).sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  /** Undefined when there is no such person, or no more. */
  person(id: AccountId): Person | undefined {
    const found = this.#people.get(id);
    return found !== undefined && isLive(found, this.nowMs()) ? found : undefined;
  }

  link(hash: string): Link | undefined {
    const found = this.#links.get(hash);
    return found !== undefined && isLive(found, this.nowMs()) ? found : undefined;
  }

  linksOf(id: AccountId): readonly Link[] {
    return [...this.#links.values()].filter((link) => link.accountId === id);
  }

  grant(id: string): Grant | undefined {
    const found = this.#grants.get(id);
    return found !== undefined && isLive(found, this.nowMs()) ? found : undefined;
  }

  /** By the hash of its newest secret or of one that was used up. */
  grantOfSecret(hash: string): Grant | undefined {
    const id = this.#grantByHash.get(hash);
    return id === undefined ? undefined : this.grant(id);
  }

  /** The oldest first. */
  grantsOf(id: AccountId): readonly Grant[] {
    const nowMs = this.nowMs();
    return [...this.#grants.values()]
      .filter((grant) => grant.accountId === id && isLive(grant, nowMs))
      .sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  async #reload(): Promise<void> {
    const stored = await this.#ports.store.load();
    const before = { people: [...this.#people.values()], grants: [...this.#grants.keys()] };
    for (const known of [this.#people, this.#links, this.#grants, this.#grantByHash]) known.clear();
    this.#apply(stored);
    const isChanged = (person: Person) => JSON.stringify(this.#people.get(person.id)) !== JSON.stringify(person);
    if (!before.people.some(isChanged) && before.grants.every((id) => this.#grants.has(id))) return;
    for (const listener of this.#listeners) listener();
  }

  #withoutExpired(change: AccountsChange): AccountsChange {
    const nowMs = this.nowMs();
    const expired = <Item extends { readonly expiresAtMs: number | null }, Key>(
      items: Iterable<Item>,
      keyOf: (item: Item) => Key,
      kept: readonly Item[] = [],
    ): readonly Key[] => {
      const names = new Set(kept.map(keyOf));
      return [...items].filter((item) => !isLive(item, nowMs) && !names.has(keyOf(item))).map(keyOf);
    };
    return {
      ...change,
      gonePeople: [...(change.gonePeople ?? []), ...expired(this.#people.values(), (it) => it.id, change.people)],
      goneLinks: [...(change.goneLinks ?? []), ...expired(this.#links.values(), (it) => it.hash, change.links)],
      goneGrants: [...(change.goneGrants ?? []), ...expired(this.#grants.values(), (it) => it.id, change.grants)],
    };
  }

  #apply(change: AccountsChange): void {
    for (const person of change.people ?? []) this.#people.set(person.id, person);
    for (const link of change.links ?? []) this.#links.set(link.hash, link);
    for (const grant of change.grants ?? []) {
      this.#forgetGrant(grant.id);
      this.#grants.set(grant.id, grant);
      for (const hash of [grant.hash, ...grant.usedHashes]) this.#grantByHash.set(hash, grant.id);
    }
    for (const hash of change.goneLinks ?? []) this.#links.delete(hash);
    for (const id of change.goneGrants ?? []) this.#forgetGrant(id);
    for (const id of change.gonePeople ?? []) {
      this.#people.delete(id);
      for (const link of this.linksOf(id)) this.#links.delete(link.hash);
      for (const grant of [...this.#grants.values()]) if (grant.accountId === id) this.#forgetGrant(grant.id);
    }
  }

  #forgetGrant(id: string): void {
    const had = this.#grants.get(id);
    if (had === undefined) return;
    this.#grants.delete(id);
    for (const hash of [had.hash, ...had.usedHashes]) this.#grantByHash.delete(hash);
  }
}

function isLive(it: { readonly expiresAtMs: number | null }, nowMs: number): boolean {
  return it.expiresAtMs === null || nowMs < it.expiresAtMs;
}
