/** Plays many seeds, in this process or spread over several: each seed is a run of its own, so that their order is of no matter. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { PlanWishes } from './draw-plan.ts';
import { playSeed, type SeedResult } from './seed-result.ts';

const PROGRAM = join(import.meta.dirname, 'seed-program.ts');

export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

export interface SeedsTerms {
  readonly wishes: PlanWishes;
  /** Processes; with one, it is this one. */
  readonly jobs: number;
  readonly interrupted: AbortSignal;
  /** Told of each as it ends. */
  ended(result: SeedResult): void;
}

/** Resolves when all have been played, or soon after an interruption. @throws when a process of ours dies */
export async function playSeeds({ from, to }: SeedRange, terms: SeedsTerms): Promise<void> {
  const { wishes, interrupted, ended } = terms;
  let next = from;
  const take = (): number | null => {
    if (next > to || interrupted.aborted) return null;
    next += 1;
    return next - 1;
  };
  const jobs = Math.min(terms.jobs, to - from + 1);
  if (jobs > 1) {
    await Promise.all(Array.from({ length: jobs }, () => playElsewhere(take, wishes, ended)));
    return;
  }
  for (let seed = take(); seed !== null; seed = take()) {
    ended(await playSeed(seed, wishes, () => interrupted.aborted));
  }
}

async function playElsewhere(
  take: () => number | null,
  wishes: PlanWishes,
  ended: (result: SeedResult) => void,
): Promise<void> {
  const child = fork(PROGRAM, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  try {
    for (let seed = take(); seed !== null; seed = take()) {
      child.send({ seed, wishes });
      ended(await answerOf(child, seed));
    }
  } finally {
    if (child.connected) child.disconnect();
  }
}

function answerOf(child: ChildProcess, seed: number): Promise<SeedResult> {
  const { promise, resolve, reject } = Promise.withResolvers<SeedResult>();
  const died = (code: number | null) => reject(new Error(`the process that played seed ${seed} ended with ${code}`));
  child.once('exit', died);
  child.once('message', (result: SeedResult) => {
    child.off('exit', died);
    resolve(result);
  });
  return promise;
}
