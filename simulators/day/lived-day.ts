/**
 * A day in a household that stands: lets its people in with a phone each, has them do what was planned, and writes down what comes of
 * it. It knows the house by its public doors alone, so what it shows is what anybody's phone would see.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Random } from '#protocol/ports/random';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { memoryOfTree } from '#sim/bench/process-memory';
import type { SimulatedHousehold } from '#sim/household/simulated-household';
import type { RunRecorder } from '#sim/report/run-recorder';
import { DayPhone } from './day-phone.ts';
import { type DayEvent, describeAct, timeOfDay } from './day-plan.ts';
import { readHouseFigures } from './house-figures.ts';
import type { HouseRecord } from './house-record.ts';
import { invite, PhoneKeys } from './phone-keys.ts';
import { playDay, sleep } from './play-day.ts';
import { watchSession } from './session-watch.ts';

const LOOK_EVERY = ms(2_000);
/** Reading what a process holds costs the kernel a walk over its pages. */
const LOOKS_PER_MEMORY = 3;
/** The first track is composed, read and encoded; on a busy machine. */
const MUSIC_WITHIN_MS = 180_000;

export interface LivedDayPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: RunRecorder;
  readonly record: HouseRecord;
  /** For whoever watches. */
  readonly say: (line: string) => void;
}

export class LivedDay {
  readonly #ports: LivedDayPorts;
  readonly #house: SimulatedHousehold;
  readonly #phones = new Map<string, DayPhone>();
  readonly #watches: { start(): void; stop(): void }[] = [];
  #looks = 0;

  constructor(ports: LivedDayPorts, house: SimulatedHousehold) {
    this.#ports = ports;
    this.#house = house;
  }

  /** @param people the owner first */
  async letIn(people: readonly string[]): Promise<void> {
    const { clock, random, record } = this.#ports;
    const { url, phone: owner } = this.#house;
    const ids = new Map(this.#house.speakers.map(({ name, id }) => [name, id]));
    for (const [index, name] of people.entries()) {
      const keys = await PhoneKeys.ask(clock, url, index === 0 ? owner : await invite(owner, name), name);
      const phone = new DayPhone(name, { clock, keys }, url, ids);
      this.#phones.set(name, phone);
      const watch = watchSession({ clock, random, keys }, url, phone, {
        changed: (household) => {
          if (index === 0) record.speakers(household.speakers);
          record.session(name, household);
        },
        positionTold: (errorMs) => record.positionError(name, errorMs),
        lost: (reason) => this.#ports.recorder.note({ who: name, what: `lost the events: ${reason}`, kind: 'log' }),
      });
      watch.start();
      this.#watches.push(watch);
    }
  }

  /** Resolves when there is something to play. */
  async music(): Promise<void> {
    await this.#house.phone.until('music there', ({ ingest }) => ingest.done > 0, MUSIC_WITHIN_MS);
  }

  /** Resolves when the day is over, or soon after it was interrupted. */
  async play(events: readonly DayEvent[], lasts: Ms, interrupted: AbortSignal): Promise<void> {
    const over = new AbortController();
    const looking = this.#look(AbortSignal.any([interrupted, over.signal]));
    await playDay(this.#ports.clock, events, { lasts, interrupted }, (event) => this.#perform(event));
    over.abort();
    await looking;
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  /** Looks at what the house counts, until it is told to stop. */
  async #look(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await this.#lookOnce().catch(() => {
        // The bridge is away for a moment, or has just ended: there is no figure then.
      });
      await sleep(this.#ports.clock, LOOK_EVERY, stopped);
    }
  }

  async #lookOnce(): Promise<void> {
    this.#looks += 1;
    if (this.#looks % LOOKS_PER_MEMORY === 1) {
      for (const [who, pid] of this.#house.pids) this.#ports.record.memory(who, (await memoryOfTree(pid)).pssMb);
    }
    const { status, body } = await this.#house.phone.call('GET', '/metrics');
    if (status === 200) this.#ports.record.figures(readHouseFigures(String(body)));
  }

  async #perform({ minute, who, act }: DayEvent): Promise<void> {
    const phone = this.#phones.get(who);
    if (phone === undefined) return;
    const what = `${timeOfDay(minute)} ${describeAct(act)}`;
    this.#ports.say(`${timeOfDay(minute)}  ${who} ${describeAct(act)}`);
    try {
      const { tookMs, refusal } = await phone.perform(act);
      this.#ports.record.command(who, what, tookMs);
      if (refusal !== null) this.#problem(who, `${what}: refused, ${refusal}`);
    } catch (thrown) {
      // What a `fetch` could not do is in its cause.
      const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
      this.#problem(who, `${what}: no answer, ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }

  #problem(who: string, what: string): void {
    this.#ports.record.problem(who, what);
    this.#ports.say(`! ${who}: ${what}`);
  }
}
