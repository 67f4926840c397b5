/**
 * What breaks while a plan is played: at its time, or when a speaker is next told something, which is when it hurts; and
 * what of it is still broken.
 */
import type { Timer } from '#protocol/ports/clock';
import { ms } from '#protocol/vocabulary/units';
import type { CommandMoment } from '#sim/world/command-audit';
import type { Mend } from '#sim/world/faults/fault-kind';
import { faultKindNamed } from '#sim/world/faults/fault-kinds';
import { SeededRandom } from '#sim/world/seeded-random';
import type { World } from '#sim/world/world';
import type { HousePlan, PlannedFault } from './house-plan.ts';

/** How soon after its moment such a fault strikes: at most so many ways over the network. */
const UPON_WAYS = 2;

export class PlanFaults {
  /** Those that have struck. */
  count = 0;
  readonly #plan: Pick<HousePlan, 'seed' | 'house'>;
  readonly #world: World;
  readonly #struck: () => void;
  readonly #open = new Map<PlannedFault, Mend>();
  /** Those that wait for their moment, with how they are kept from striking. */
  readonly #waiting = new Map<PlannedFault, () => void>();

  /** @param struck told when something has broken that was waiting for its moment */
  constructor(plan: Pick<HousePlan, 'seed' | 'house'>, world: World, struck: () => void) {
    this.#plan = plan;
    this.#world = world;
    this.#struck = struck;
  }

  /** Whether nothing is broken now, nor will break by itself. */
  isNone(): boolean {
    return this.#open.size === 0 && this.#waiting.size === 0;
  }

  begin(step: PlannedFault): void {
    const random = new SeededRandom(this.#plan.seed).fork(`fault ${step.name}`);
    if (step.upon === undefined) this.#break(step, random);
    else this.#waitFor(step, step.upon, random);
  }

  /** Harmless for what has not begun, or was mended. */
  mend(step: PlannedFault): void {
    this.#waiting.get(step)?.();
    this.#waiting.delete(step);
    const mend = this.#open.get(step);
    if (mend === undefined) return;
    this.#open.delete(step);
    this.#world.timeline.note('MENDED', `${step.name} ${step.fault} ${step.target}`);
    mend();
  }

  mendAll(): void {
    for (const step of [...this.#open.keys(), ...this.#waiting.keys()]) this.mend(step);
  }

  /** Strikes in a turn of its own, while what has just been said is on its way, or soon after. */
  #waitFor(step: PlannedFault, moment: CommandMoment, random: SeededRandom): void {
    const { clock, audit } = this.#world;
    const { latencyMs, jitterMs } = this.#plan.house;
    const after = ms(random.fraction() * UPON_WAYS * (latencyMs + jitterMs));
    let timer: Timer | null = null;
    const forget = audit.upon(moment, () => {
      timer = clock.setTimer(`plan ${step.name}`, after, () => {
        this.#waiting.delete(step);
        this.#break(step, random);
        this.#struck();
      });
    });
    this.#waiting.set(step, () => {
      forget();
      timer?.cancel();
    });
  }

  #break(step: PlannedFault, random: SeededRandom): void {
    const kind = faultKindNamed(step.fault);
    if (!kind.targets(this.#world).includes(step.target)) return;
    this.count += 1;
    this.#world.timeline.note('FAULT', `${step.name} ${step.fault} ${step.target}`);
    this.#open.set(step, kind.begin(this.#world, step.target, random));
  }
}
