/**
 * A simulated household: one bridge, some speakers, some phones, one network, one clock, one seed. Everything in it that
 * decides anything is the real core; the world only lets time pass, breaks things when told to, and after every step
 * asks whether what must always hold still does.
 */
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { type AccountId, accountId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { type Frames, type Ms, ms, msToUs, us } from '#protocol/vocabulary/units';
import { type VirtualEdgeOptions, VirtualEdges } from '#sim/edge/virtual-edges';
import { createVirtualAir, type VirtualAir } from '#sim/network/virtual-discovery';
import { type CutKind, createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { type PhoneTrouble, VirtualPhone } from '#sim/phones/virtual-phone';
import type { LoudspeakerTraits } from '#sim/speakers/captured-sink';
import { type CodedTrack, createCodedTrack } from '#sim/speakers/coded-track';
import { VirtualSpeaker } from '#sim/speakers/virtual-speaker';
import { CommandAudit } from './command-audit.ts';
import { brokenPromises, createOverlapWatch, leftOverTimers, mutelyPlaying, unconverged } from './invariants.ts';
import { watchKeptAnswers } from './kept-answers.ts';
import { SeededRandom } from './seeded-random.ts';
import { Timeline } from './timeline.ts';
import {
  BRIDGE_ADDRESS,
  BRIDGE_HOST,
  BRIDGE_NAME,
  NAMED_ADDRESS,
  SECURE_ADDRESS,
  VirtualBridge,
} from './virtual-bridge.ts';
import { VirtualClock } from './virtual-clock.ts';
import { type ClockSkew, NO_SKEW } from './virtual-process.ts';
import { VirtualTrust } from './virtual-trust.ts';
import { createVolumeWatch, type VolumeWatch } from './volume-watch.ts';

/** How often the invariants are asked. */
const STEP: Ms = ms(50);
/** By then everybody has heard of everything: the longest wait of a speaker that comes back, and its greeting. */
const QUIET_WITHIN: Ms = ms(25_000);
/** A goodbye takes at most a second on each side, a dial that is given up five. */
const STOP_WITHIN: Ms = ms(8_000);
const SPEAKERS_MAX = 9;
/** Where the seed chooses the order of things, a write may take this much longer than it must. */
const DISK_SLACK = 2;
const US_PER_MS = 1_000;

/** Whose a phone is: the how-manieth person's, from 0 on. */
export interface PhoneInHouse {
  readonly name: string;
  readonly account: number;
}

export interface WorldOptions {
  /** How many, or what they are called. */
  readonly speakers: number | readonly string[];
  /** How many, theirs in turn; or which. */
  readonly phones: number | readonly PhoneInHouse[];
  /** Lengths of the tracks there are; track n is `library[n]`. */
  readonly tracks: readonly Frames[];
  readonly sound: 'real' | 'modelled';
  /** Speakers find the bridge by mDNS instead of by address. */
  readonly isDiscovered?: boolean;
  /** Speakers know the bridge by a name, which has to be looked up. */
  readonly isNamed?: boolean;
  /** People; one otherwise. */
  readonly accounts?: number;
  /** How bad the way of phones' requests is; good otherwise. */
  readonly trouble?: PhoneTrouble;
  readonly latency?: Ms;
  readonly jitter?: Ms;
  /** Of the speakers' clocks, in their order; absent: none. */
  readonly skews?: readonly ClockSkew[];
  /** Where music comes from, with real sound; absent: from the bridge. */
  readonly edges?: readonly VirtualEdgeOptions[];
  /** Where the speakers stand, in their order, as edges do; absent: all in the first region. */
  readonly regions?: readonly number[];
  /** Of the speakers, in their order, where the sound is real; absent: plain ones. */
  readonly loudspeakers?: readonly LoudspeakerTraits[];
  /** Who is first of those due at one instant: as the seed says, or (absent) whoever was set first. */
  readonly scheduling?: 'seeded';
  /** `required`: the bridge takes paired speakers alone, and they dial nobody else; absent: nobody asks who they are. */
  readonly access?: 'required' | 'open';
}

export class World {
  readonly seed: number;
  readonly clock: VirtualClock;
  /** For the scenario's own choices; everything in the world has streams of its own. */
  readonly random: SeededRandom;
  readonly timeline: Timeline;
  readonly network: VirtualNetwork;
  readonly library: readonly CodedTrack[];
  /** Null: everything comes from the bridge. */
  readonly edges: VirtualEdges | null;
  readonly bridge: VirtualBridge;
  readonly speakers: readonly VirtualSpeaker[];
  readonly phones: readonly VirtualPhone[];
  /** Null where nobody asks who speakers are. */
  readonly trust: VirtualTrust | null;
  /** Who has done what, and who wrote when. */
  readonly audit: CommandAudit;
  /** Null: no mDNS in this house. */
  readonly air: VirtualAir | null;
  readonly #overlaps = createOverlapWatch(this);
  readonly #volumes: VolumeWatch;
  readonly #isOnePersons: boolean;

  constructor(seed: number, options: WorldOptions) {
    const names = speakersOf(options);
    assert(names.length <= SPEAKERS_MAX, `at most ${SPEAKERS_MAX} speakers`);
    const random = new SeededRandom(seed);
    const clock = new VirtualClock(us(0), options.scheduling === 'seeded' ? random.fork('order') : null);
    this.clock = clock;
    this.audit = new CommandAudit(clock);
    this.#volumes = createVolumeWatch(this.audit, (name) => this.#isKnownToBridge(name));
    this.#isOnePersons = (options.accounts ?? 1) === 1;
    this.seed = seed;
    this.random = random.fork('scenario');
    this.timeline = new Timeline(clock);
    this.network = createVirtualNetwork(clock, random.fork('network'), options);
    if (options.isNamed === true) this.network.names.set(BRIDGE_NAME, BRIDGE_HOST);
    this.air = options.isDiscovered === true ? createVirtualAir(clock, random.fork('air')) : null;
    this.library = options.tracks.map((duration, place) => createCodedTrack(place + 1, duration));
    this.edges = options.edges === undefined ? null : new VirtualEdges(this.network, this.library, options.edges);
    const ports = { clock, random, network: this.network, air: this.air, timeline: this.timeline, audit: this.audit };
    const accounts = Array.from({ length: options.accounts ?? 1 }, (_, place) => accountOf(place));
    const { access } = options;
    const diskSlack = options.scheduling === 'seeded' ? DISK_SLACK : 0;
    const trust = access === undefined ? null : new VirtualTrust(random.fork('trust'), access);
    this.trust = trust;
    this.bridge = new VirtualBridge({ ...ports, trust, diskSlack }, this.library, accounts);
    this.speakers = names.map((name, place) => {
      const ownAddress = options.isNamed === true ? NAMED_ADDRESS : BRIDGE_ADDRESS;
      const bridgeAddress = options.isDiscovered === true || access === 'required' ? null : ownAddress;
      const host = `10.0.0.${10 + place}`;
      const { library } = this;
      const speaker = new VirtualSpeaker(ports, {
        name,
        host,
        bridgeAddress,
        library,
        sound: options.sound,
        diskSlack,
        ...(this.edges === null ? {} : { edges: this.edges, region: options.regions?.[place] ?? 0 }),
        ...(options.loudspeakers?.[place] === undefined ? {} : { loudspeaker: options.loudspeakers[place] }),
        skew: options.skews?.[place] ?? NO_SKEW,
        ...(trust === null ? {} : { trust }),
      });
      if (access === 'required') trust?.pair(speaker.trustDisk, speaker.name, [SECURE_ADDRESS]);
      return speaker;
    });
    const door = watchKeptAnswers(this.bridge, this.audit);
    this.phones = phonesOf(options).map(
      ({ name, account }) =>
        new VirtualPhone(name, ports, door, {
          accountId: accountOf(account),
          ...(options.trouble === undefined ? {} : { trouble: options.trouble }),
        }),
    );
  }

  /** Switches everything on and waits until everybody is connected. */
  async start(): Promise<void> {
    void this.bridge.start();
    for (const speaker of this.speakers) speaker.start();
    await this.until('everybody is connected', () => this.#isEverybodyConnected(), QUIET_WITHIN);
    for (const phone of this.phones) phone.start();
    await this.until(
      'every phone shows the household',
      () => this.phones.every((it) => it.view() !== null),
      QUIET_WITHIN,
    );
  }

  /** Lets time pass, checking after every step in which anything happened. */
  async run(time: Ms): Promise<void> {
    const endUs = this.clock.nowUs() + msToUs(time);
    let stepUs: number = msToUs(STEP);
    for (let nowUs = this.clock.nowUs(); nowUs < endUs; nowUs = this.clock.nowUs()) {
      await this.clock.advance(ms(Math.min(stepUs, endUs - nowUs) / US_PER_MS));
      this.check();
      stepUs = this.#untilSomethingUs();
    }
  }

  /** A step; or longer, when nothing at all happens in it. What is only wrong if it lasts is looked at step by step. */
  #untilSomethingUs(): number {
    const stepUs = msToUs(STEP);
    const nextUs = this.clock.nextDueUs();
    if (this.#overlaps.isSuspicious()) return stepUs;
    return nextUs === null ? Number.POSITIVE_INFINITY : Math.max(stepUs, nextUs - this.clock.nowUs());
  }

  /** Lets time pass until the condition holds. @throws when it does not within `limit` */
  async until(what: string, condition: () => boolean, limit: Ms): Promise<void> {
    for (let left: number = limit; left > 0; left -= STEP) {
      if (condition()) return;
      await this.run(STEP);
    }
    if (!condition()) throw new Error(`not within ${limit} ms: ${what}`);
  }

  /** Waits for what a phone (or anybody) is waiting for. @throws when it does not settle within `limit` */
  async settled<Value>(what: string, promise: Promise<Value>, limit: Ms = QUIET_WITHIN): Promise<Value> {
    const outcome: { value?: Value; isSettled: boolean } = { isSettled: false };
    void promise.then((value) => {
      outcome.value = value;
      outcome.isSettled = true;
    });
    await this.until(what, () => outcome.isSettled, limit);
    return outcome.value as Value;
  }

  /** Waits until everybody is connected and shows the same. */
  async quiet(): Promise<void> {
    let difference: string | null = 'not asked yet';
    const isQuiet = (): boolean => {
      difference = this.#isEverybodyConnected() ? unconverged(this) : 'somebody is not connected';
      return difference === null;
    };
    await this.until('quiet', isQuiet, QUIET_WITHIN).catch(() => {
      throw new Error(`does not come to agree within ${QUIET_WITHIN} ms: ${difference}`);
    });
  }

  /** All is well, or will be within so little: nobody is away who has power, and what is said is what is heard. */
  async agreed(within: Ms): Promise<void> {
    const difference = (): string | null =>
      this.#isEverybodyConnected() ? (unconverged(this) ?? mutelyPlaying(this)) : this.#away();
    for (let left: number = within; left > 0 && difference() !== null; left -= STEP) await this.run(STEP);
    const last = difference();
    if (last !== null) throw new Error(`all should be well by now: ${last}`);
  }

  #away(): string {
    const away = this.speakers.filter((it) => it.view() !== null && !this.isTrulyConnected(it));
    return this.bridge.household() === null
      ? 'the bridge is down'
      : `${away.map(({ name }) => name).join(' and ')} cannot be commanded`;
  }

  /** Stops everything as it should be stopped; nothing may be left then. */
  async stop(): Promise<void> {
    for (const phone of this.phones) phone.stop();
    const stopping = [...this.speakers.map((speaker) => speaker.stop()), this.bridge.stop()];
    await this.settled('everything stops', Promise.all(stopping), STOP_WITHIN);
    await this.clock.advance(STOP_WITHIN);
    this.#refuse(leftOverTimers(this));
  }

  cut(place: string, kind: CutKind): void {
    this.timeline.note(place, `is cut off (${kind})`);
    for (const name of this.placesOf(place)) this.network.cut(name, kind);
    this.air?.cut(place);
  }

  heal(place: string): void {
    this.timeline.note(place, 'is reached again');
    for (const name of this.placesOf(place)) this.network.heal(name);
    this.air?.heal(place);
  }

  /** Whether nothing stands between a speaker and the bridge, and both know it. */
  isTrulyConnected(speaker: VirtualSpeaker): boolean {
    if (speaker.isStandingStill() || !this.network.joins(speaker.name, this.bridge.places())) return false;
    const view = speaker.view();
    if (view?.connection.kind !== 'connected') return false;
    return (
      this.bridge
        .household()
        ?.facts()
        .speakers.some((it) => it.id === view.id && it.isOnline) === true
    );
  }

  /** What must hold at every moment. @throws with the first that does not */
  check(): void {
    const sounding = this.speakers.filter((it) => it.isSounding());
    this.#refuse(
      this.#overlaps.check(sounding) ??
        (this.#isOnePersons ? this.#volumes.check(sounding, this.clock.nowUs()) : null) ??
        brokenPromises(this) ??
        this.audit.problems()[0] ??
        null,
    );
  }

  #isKnownToBridge(name: string): boolean {
    const { speakers = [] } = this.bridge.household()?.view(HOUSE_ACCOUNT) ?? {};
    return speakers.some((it) => it.name === name && it.status !== null);
  }

  #isEverybodyConnected(): boolean {
    return (
      this.speakers.every((it) => it.view() === null || this.isTrulyConnected(it)) && this.bridge.household() !== null
    );
  }

  /** What the network knows a part of the house by: `bridge` is all of its addresses, an edge is the one of its name. */
  placesOf(place: string): readonly string[] {
    if (place === 'bridge') return this.bridge.places();
    return [this.edges?.names().includes(place) === true ? this.edges.placeOf(place) : place];
  }

  #refuse(problem: string | null): void {
    if (problem !== null) throw new Error(`does not hold: ${problem}`);
  }
}

function speakersOf({ speakers }: WorldOptions): readonly string[] {
  if (typeof speakers !== 'number') return speakers;
  return Array.from({ length: speakers }, (_, place) => `speaker-${place + 1}`);
}

function phonesOf({ phones, accounts = 1 }: WorldOptions): readonly PhoneInHouse[] {
  if (typeof phones !== 'number') return phones;
  return Array.from({ length: phones }, (_, place) => ({ name: `phone-${place + 1}`, account: place % accounts }));
}

/** The people of a house: the first is its one account. */
function accountOf(place: number): AccountId {
  return place === 0 ? HOUSE_ACCOUNT : accountId(`account-${place + 1}`);
}
