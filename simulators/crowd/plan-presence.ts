/** When the speakers of a crowd are switched off and on again, as one list in the order of time. Pure. */
import type { SeededRandom } from '#sim/world/seeded-random';
import { drawOffFor, drawWait, OFF_PER_DAY, S_PER_DAY } from './listening-model.ts';

export interface PresenceChange {
  /** Since the beginning. */
  readonly atS: number;
  /** Of the speaker, from 0. */
  readonly number: number;
  readonly isOn: boolean;
}

/** @returns all within the duration; of each speaker off and on in turn, beginning with off */
export function planPresence(
  random: SeededRandom,
  { count, durationS }: { readonly count: number; readonly durationS: number },
): readonly PresenceChange[] {
  const changes: PresenceChange[] = [];
  for (let number = 0; number < count; number += 1) {
    let atS = drawWait(random, S_PER_DAY / OFF_PER_DAY);
    while (atS < durationS) {
      changes.push({ atS, number, isOn: false });
      atS += drawOffFor(random);
      if (atS < durationS) changes.push({ atS, number, isOn: true });
      atS += drawWait(random, S_PER_DAY / OFF_PER_DAY);
    }
  }
  return changes.sort((one, other) => one.atS - other.atS || one.number - other.number);
}
