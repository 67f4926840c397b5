/**
 * Epochs as they follow one another. A bridge that begins in the middle of a recording leaves a gap in their numbers, as any
 * bridge does that was started again: the first new one then is the first new one now, whatever its number.
 */
import type { FlightRecord } from '#protocol/wire/flight-record';

export class Epochs {
  /** The newest there was when the recording began. */
  readonly #begun: number;
  readonly #fresh: number[] = [];

  constructor(begun: number) {
    this.#begun = begun;
  }

  /** In the order in which they are given. */
  given(epoch: unknown): void {
    if (typeof epoch === 'number' && epoch > this.#begun && !this.#fresh.includes(epoch)) this.#fresh.push(epoch);
  }

  /** 0 for all that there were before; null for one that was not given. */
  place(epoch: number): number | null {
    if (epoch <= this.#begun) return 0;
    const at = this.#fresh.indexOf(epoch);
    return at < 0 ? null : at + 1;
  }

  /** @returns null where no such has been given yet */
  at(place: number): number | null {
    return this.#fresh[place - 1] ?? null;
  }
}

/** @returns the newest epoch that is named in how things stood; null for a record from the beginning, whose numbers hold */
export function begunEpochOf({ header, entries }: FlightRecord): number | null {
  if (header.isWhole) return null;
  let newest = 0;
  for (const { t, event } of entries) {
    if (t > 0) break;
    for (const epoch of epochsIn(event)) newest = Math.max(newest, epoch);
  }
  return newest;
}

function epochsIn(value: unknown): readonly number[] {
  if (Array.isArray(value)) return value.flatMap(epochsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'epoch' || key === 'reservedEpoch') && typeof inner === 'number' ? [inner] : epochsIn(inner),
  );
}
