/**
 * Who goes first when several are due at the same instant: any of them, as the seed says, since no real machine keeps an
 * order between processes or between links. Within one owner the order is that of setting, which the Clock port promises.
 */
import type { TimerEntry, TimerHeap } from '#protocol/kit/timer-heap';
import type { SeededRandom } from './seeded-random.ts';

export class SeededScheduler {
  readonly #pending: TimerHeap;
  readonly #random: SeededRandom;
  readonly #owners = new WeakMap<TimerEntry, string>();
  /** Due at the instant that is being played, out of the heap already: by owner, each in its order. */
  readonly #ready = new Map<string, TimerEntry[]>();
  #readyUs = 0;

  constructor(pending: TimerHeap, random: SeededRandom) {
    this.#pending = pending;
    this.#random = random;
  }

  own(entry: TimerEntry, owner: string): void {
    this.#owners.set(entry, owner);
  }

  cancel(entry: TimerEntry): void {
    this.#pending.remove(entry);
    const owner = this.#ownerOf(entry);
    const queue = this.#ready.get(owner);
    const place = queue?.indexOf(entry) ?? -1;
    if (queue === undefined || place < 0) return;
    queue.splice(place, 1);
    if (queue.length === 0) this.#ready.delete(owner);
  }

  /** How many are due now and not fired yet. */
  get readyCount(): number {
    let count = 0;
    for (const queue of this.#ready.values()) count += queue.length;
    return count;
  }

  /** Those, in no order that anybody may rely on. */
  ready(): readonly TimerEntry[] {
    return [...this.#ready.values()].flat();
  }

  /** @returns what fires next, taken out; undefined, or one that is due later, when nothing is by `endUs` */
  next(endUs: number): TimerEntry | undefined {
    const first = this.#pending.first();
    if (this.#ready.size === 0) {
      if (first === undefined || first.dueUs > endUs) return first;
      this.#pending.remove(first);
      // Alone at its instant, as most are.
      if (this.#pending.first()?.dueUs !== first.dueUs) return first;
      this.#readyUs = first.dueUs;
      this.#makeReady(first);
    }
    for (let entry = this.#pending.first(); entry !== undefined && entry.dueUs <= this.#readyUs; ) {
      this.#pending.remove(entry);
      this.#makeReady(entry);
      entry = this.#pending.first();
    }
    return this.#choose();
  }

  #choose(): TimerEntry | undefined {
    const owners = [...this.#ready.keys()];
    const owner = owners.length === 1 ? owners[0] : this.#random.pick(owners);
    if (owner === undefined) return undefined;
    const queue = this.#ready.get(owner) ?? [];
    const entry = queue.shift();
    if (queue.length === 0) this.#ready.delete(owner);
    return entry;
  }

  #makeReady(entry: TimerEntry): void {
    const owner = this.#ownerOf(entry);
    const queue = this.#ready.get(owner);
    if (queue === undefined) this.#ready.set(owner, [entry]);
    else queue.push(entry);
  }

  #ownerOf(entry: TimerEntry): string {
    return this.#owners.get(entry) ?? entry.name;
  }
}
