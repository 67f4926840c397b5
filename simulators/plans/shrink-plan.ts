/**
 * From a plan that fails to the smallest one near it that fails in the same way: fewer faults, fewer presses, fewer actors, a
 * plainer house, less time. Greedy, and bounded: a reader wants ten steps to look at, and not the fewest there could be.
 */
import type { HousePlan, PlannedHouse, PlannedStep } from './house-plan.ts';

/** Plans played on the way; most are shorter than the one before. */
export const SHRINK_RUNS_MAX = 300;
/** Time with nothing in it is cut down to this: long enough for all to agree before what follows. */
const GAP_MS_MAX = 80_000;
const AFTER_FAILURE_MS = 1;

/** How a plan fails; null: it does not. */
export type Failure = { readonly atMs: number; readonly message: string } | null;

export interface ShrunkPlan {
  readonly plan: HousePlan;
  readonly failure: NonNullable<Failure>;
  readonly runs: number;
}

/** @param play whether and how a plan fails; asked at most `SHRINK_RUNS_MAX` times */
export async function shrinkPlan(
  plan: HousePlan,
  failure: NonNullable<Failure>,
  play: (plan: HousePlan) => Promise<Failure>,
): Promise<ShrunkPlan> {
  const shrinking = new Shrinking(plan, failure, play);
  await shrinking.run();
  return shrinking.result();
}

class Shrinking {
  readonly #play: (plan: HousePlan) => Promise<Failure>;
  readonly #kind: string;
  #best: HousePlan;
  #failure: NonNullable<Failure>;
  #runs = 0;

  constructor(plan: HousePlan, failure: NonNullable<Failure>, play: (plan: HousePlan) => Promise<Failure>) {
    this.#best = plan;
    this.#failure = failure;
    this.#kind = kindOf(failure.message);
    this.#play = play;
  }

  result(): ShrunkPlan {
    return { plan: this.#best, failure: this.#failure, runs: this.#runs };
  }

  async run(): Promise<void> {
    await this.#endSooner();
    for (let size = -1; size !== sizeOf(this.#best) && this.#mayRun(); ) {
      size = sizeOf(this.#best);
      await this.#leaveOut((steps) => steps.filter(({ kind }) => kind === 'fault'));
      await this.#leaveOut((steps) => steps);
      await this.#leaveOutActors();
      await this.#plainHouse();
      await this.#closeGaps();
    }
    await this.#endSooner();
  }

  #mayRun(): boolean {
    return this.#runs < SHRINK_RUNS_MAX;
  }

  /** Takes it when it fails as the first one did. */
  async #try(plan: HousePlan): Promise<boolean> {
    if (!this.#mayRun()) return false;
    this.#runs += 1;
    const failure = await this.#play(plan);
    if (failure === null || kindOf(failure.message) !== this.#kind) return false;
    this.#best = plan;
    this.#failure = failure;
    return true;
  }

  /** What was to come after the failure was not needed for it. */
  async #endSooner(): Promise<void> {
    const lastsMs = Math.min(this.#best.lastsMs, Math.ceil(this.#failure.atMs) + AFTER_FAILURE_MS);
    const steps = this.#best.steps
      .filter(({ atMs }) => atMs <= lastsMs)
      .map((step) => (step.kind === 'press' ? step : { ...step, untilMs: Math.min(step.untilMs, lastsMs + 1) }));
    if (lastsMs < this.#best.lastsMs) await this.#try({ ...this.#best, lastsMs, steps });
  }

  /** Halves, quarters, … single ones of those that are chosen, as long as it goes on failing. */
  async #leaveOut(choose: (steps: readonly PlannedStep[]) => readonly PlannedStep[]): Promise<void> {
    for (let size = choose(this.#best.steps).length; size >= 1 && this.#mayRun(); size = Math.floor(size / 2)) {
      for (let from = 0; from < choose(this.#best.steps).length && this.#mayRun(); ) {
        const out = new Set(choose(this.#best.steps).slice(from, from + size));
        const steps = this.#best.steps.filter((step) => !out.has(step));
        if (!(await this.#try({ ...this.#best, steps }))) from += size;
      }
    }
  }

  async #leaveOutActors(): Promise<void> {
    for (const { name } of this.#best.house.phones) {
      const phones = this.#best.house.phones.filter((it) => it.name !== name);
      await this.#try(without(this.#best, name, { phones }));
    }
    for (const { name } of this.#best.house.speakers) {
      const speakers = this.#best.house.speakers.filter((it) => it.name !== name);
      if (speakers.length > 0) await this.#try(without(this.#best, name, { speakers }));
    }
  }

  async #plainHouse(): Promise<void> {
    const { speakers } = this.#best.house;
    const plainer: Partial<PlannedHouse>[] = [
      { trouble: null },
      { access: null, isDiscovered: false },
      { sound: 'modelled' },
      { speakers: speakers.map(({ name }) => ({ name, offsetUs: 0, ppm: 0 })) },
      { latencyMs: 3, jitterMs: 0 },
    ];
    for (const change of plainer) {
      const house = { ...this.#best.house, ...change };
      if (JSON.stringify(house) !== JSON.stringify(this.#best.house)) await this.#try({ ...this.#best, house });
    }
  }

  async #closeGaps(): Promise<void> {
    const closed = closeGaps(this.#best);
    if (closed.lastsMs < this.#best.lastsMs) await this.#try(closed);
  }
}

/** What is wrong, whoever and wherever it is: names, ids and numbers differ from run to run of one bug. */
export function kindOf(message: string): string {
  return message
    .replace(/\{.*\}/gs, '…')
    .replace(/\b(speaker|phone|account)-\d+|house-owner|the house\b/g, '…')
    .replace(/[0-9a-zA-Z_-]*\d[0-9a-zA-Z_-]*/g, '…')
    .replace(/(… (and )?)+/g, '… ');
}

function sizeOf({ steps, house, lastsMs }: HousePlan): number {
  return lastsMs + (steps.length + house.phones.length + house.speakers.length) * 1e9;
}

function without(plan: HousePlan, actor: string, house: Partial<PlannedHouse>): HousePlan {
  const steps = plan.steps.filter((step) =>
    step.kind === 'fault' ? step.target !== actor : step.phone !== actor && !isAbout(step.wish, actor),
  );
  return { ...plan, house: { ...plan.house, ...house }, steps };
}

function isAbout(wish: Extract<PlannedStep, { kind: 'press' }>['wish'], actor: string): boolean {
  return wish.kind === 'transfer' ? wish.to === actor : wish.whom === actor;
}

/** The same order, with long stretches of nothing made shorter. */
function closeGaps(plan: HousePlan): HousePlan {
  const instants = plan.steps
    .flatMap((step) => (step.kind === 'fault' ? [step.atMs, step.untilMs] : [step.atMs]))
    .concat(plan.lastsMs)
    .sort((one, other) => one - other);
  const moved = new Map<number, number>();
  let last = { before: 0, after: 0 };
  for (const before of instants) {
    last = { before, after: last.after + Math.min(before - last.before, GAP_MS_MAX) };
    moved.set(before, last.after);
  }
  const to = (atMs: number): number => moved.get(atMs) ?? atMs;
  const steps = plan.steps.map((step) =>
    step.kind === 'press'
      ? { ...step, atMs: to(step.atMs) }
      : { ...step, atMs: to(step.atMs), untilMs: to(step.untilMs) },
  );
  return { ...plan, lastsMs: to(plan.lastsMs), steps };
}
