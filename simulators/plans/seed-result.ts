/** What playing one seed came to: small enough to be handed from one process to another. Playing it is one function. */
import { drawPlan, type PlanWishes } from './draw-plan.ts';
import { type PlanOutcome, playPlan } from './play-plan.ts';

export type SeedResult = Omit<PlanOutcome, 'timeline'> & { readonly seed: number };

export async function playSeed(
  seed: number,
  wishes: PlanWishes,
  isInterrupted: () => boolean = () => false,
): Promise<SeedResult> {
  const { timeline: _, ...outcome } = await playPlan(drawPlan(seed, wishes), isInterrupted);
  return { seed, ...outcome };
}
