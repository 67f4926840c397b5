/**
 * Which requests were made already, and how they ended: the same command id again gets the same answer and is not
 * performed twice. Spec section 5.
 */
import type { CommandId } from '#protocol/vocabulary/ids';

export interface RequestLedger<Outcome> {
  /** The outcome of the first request with this id; performs it when there was none (or it is long forgotten). */
  once(id: CommandId, perform: () => Promise<Outcome>): Promise<Outcome>;
}

/** @param limit ids remembered; beyond it the oldest is forgotten @param earlier outcomes of an earlier life, oldest first */
export function createRequestLedger<Outcome>(
  limit: number,
  earlier: readonly (readonly [CommandId, Outcome])[] = [],
): RequestLedger<Outcome> {
  const outcomes = new Map<CommandId, Promise<Outcome>>(earlier.map(([id, outcome]) => [id, Promise.resolve(outcome)]));
  return {
    once: (id, perform) => {
      const known = outcomes.get(id);
      if (known !== undefined) return known;
      const outcome = perform();
      outcomes.set(id, outcome);
      const oldest = outcomes.keys().next();
      if (outcomes.size > limit && !oldest.done) outcomes.delete(oldest.value);
      return outcome;
    },
  };
}
