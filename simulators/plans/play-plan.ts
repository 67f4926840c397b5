/**
 * Plays a plan in a simulated household. Safety is asked by the world after every step; liveness here: whenever nothing has
 * been pressed or broken for a while, and in the end, everybody must be connected, show the same, and be heard playing
 * what their session says; and while nobody does anything, nothing may change but what plays on.
 */
import { setImmediate } from 'node:timers/promises';
import { type CommandId, commandId, type SpeakerId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND, frames, type Ms, ms } from '#protocol/vocabulary/units';
import { World } from '#sim/world/world';
import { requestOf } from './ask-wish.ts';
import type { HousePlan, PlannedPress } from './house-plan.ts';
import { PlanFaults } from './plan-faults.ts';
import { StillWatch } from './still-watch.ts';

/**
 * So long after the last fault is mended and the last button pressed, all is well: a link that is dead without a word is
 * given up after 45 s, and who was sent away is back within 15 s.
 */
export const AGREES_WITHIN: Ms = ms(60_000);
/** ... but for what is just under way then: a track that ends, a report on its way. */
const SETTLES_WITHIN: Ms = ms(3_000);
/** How often it is asked again while nobody does anything. */
const ASK_AGAIN_AFTER: Ms = ms(240_000);
const US_PER_MS = 1_000;
/** As many presses under way as a family can make. */
const PRESSES_PENDING_MAX = 200;

export interface PlanOutcome {
  /** Null: every promise was kept. */
  readonly failure: { readonly atMs: number; readonly message: string } | null;
  /** The last lines of what happened. */
  readonly timeline: string;
  /** Of all of it, to the byte. */
  readonly fingerprint: string;
  readonly virtualMs: number;
  readonly presses: number;
  readonly acknowledged: number;
  readonly faults: number;
  /** How often it was found that all agree. */
  readonly agreements: number;
}

interface Pressed {
  readonly id: CommandId;
  readonly isAcknowledged: boolean;
  /** A transfer to where the music is changes nothing, and no speaker is told. */
  readonly mayBeNothing: boolean;
}

interface Moment {
  readonly atMs: number;
  readonly isPress: boolean;
  act(): void;
}

/** Looks at a house between its steps, and changes nothing in it. */
export interface PlanWatcher {
  /** How often, in virtual time. */
  readonly every: Ms;
  look(world: World): void;
}

/** @param watcher null: nobody looks */
export async function playPlan(
  plan: HousePlan,
  isInterrupted: () => boolean = () => false,
  watcher: PlanWatcher | null = null,
): Promise<PlanOutcome> {
  const world = createPlannedWorld(plan);
  const play = new Play(plan, world, isInterrupted, watcher);
  let failure: PlanOutcome['failure'] = null;
  try {
    await play.run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    failure = { atMs: play.nowMs(), message };
    world.timeline.note('FAILURE', message);
  }
  const { presses, acknowledged, faults, agreements } = play;
  const { timeline } = world;
  const virtualMs = world.clock.nowUs() / US_PER_MS;
  return {
    failure,
    timeline: timeline.text(),
    fingerprint: timeline.fingerprint(),
    virtualMs,
    presses,
    acknowledged,
    faults,
    agreements,
  };
}

/** Not started yet; a plan is drawn with one too, to know what can break in it. */
export function createPlannedWorld({ seed, house }: Pick<HousePlan, 'seed' | 'house'>): World {
  const { speakers, phones, trackSeconds, sound, isDiscovered, access, latencyMs, jitterMs, trouble } = house;
  const { isNamed = false, edges, loudspeakers } = house;
  return new World(seed, {
    speakers: speakers.map(({ name }) => name),
    phones,
    accounts: 1 + Math.max(0, ...phones.map(({ account }) => account)),
    tracks: trackSeconds.map((seconds) => frames(Math.round(seconds * FRAMES_PER_SECOND))),
    sound,
    isDiscovered,
    isNamed,
    ...(edges === undefined ? {} : { edges }),
    ...(loudspeakers === undefined
      ? {}
      : { loudspeakers: loudspeakers.map((it) => ({ latency: ms(it.latencyMs), driftPpm: it.driftPpm })) }),
    ...(access === null ? {} : { access }),
    latency: ms(latencyMs),
    jitter: ms(jitterMs),
    skews: speakers,
    scheduling: 'seeded',
    ...(trouble === null ? {} : { trouble: { ...trouble, delayMax: ms(trouble.delayMaxMs) } }),
  });
}

class Play {
  presses = 0;
  acknowledged = 0;
  agreements = 0;
  readonly #plan: HousePlan;
  readonly #world: World;
  readonly #isInterrupted: () => boolean;
  readonly #watcher: PlanWatcher | null;
  readonly #ids = new Map<string, SpeakerId>();
  readonly #faults: PlanFaults;
  readonly #pending = new Set<Promise<void>>();
  readonly #still: StillWatch;
  #startUs = 0;
  /** When something was last pressed, broken or mended. */
  #lastTroubleMs = 0;
  /** When it was last seen that all is well, since then. */
  #agreedAtMs = Number.NEGATIVE_INFINITY;

