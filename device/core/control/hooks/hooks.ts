/** Tells a hook program of events, one at a time, each within a limit; nothing of the speaker waits for it. */
import type { HookOutcome, HookRunner } from '#device/core/ports/hook-runner';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';
import { type HookEvent, hookCallOf } from './hook-event.ts';
import { addHook, EMPTY_HOOK_QUEUE, takeNext } from './hook-queue.ts';

/** Long enough to ask another machine, short enough that what waits is still news. */
export const HOOK_WITHIN_MS = ms(10_000);

export interface Hooks {
  tell(event: HookEvent): void;
  /** Ends what runs; what waits is not told. Resolves when nothing runs. Twice is harmless. */
  stop(): Promise<void>;
}

export function createHooks(
  { runner, logger }: { readonly runner: HookRunner; readonly logger: Logger },
  speaker: { readonly name: string },
): Hooks {
  let queue = EMPTY_HOOK_QUEUE;
  let running: Promise<void> | null = null;
  let isOver = false;

  async function runAll(): Promise<void> {
    for (;;) {
      if (queue.letGo > 0) logger.warn('hook.events-let-go', { count: queue.letGo });
      const taken = takeNext(queue);
      queue = taken.queue;
      if (taken.next === null || isOver) {
        // In the same turn, so that nothing that is told now waits for somebody who has left.
        running = null;
        return;
      }
      const outcome = await runner.run(hookCallOf(taken.next, speaker), HOOK_WITHIN_MS);
      if (!isOver) say(logger, taken.next, outcome);
    }
  }

  return {
    tell: (event) => {
      if (isOver) return;
      queue = addHook(queue, event);
      running ??= runAll();
    },
    stop: async () => {
      isOver = true;
      await runner.close();
      await running;
    },
  };
}

function say(logger: Logger, { event }: HookEvent, outcome: HookOutcome): void {
  switch (outcome.kind) {
    case 'ended': {
      const { exitCode, output } = outcome;
      const fields = { about: event, exitCode, output: output === '' ? undefined : output };
      if (exitCode !== 0) logger.warn('hook.failed', fields);
      else if (output !== '') logger.info('hook.said', fields);
      return;
    }
    case 'killed':
      return void logger.warn('hook.killed', { about: event, signal: outcome.signal, output: outcome.output });
    case 'timedOut':
      return void logger.warn('hook.timed-out', { about: event, withinMs: HOOK_WITHIN_MS, output: outcome.output });
    case 'notStarted':
      return void logger.warn('hook.not-started', { about: event, reason: outcome.reason });
  }
}
