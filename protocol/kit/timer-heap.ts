/**
 * What is to happen, the next first: a binary heap ordered by instant, then by the order of setting. An entry knows its
 * place, so that taking one back costs a path through the heap and leaves nothing behind; most timers of a bridge are
 * heartbeats and deadlines, set to be cancelled.
 */

/** An entry's place in the heap; made by `add`, worthless once it is taken out. */
export interface TimerEntry {
  /** Instant at which it is due, in µs of the clock that keeps the heap. */
  readonly dueUs: number;
  /** Whose it is, for whoever lists those left over. */
  readonly name: string;
  readonly callback: () => void;
  readonly order: number;
  place: number;
}

/** The place of an entry that is not in the heap. */
const NOWHERE = -1;

export class TimerHeap {
  readonly #entries: TimerEntry[] = [];
  #order = 0;

  get length(): number {
    return this.#entries.length;
  }

  /** The entry that is due first; undefined when there is none. */
  first(): TimerEntry | undefined {
    return this.#entries[0];
  }

  /** All of them, in the order in which they are due. */
  inOrder(): readonly TimerEntry[] {
    return this.#entries.toSorted((one, other) => (isBefore(one, other) ? -1 : 1));
  }

  /** @param dueUs instant, µs */
  add(name: string, dueUs: number, callback: () => void): TimerEntry {
    const entry: TimerEntry = { name, dueUs, callback, order: this.#order, place: this.#entries.length };
    this.#order += 1;
    this.#entries.push(entry);
    this.#rise(entry);
    return entry;
  }

  /** Takes an entry out; harmless when it is out already. */
  remove(entry: TimerEntry): void {
    const { place } = entry;
    if (place === NOWHERE) return;
    entry.place = NOWHERE;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: TimerEntry): void {
    while (entry.place > 0) {
      const above = this.#entries[(entry.place - 1) >> 1];
      if (above === undefined || !isBefore(entry, above)) return;
      this.#swap(entry, above);
    }
  }

  #sink(entry: TimerEntry): void {
    for (;;) {
      const left = this.#entries[2 * entry.place + 1];
      const right = this.#entries[2 * entry.place + 2];
      const below = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (below === undefined || !isBefore(below, entry)) return;
      this.#swap(entry, below);
    }
  }

  #swap(one: TimerEntry, other: TimerEntry): void {
    const place = one.place;
    this.#put(one, other.place);
    this.#put(other, place);
  }

  #put(entry: TimerEntry, place: number): void {
    entry.place = place;
    this.#entries[place] = entry;
  }
}

function isBefore(one: TimerEntry, other: TimerEntry): boolean {
  return one.dueUs < other.dueUs || (one.dueUs === other.dueUs && one.order < other.order);
}
