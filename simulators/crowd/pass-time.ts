/** Lets a run's time pass, looking at it each second, until it is over or somebody ends it. */
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 1_000;
const SAY_EVERY = 10;

/** @param look each second and at the end; `isToSay` now and then, for people who wait */
export async function passTime(
  durationS: number,
  interrupted: AbortSignal,
  look: (isToSay: boolean) => void,
): Promise<void> {
  const endAtMs = performance.now() + durationS * 1_000;
  for (let looks = 1; !interrupted.aborted && performance.now() < endAtMs; looks += 1) {
    const leftMs = Math.max(0, Math.min(LOOK_EVERY_MS, endAtMs - performance.now()));
    await wait(leftMs, undefined, { signal: interrupted }).catch(() => undefined);
    look(looks % SAY_EVERY === 0);
  }
}
