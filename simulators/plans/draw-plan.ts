/**
 * A plan drawn from a seed: pure, so that the seed alone says what will happen. Presses come as people make them: a while of
 * attention, hasty or at leisure, then long stretches in which the music plays or the house sleeps. Things break at any
 * time, and rather often just when somebody has pressed something.
 */

import { FAULT_KINDS } from '#sim/world/faults/fault-kinds';
import { SeededRandom } from '#sim/world/seeded-random';
import { drawHouse, type HouseWishes } from './draw-house.ts';
import { drawPlay, drawWish } from './draw-wish.ts';
import { type HousePlan, PLAN_FORMAT, type PlannedFault, type PlannedHouse, type PlannedPress } from './house-plan.ts';
import { createPlannedWorld } from './play-plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A plan longer than this follows the clock of a day; a shorter one is an evening. */
const EVENING_MAX = 4 * HOUR;
/** Between two whiles of attention in an evening. */
const QUIET = { low: 0.4 * MINUTE, high: 9 * MINUTE } as const;
/** ... of everyday listening: it is looked at now and then. */
const EVERYDAY_QUIET = { low: 3 * MINUTE, high: 45 * MINUTE } as const;
const ATTENTION = { low: 5_000, high: 4 * MINUTE } as const;
const HASTY = { low: 20, high: 1_500 } as const;
const LEISURELY = { low: 1_500, high: 25_000 } as const;
const FAULT = { low: 100, high: 5 * MINUTE } as const;
/** How soon after a press something breaks that breaks because of it. */
const JUST_THEN = { low: 0.2, high: 5_000 } as const;
/** ... or not after the press, but just as what was pressed is done. */
const UPON_CHANCE = 0.4;
/** Who dies, dies of all faults this much more often: that is when what is not written down is lost. */
const DEATHS: ReadonlySet<string> = new Set([
  'bridge-killed',
  'bridge-unplugged',
  'speaker-killed',
  'speaker-unplugged',
]);
const DEATH_WEIGHT = 2;
/** Times of a day in which people listen, and how likely each is: about three hours in all. */
const LISTENING: readonly { readonly fromMs: number; readonly lastsMs: number; readonly chance: number }[] = [
  { fromMs: 7 * HOUR, lastsMs: 0.75 * HOUR, chance: 0.7 },
  { fromMs: 12.5 * HOUR, lastsMs: 0.5 * HOUR, chance: 0.3 },
  { fromMs: 18.5 * HOUR, lastsMs: 2.5 * HOUR, chance: 0.9 },
];
/** Things that break in an hour of attention, by how lucky a house is; in a day, by hours of listening. */
const FAULTS_PER_HOUR = [0, 4, 10, 25] as const;

export interface PlanWishes extends HouseWishes {
  readonly minutes: number;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export function drawPlan(seed: number, wishes: PlanWishes): HousePlan {
  const random = new SeededRandom(seed).fork('plan');
  const house = drawHouse(random.fork('house'), wishes);
  const lastsMs = wishes.minutes * MINUTE;
  const stretches = lastsMs <= EVENING_MAX ? [{ fromMs: 0, toMs: lastsMs }] : drawDays(random.fork('days'), lastsMs);
  const isEvening = lastsMs <= EVENING_MAX;
  const perHour = random.pick(FAULTS_PER_HOUR) / (isEvening ? 1 : 3);
  const presses: PlannedPress[] = [];
  for (const stretch of stretches)
    drawPresses(random.fork(`presses ${stretch.fromMs}`), house, stretch, presses, isEvening);
  const hours = stretches.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / HOUR, 0);
  const faults = drawFaults(random.fork('faults'), { seed, house, lastsMs, presses }, Math.round(hours * perHour));
  return { format: PLAN_FORMAT, seed, lastsMs, house, steps: [...presses, ...faults] };
}

function drawDays(random: SeededRandom, lastsMs: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let day = 0; day < lastsMs; day += DAY) {
    for (const { fromMs, lastsMs: usual, chance } of LISTENING) {
      if (!random.chance(chance)) continue;
      const from = day + fromMs + random.between(0, HOUR);
      const to = Math.min(lastsMs, from + usual * (0.5 + random.fraction()));
      if (from < to) stretches.push({ fromMs: from, toMs: to });
    }
  }
  return stretches;
}

/** @param isEndless whether it may go on when the stretch is over; else somebody makes an end of the music */
function drawPresses(
  random: SeededRandom,
  house: PlannedHouse,
  { fromMs, toMs }: Stretch,
  presses: PlannedPress[],
  isEndless: boolean,
): void {
  const press = (atMs: number, phone: string, wish: PlannedPress['wish']): void => {
    presses.push({ kind: 'press', name: `p${String(presses.length + 1).padStart(4, '0')}`, atMs, phone, wish });
  };
  let atMs = fromMs;
  while (atMs < toMs) {
    const pace = random.chance(0.3) ? HASTY : LEISURELY;
    const untilMs = Math.min(toMs, atMs + between(random, ATTENTION));
    const playing = random.pick(house.phones).name;
    if (random.chance(0.6)) press(atMs, playing, drawPlay(random, house, random.pick(house.speakers).name));
    for (atMs += between(random, pace); atMs < untilMs; atMs += between(random, pace)) {
      const phone = random.chance(0.6) ? playing : random.pick(house.phones).name;
      press(Math.round(atMs), phone, drawWish(random, house));
    }
    atMs = Math.round(atMs + between(random, isEndless ? QUIET : EVERYDAY_QUIET));
  }
  if (isEndless) return;
  for (const { name } of house.phones) press(toMs, name, { kind: 'pause', whom: null });
}

function drawFaults(
  random: SeededRandom,
  {
    seed,
    house,
    lastsMs,
    presses,
  }: Pick<HousePlan, 'seed' | 'house' | 'lastsMs'> & { presses: readonly PlannedPress[] },
  count: number,
): readonly PlannedFault[] {
  if (count === 0) return [];
  const world = createPlannedWorld({ seed, house });
  const possible = FAULT_KINDS.flatMap((kind) =>
    Array.from({ length: DEATHS.has(kind.name) ? DEATH_WEIGHT : 1 }, () => ({ kind, targets: kind.targets(world) })),
  ).filter(({ targets }) => targets.length > 0);
  return Array.from({ length: count }, (_, place): PlannedFault => {
    const { kind, targets } = random.pick(possible);
    const cause = presses.length > 0 && random.chance(0.6) ? random.pick(presses) : null;
    const upon =
      cause !== null && random.chance(UPON_CHANCE) ? { upon: random.pick(['told', 'answered'] as const) } : {};
    const afterMs = 'upon' in upon ? 0 : between(random, JUST_THEN);
    const atMs = cause === null ? random.between(0, lastsMs) : Math.min(lastsMs, cause.atMs + afterMs);
    const untilMs = Math.min(lastsMs, atMs + between(random, FAULT));
    const fault = { fault: kind.name, target: random.pick(targets) };
    return { kind: 'fault', name: `f${place + 1}`, atMs, untilMs, ...upon, ...fault };
  });
}

/** Short ones as likely as long ones: each doubling the same. */
function between(random: SeededRandom, { low, high }: { readonly low: number; readonly high: number }): number {
  return Math.round(low * (high / low) ** random.fraction() * 10) / 10;
}
