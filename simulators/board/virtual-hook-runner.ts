/** A hook program that exists only here: it takes as long as it is told, remembers what it was told, and can hang. */
import type { HookCall, HookOutcome, HookRunner } from '#device/core/ports/hook-runner';
import type { Clock } from '#protocol/ports/clock';
import type { Ms } from '#protocol/vocabulary/units';

/** How it behaves for one call; `takes` null: it never ends by itself. */
export interface HookBehaviour {
  readonly takes: Ms | null;
  readonly exitCode: number;
  readonly output: string;
}

export class VirtualHookRunner implements HookRunner {
  readonly calls: HookCall[] = [];
  /** More than one at a time is against the port. */
  mostAtOnce = 0;
  readonly #clock: Clock;
  readonly #behave: (call: HookCall) => HookBehaviour;
  #running = 0;
  #endNow: (() => void) | null = null;
  #isClosed = false;

  constructor(clock: Clock, behave: (call: HookCall) => HookBehaviour) {
    this.#clock = clock;
    this.#behave = behave;
  }

  run(call: HookCall, within: Ms): Promise<HookOutcome> {
    if (this.#isClosed) return Promise.resolve({ kind: 'notStarted', reason: 'the speaker ends' });
    this.calls.push(call);
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    const { takes, exitCode, output } = this.#behave(call);
    const { promise, resolve } = Promise.withResolvers<HookOutcome>();
    const isLate = takes === null || takes > within;
    const outcome: HookOutcome = isLate ? { kind: 'timedOut', output } : { kind: 'ended', exitCode, output };
    const timer = this.#clock.setTimer('virtual-hook', isLate ? within : takes, () => resolve(outcome));
    this.#endNow = () => {
      timer.cancel();
      resolve({ kind: 'timedOut', output });
    };
    return promise.finally(() => {
      this.#running -= 1;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endNow?.();
  }
}
