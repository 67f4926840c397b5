/** One of several processes that play seeds: told which by messages of its parent, and gone when the parent is. */
import type { PlanWishes } from './draw-plan.ts';
import { playSeed } from './seed-result.ts';

export interface SeedQuestion {
  readonly seed: number;
  readonly wishes: PlanWishes;
}

process.on('message', ({ seed, wishes }: SeedQuestion) => {
  void playSeed(seed, wishes).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit(0));
