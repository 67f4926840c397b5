/**
 * What a kind of fault is: something that may befall a part of a simulated household, by a name that plans, timelines and
 * command lines know it by, and how it ends. A plan is then data (which kind, whom, when, until when), and can be replayed,
 * shrunk and read.
 */
import type { SeededRandom } from '#sim/world/seeded-random';
import type { World } from '#sim/world/world';

/** Ends it; harmless a second time, and when what it struck has been mended otherwise. */
export type Mend = () => void;

export interface FaultKind {
  /** Lower case with hyphens, for ever: a plan that was written down names it. */
  readonly name: string;
  /** Whom it can befall in this world: names of places (`bridge`, speakers, phones, edges). None: it cannot happen there. */
  targets(world: World): readonly string[];
  /**
   * Breaks it now, for this target. What it leaves open (how many bytes, which way) it draws from `random` alone, so that
   * leaving out another fault does not change this one. Where there is nothing to break (who is to die is dead), it does
   * nothing.
   */
  begin(world: World, target: string, random: SeededRandom): Mend;
}

/** What is over at once, or has nothing to mend. */
export const NOTHING_TO_MEND: Mend = () => {};

/** @returns what is done at the first call only */
export function once(mend: Mend): Mend {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    mend();
  };
}
