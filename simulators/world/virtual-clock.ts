/**
 * Time that passes only when a test says so. A minute of a household then costs milliseconds, nothing depends on the
 * machine's mood, and a run with the same seed is the same run.
 *
 * Between timers the promise chains that the last one started are run to their end (bounded), so that code written with
 * `await` sees the same order of events as in a real process.
 *
 * Whose timer is first when several are due at the same instant, no real world says, but within one process. Given a
 * scheduler, the clock lets the seed say it; without one, whoever was set first is first.
 */
import { TimerHeap } from '#protocol/kit/timer-heap';
import type { Clock, Timer } from '#protocol/ports/clock';
import { assert } from '#protocol/vocabulary/result';
import { type Ms, msToUs, type Us, us } from '#protocol/vocabulary/units';
import type { SeededRandom } from './seeded-random.ts';
import { SeededScheduler } from './seeded-scheduler.ts';

/**
 * Turns of the microtask queue granted after each timer. An `await` costs one to three; the deepest chain in this
 * project (a command through session, engine and answer) stays far below. More only costs time.
 */
const MICROTASK_ROUNDS = 100;
/** Timers fired by one `advance`: beyond this something re-arms itself without letting time pass. */
const FIRED_PER_ADVANCE_MAX = 5_000_000;
/** Timers that may fire at one single instant; more is a loop that never lets time pass. */
const FIRED_PER_INSTANT_MAX = 10_000;
/** A date that people recognise as made up: 2030-01-01T00:00:00Z. */
const WALL_START_MS = 1_893_456_000_000;

export class VirtualClock implements Clock {
  /** The calendar's distance from the monotonic clock; set `wallMs` through `setWallMs` to make it step. */
  #wallOffsetMs = WALL_START_MS;
  #nowUs: number;
  #advancing = false;
  readonly #pending = new TimerHeap();
  readonly #scheduler: SeededScheduler | null;

  /**
   * @param startUs first instant of the monotonic clock
   * @param order chooses among the timers of different owners that are due at the same instant; absent: as they were set.
   *   The port's promise about one instant then holds for each clock had from `ownedBy`; timers that are set on this one
   *   belong to whom their names say.
   */
  constructor(startUs: Us = us(0), order: SeededRandom | null = null) {
    this.#nowUs = startUs;
    this.#scheduler = order === null ? null : new SeededScheduler(this.#pending, order);
  }

  /** The clock as one process has it: its timers of one instant fire in the order in which it set them. */
  ownedBy(owner: string): Clock {
    return {
      nowUs: () => this.nowUs(),
      wallMs: () => this.wallMs(),
      setTimer: (name, delay, callback) => this.#set(owner, name, delay, callback),
    };
  }

  nowUs(): Us {
    return us(this.#nowUs);
  }

  wallMs(): number {
    return this.#wallOffsetMs + Math.floor(this.#nowUs / 1000);
  }

  /** Makes the calendar step (in either direction); the monotonic clock does not notice. */
  setWallMs(wallMs: number): void {
    this.#wallOffsetMs = wallMs - Math.floor(this.#nowUs / 1000);
  }

  setTimer(name: string, delay: Ms, callback: () => void): Timer {
    return this.#set(name, name, delay, callback);
  }

  /**
   * The process stands still (SIGSTOP, a blocked event loop) while the world goes on: time has passed and no timer fired;
   * what fell due meanwhile fires late, at once, when time is next let pass.
   */
  stall(by: Ms): void {
    assert(!this.#advancing, 'a process that stands still lets no time pass by itself');
    this.#nowUs += msToUs(by);
  }

  /** How many timers are not yet fired or cancelled. */
  get pendingCount(): number {
    return this.#pending.length + (this.#scheduler?.readyCount ?? 0);
  }

  /** When the next timer is due, in this clock's µs: until then nothing happens by itself; null when there is none. */
  nextDueUs(): Us | null {
    if (this.#scheduler !== null && this.#scheduler.readyCount > 0) return this.nowUs();
    const next = this.#pending.first();
    return next === undefined ? null : us(Math.max(this.#nowUs, next.dueUs));
  }

  /** Names of the timers not yet fired or cancelled, in the order in which they would fire. */
  timers(): string[] {
    const ready = this.#scheduler?.ready() ?? [];
    return [...ready, ...this.#pending.inOrder()].map((timer) => timer.name);
  }

  /**
   * Lets time pass, firing what falls due. Work that a timer sets within the span is fired too.
   * @throws what a callback throws, and an assertion when timers re-arm themselves without letting time pass
   */
  async advance(by: Ms): Promise<void> {
    await this.#run(this.#nowUs + msToUs(by), () => false);
  }

  /**
   * Lets time pass until `condition` holds; it is asked before the first timer and after each.
   * @returns whether it came to hold within `limit`; the clock then stands at that instant, else at the limit
   */
  async runUntil(condition: () => boolean, limit: Ms): Promise<boolean> {
    return this.#run(this.#nowUs + msToUs(limit), condition);
  }

  #set(owner: string, name: string, delay: Ms, callback: () => void): Timer {
    const entry = this.#pending.add(name, this.#nowUs + Math.ceil(delay * 1000), callback);
    const scheduler = this.#scheduler;
    if (scheduler === null) return { name, cancel: () => this.#pending.remove(entry) };
    scheduler.own(entry, owner);
    return { name, cancel: () => scheduler.cancel(entry) };
  }

  async #run(endUs: number, isEnough: () => boolean): Promise<boolean> {
    assert(!this.#advancing, 'the virtual clock is advanced by one caller at a time');
    this.#advancing = true;
    try {
      return await this.#fireUntil(endUs, isEnough);
    } finally {
      this.#advancing = false;
    }
  }

  async #fireUntil(endUs: number, isEnough: () => boolean): Promise<boolean> {
    let firedAtInstant = 0;
    for (let fired = 0; fired < FIRED_PER_ADVANCE_MAX; fired += 1) {
      await settleMicrotasks();
      if (isEnough()) return true;
      const next = this.#scheduler === null ? this.#pending.first() : this.#scheduler.next(endUs);
      if (next === undefined || next.dueUs > endUs) {
        this.#nowUs = endUs;
        return isEnough();
      }
      firedAtInstant = next.dueUs > this.#nowUs ? 0 : firedAtInstant + 1;
      assert(firedAtInstant < FIRED_PER_INSTANT_MAX, `timer ${next.name} re-arms itself without letting time pass`);
      this.#pending.remove(next);
      this.#nowUs = Math.max(this.#nowUs, next.dueUs);
      next.callback();
    }
    throw new Error(`more than ${FIRED_PER_ADVANCE_MAX} timers in one advance`);
  }
}

/** Runs the promise chains that are ready, and those they make ready, up to the named bound. */
export async function settleMicrotasks(): Promise<void> {
  for (let round = 0; round < MICROTASK_ROUNDS; round += 1) await undefined;
}
