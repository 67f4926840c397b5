/**
 * A speaker with slots and a bridge's shelf in virtual time: the real agent over a disk that loses its power, a network that
 * does what a test says, and starts by way of `slot-select`'s rules. What a version does is said by its content.
 */

import type { SlotName } from '#device/core/ports/slot-store';
import type { SpeakerSigns } from '#device/core/ports/speaker-signs';
import type { UpdateSource } from '#device/core/ports/update-source';
import type { Machine } from '#device/core/update/judge-offer';
import { createUpdateAgent, type UpdateAgent } from '#device/core/update/update-agent';
import type { UpdateWindow } from '#device/core/update/update-window';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { silentLogger } from '#protocol/kit/silent-logger';
import { ms } from '#protocol/vocabulary/units';
import type { UpdateReport } from '#protocol/wire/update';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { DAY_MS, hashing, type MadeRelease, RELEASED_AT_MS, type ReleaseMaker, versionOf } from './release-maker.ts';
import { VirtualSlotStore, type VirtualVersion } from './virtual-slot-store.ts';
import { createVirtualUpdateSource, type Disturbance } from './virtual-update-source.ts';

/** How a version is, once it runs. */
export interface Behaviour {
  /** Ends by itself soon after it was started. */
  readonly crashes?: boolean;
  readonly failsSelfTest?: boolean;
  readonly hasNoSound?: boolean;
  readonly isLate?: boolean;
}

const LIFE_OF_A_CRASHER_MS = 4_000;
const RESTART_AFTER_MS = 100;
const NIGHT_MINUTE = 180;
const STEP_MS = 1_000;
const LONG_STEP_MS = 60_000;
const HOUR_MS = 3_600_000;

export class UpdateHouse {
  readonly clock: VirtualClock;
  readonly store: VirtualSlotStore;
  readonly reports: UpdateReport[] = [];
  /** Versions in the order in which they were started. */
  readonly started: string[] = [];
  readonly #maker: ReleaseMaker;
  readonly #factorySeq: number;
  readonly #random: SeededRandom;
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #machine: Machine = {
    ...{ id: 'kitchen', arch: 'x64', hardware: [], channel: 'stable', glibc: '2.36', base: 1 },
  };
  #agent: UpdateAgent | null = null;
  #running: VirtualVersion;
  /** Null: the bridge has nothing. */
  #offered: MadeRelease | null = null;
  isSilent = true;
  /** Of the day, by the speaker's clock. */
  minute = NIGHT_MINUTE;
  /** When it may change over. */
  window: UpdateWindow | null = null;
  hasBridge = true;
  /** Called with each range; what it gives instead of the right bytes. */
  disturb: Disturbance = (_, __, right) => right;

  constructor(maker: ReleaseMaker, factory: MadeRelease, seed = 1) {
    this.#maker = maker;
    this.#factorySeq = factory.manifest.seq;
    this.clock = new VirtualClock();
    this.#random = new SeededRandom(seed);
    this.store = new VirtualSlotStore({ factory: { version: versionOf(factory), content: factory.content } });
    this.#running = this.store.selectStart();
  }

  publish(made: MadeRelease, behaviour: Behaviour = {}): void {
    this.#offered = made;
    this.#behaviours.set(made.manifest.artifact.sha256, behaviour);
  }

  /** The bridge offers it no more. */
  withdraw(): void {
    this.#offered = null;
  }

  get running(): string {
    return this.#running.version.version;
  }

  get agent(): UpdateAgent | null {
    return this.#agent;
  }

  /**
   * As systemd starts it: slot-select, then what it chose.
   * @param slot started without a decision, as when slot-select was killed or the package is damaged
   */
  async start(slot: SlotName | 'factory' | null = null): Promise<void> {
    this.#agent?.stop();
    this.#running = slot === null ? this.store.selectStart() : this.store.startAs(slot);
    this.started.push(this.running);
    const { version } = this.#running;
    const behaviour = this.#behaviours.get(version.sha256) ?? {};
    const agent = createUpdateAgent(
      {
        ...{ clock: this.#wallClock(), random: this.#random, logger: silentLogger, hashing, check: ed25519Check },
        slots: this.store,
        source: this.#source(),
        signs: this.#signs(behaviour),
        selfTest: async (slot) => {
          const tried = this.store.versionIn(slot)?.version.sha256 ?? '';
          return this.#behaviours.get(tried)?.failsSelfTest !== true;
        },
        restart: () => this.#restart(),
      },
      {
        machine: this.#machine,
        running: version,
        factorySeq: this.#factorySeq,
        root: this.#maker.root,
        window: this.window,
      },
    );
    this.#agent = agent;
    await agent.start();
    agent.bridgeReady();
    if (behaviour.crashes === true)
      this.clock.setTimer('crash', ms(LIFE_OF_A_CRASHER_MS), () => agent === this.#agent && this.#restart());
  }

  /** The plug is pulled, and put back. */
  async cutPower(): Promise<void> {
    this.#agent?.stop();
    this.store.cutPower();
    await this.start();
  }

  /** Lets time pass, in steps: work between two timers is long chains of promises here. */
  async run(timeMs: number): Promise<void> {
    const stepMs = timeMs > HOUR_MS ? LONG_STEP_MS : STEP_MS;
    for (let passedMs = 0; passedMs < timeMs; passedMs += stepMs) await this.clock.advance(ms(stepMs));
  }

  /** Lets time pass until it holds; at most for a day. */
  async until(holds: () => boolean): Promise<void> {
    for (let passedMs = 0; passedMs < DAY_MS && !holds(); passedMs += STEP_MS) {
      await this.clock.advance(ms(passedMs > HOUR_MS ? LONG_STEP_MS : STEP_MS));
    }
    if (!holds()) throw new Error(`it never came to be; started were ${this.started.join(', ')}`);
  }

  stop(): void {
    this.#agent?.stop();
    this.#agent = null;
  }

  #restart(): void {
    this.#agent?.stop();
    this.clock.setTimer('restart', ms(RESTART_AFTER_MS), () => void this.start());
  }

  /** Its calendar says when the release was made, and goes on from there. */
  #wallClock() {
    const { clock } = this;
    return {
      nowUs: () => clock.nowUs(),
      wallMs: () => RELEASED_AT_MS + clock.nowUs() / 1_000,
      setTimer: clock.setTimer.bind(clock),
    };
  }

  #source(): UpdateSource {
    return createVirtualUpdateSource(() => this.#offered, {
      hasBridge: () => this.hasBridge,
      disturb: (offset, length, right) => this.disturb(offset, length, right),
      reported: (report) => void this.reports.push(report),
    });
  }

  #signs({ hasNoSound, isLate }: Behaviour): SpeakerSigns {
    return {
      isSilent: () => this.isSilent,
      hasSink: () => hasNoSound !== true,
      hasBridge: () => this.hasBridge,
      isNetworkDown: () => false,
      loopLagP99Ms: () => (isLate === true ? 500 : 5),
      isAlive: async () => true,
      minute: () => this.minute,
    };
  }
}
