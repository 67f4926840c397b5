/** Why things went wrong, counted: so many reasons are told apart, the rest is `other`, so that nobody's texts fill memory. */

const REASONS_MAX = 32;
const REASON_LENGTH_MAX = 120;

export interface CountedReason {
  readonly reason: string;
  readonly count: number;
}

export class ReasonCount {
  readonly #counts = new Map<string, number>();

  add(reason: string): void {
    const known = reason.slice(0, REASON_LENGTH_MAX);
    const key = this.#counts.has(known) || this.#counts.size < REASONS_MAX ? known : 'other';
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** The commonest first. */
  list(): readonly CountedReason[] {
    const all = [...this.#counts].map(([reason, count]) => ({ reason, count }));
    return all.sort((one, other) => other.count - one.count);
  }
}