  constructor(plan: HousePlan, world: World, isInterrupted: () => boolean, watcher: PlanWatcher | null) {
    this.#watcher = watcher;
    this.#plan = plan;
    this.#world = world;
    this.#isInterrupted = isInterrupted;
    this.#still = new StillWatch(world);
    this.#faults = new PlanFaults(plan, world, () => this.#troubled());
  }

  get faults(): number {
    return this.#faults.count;
  }

  nowMs(): number {
    return (this.#world.clock.nowUs() - this.#startUs) / US_PER_MS;
  }

  async run(): Promise<void> {
    const world = this.#world;
    await world.start();
    this.#startUs = world.clock.nowUs();
    for (const speaker of world.speakers) {
      const id = speaker.view()?.id ?? null;
      if (id !== null) this.#ids.set(speaker.name, id);
    }
    this.#watcher?.look(world);
    for (const moment of this.#moments()) {
      await this.#passUntil(moment.atMs);
      // Virtual time passes within one turn of the real loop: without another one no signal would ever be heard.
      await setImmediate();
      if (this.#isInterrupted()) return;
      moment.act();
      if (moment.isPress) this.#still.pressed();
      this.#troubled();
    }
    this.#faults.mendAll();
    this.#troubled();
    await this.#passUntil(Math.max(this.#plan.lastsMs, this.#lastTroubleMs + AGREES_WITHIN + SETTLES_WITHIN));
    await world.settled('every press is answered', Promise.all(this.#pending));
    await world.stop();
  }

  #moments(): readonly Moment[] {
    const moments = this.#plan.steps.flatMap((step): Moment[] => {
      if (step.kind === 'press') return [{ atMs: step.atMs, isPress: true, act: () => this.#press(step) }];
      return [
        { atMs: step.atMs, isPress: false, act: () => this.#faults.begin(step) },
        { atMs: step.untilMs, isPress: false, act: () => this.#faults.mend(step) },
      ];
    });
    return moments.filter(({ atMs }) => atMs <= this.#plan.lastsMs).sort((one, other) => one.atMs - other.atMs);
  }

  /** Lets time pass, and asks whether all is well whenever it should be. */
  async #passUntil(atMs: number): Promise<void> {
    while (this.#faults.isNone()) {
      const askAtMs = Math.max(this.#lastTroubleMs + AGREES_WITHIN, this.#agreedAtMs + ASK_AGAIN_AFTER);
      if (askAtMs + SETTLES_WITHIN > atMs || this.#isInterrupted()) break;
      await this.#runUntil(askAtMs);
      await this.#world.agreed(SETTLES_WITHIN);
      this.#still.look();
      this.#agreedAtMs = this.nowMs();
      this.agreements += 1;
    }
    await this.#runUntil(atMs);
  }

  #troubled(): void {
    this.#lastTroubleMs = this.nowMs();
    this.#agreedAtMs = Number.NEGATIVE_INFINITY;
    this.#still.broke();
  }

  async #runUntil(atMs: number): Promise<void> {
    const every = this.#watcher?.every ?? Number.POSITIVE_INFINITY;
    let left = atMs - this.nowMs();
    for (; left > every; left = atMs - this.nowMs()) {
      await this.#world.run(ms(every));
      this.#watcher?.look(this.#world);
    }
    // Once, not until nothing is left: a microsecond may be too coarse for the instant.
    if (left > 0) await this.#world.run(ms(left));
  }

  #press({ name, phone: phoneName, wish }: PlannedPress): void {
    const world = this.#world;
    const phone = world.phones.find((it) => it.name === phoneName);
    if (phone === undefined || this.#pending.size >= PRESSES_PENDING_MAX) return;
    const request = requestOf(wish, world, phone, this.#ids);
    if (request === null) return;
    this.presses += 1;
    const id = commandId(`${name}-of-the-plan`);
    const asked = phone.ask(request, { commandId: id }).then((outcome) => {
      this.#pending.delete(asked);
      if (outcome.ok) this.acknowledged += 1;
      this.#answered({ id, isAcknowledged: outcome.ok, mayBeNothing: request.kind === 'transfer' });
    });
    this.#pending.add(asked);
  }

  /** What was answered with yes was done, once. (That nothing is done twice is asked of all there is, at any time.) */
  #answered({ id, isAcknowledged, mayBeNothing }: Pressed): void {
    if (!isAcknowledged || mayBeNothing) return;
    if (this.#world.audit.timesDone(id) === 0) this.#world.audit.refuse(`${id} was acknowledged, and nobody did it`);
  }
}
