/** Who reaches whom in a virtual network: places that are cut off, and ways that carry nothing in one direction. */

/** `silent`: packets vanish, nobody is told. `reset`: every link breaks at once with 1006 and dials are refused. */
export type CutKind = 'silent' | 'reset';

/** Stands for every place. */
export const ANYWHERE = '*';

export class VirtualReach {
  readonly #cuts = new Map<string, CutKind>();
  /** Ways that carry nothing, each in one direction. */
  readonly #parted = new Set<string>();

  cut(place: string, kind: CutKind): void {
    this.#cuts.set(place, kind);
  }

  heal(place: string): void {
    this.#cuts.delete(place);
  }

  /** Nothing gets from one to the other; the other way is as it was. */
  part(from: string, to: string): void {
    this.#parted.add(keyOf(from, to));
  }

  rejoin(from: string, to: string): void {
    this.#parted.delete(keyOf(from, to));
  }

  isReset(from: string, to: string): boolean {
    return this.#cuts.get(from) === 'reset' || this.#cuts.get(to) === 'reset';
  }

  /** Whether what is sent from one to the other vanishes. */
  isSilent(from: string, to: string): boolean {
    if (this.#cuts.get(from) === 'silent' || this.#cuts.get(to) === 'silent') return true;
    if (this.#parted.size === 0) return false;
    return (
      this.#parted.has(keyOf(from, to)) ||
      this.#parted.has(keyOf(from, ANYWHERE)) ||
      this.#parted.has(keyOf(ANYWHERE, to))
    );
  }
}

function keyOf(from: string, to: string): string {
  return `${from} → ${to}`;
}
