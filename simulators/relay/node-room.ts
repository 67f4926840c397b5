/**
 * Several bridges of one household in virtual time: one store, one broker, scripted speakers and phones at any of them.
 * Bridges are killed and come back, lose the broker, or the store.
 */
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { HouseholdNode } from '#bridge/core/nodes/household-node';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { Track } from '#bridge/core/ports/catalogue';
import type { PhoneRequest } from '#bridge/core/ports/household';
import type { SessionStore } from '#bridge/core/ports/session-store';
import { createHousehold } from '#bridge/core/relay/household';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { albumId, artistId, bridgeId, commandId, type TrackId } from '#protocol/vocabulary/ids';
import { ok, type Result } from '#protocol/vocabulary/result';
import { frames, type Ms, ms } from '#protocol/vocabulary/units';
import { VirtualBroker, type VirtualBus } from '#sim/network/virtual-broker';
import { createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { createLeaseDisk, createMemoryHouseholdLease } from '#sim/world/memory-household-lease';
import { createMemorySessionStore, createSessionDisk } from '#sim/world/memory-session-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualProcess, type VirtualProcess } from '#sim/world/virtual-process';
import { ScriptedSpeaker } from './scripted-speaker.ts';

const HOUSE = bridgeId('house-of-nodes');
const DEADLINE: Ms = ms(12_000);
const ARTISTS = [{ id: artistId('A'.repeat(22)), name: 'Somebody' }];

interface Life {
  readonly node: HouseholdNode;
  readonly process: VirtualProcess;
  readonly bus: VirtualBus;
}

export class NodeRoom {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(11);
  readonly broker = new VirtualBroker(this.clock);
  readonly network: VirtualNetwork;
  readonly sessions = createSessionDisk();
  readonly lease = createLeaseDisk();
  /** Bridges that cannot reach the store. */
  readonly withoutStore = new Set<string>();
  readonly #lives = new Map<string, Life>();

  constructor() {
    this.network = createVirtualNetwork(this.clock, this.random.fork('network'), { latency: ms(1), jitter: ms(0) });
  }

  async start(name: string): Promise<void> {
    const process = createVirtualProcess(this.clock);
    const { clock } = process;
    const bus = this.broker.dial(null, clock);
    const lease = createMemoryHouseholdLease(this.lease, () => {
      if (this.withoutStore.has(name)) throw new TonearmError('storage.failed', 'the store is away');
    });
    const random = this.random.fork(`${name} ${this.clock.nowUs()}`);
    const ports = { clock, random, logger: silentLogger };
    const seal = { close: (text: string, place: string) => `${place} ${text}`, open: openPlain };
    const becomeHome = async (term: number) =>
      createHousehold(
        {
          ...ports,
          sessions: this.#sessionsOf(process, name, term),
          catalogue: { tracks: async (ids) => tracks(ids) },
          ingest,
          digest: nodeDigest,
        },
        { bridgeId: HOUSE, name: 'House', version: '0' },
      );
    const node = new HouseholdNode(
      { ...ports, bus, seal, lease, passes: null },
      { becomeHome, becomeFront: async () => undefined },
      { node: name, bridgeId: HOUSE, name: 'House', version: '0' },
    );
    this.#lives.set(name, { node, process, bus });
    await this.during(node.start());
    this.network.listen(this.doorOf(name), (link) => node.acceptSpeaker(link));
  }

  /** kill -9. */
  kill(name: string): void {
    const { process, bus } = this.#life(name);
    process.kill();
    this.broker.cut(bus, false);
    this.network.kill(this.doorOf(name));
    this.#lives.delete(name);
  }

  async stop(name: string): Promise<void> {
    await this.during(this.node(name).stop());
    this.#lives.delete(name);
  }

  /** It loses the broker, and finds it again a second later. */
  cut(name: string): void {
    this.broker.cut(this.#life(name).bus);
  }

  node(name: string): HouseholdNode {
    return this.#life(name).node;
  }

  /** Who says that it is home. */
  homes(): string[] {
    return [...this.#lives].filter(([, { node }]) => node.isHome).map(([name]) => name);
  }

  timers(name: string): string[] {
    return this.#life(name).process.timers();
  }

  standStill(name: string): void {
    this.#life(name).process.standStill();
  }

  goOn(name: string): void {
    this.#life(name).process.goOn();
  }

  doorOf(name: string): string {
    return `ws://${name}/connect`;
  }

  speaker(name: string, at: string): ScriptedSpeaker {
    return new ScriptedSpeaker(name, this.network.dialerAt(name), this.doorOf(at));
  }

  async connected(name: string, at: string): Promise<ScriptedSpeaker> {
    const speaker = this.speaker(name, at);
    await this.during(speaker.connect());
    await this.run(100);
    return speaker;
  }

  /** A phone of the house asks that bridge. */
  asking(at: string, request: PhoneRequest, options: { id?: string; deadline?: Ms } = {}) {
    const id = commandId(options.id ?? this.random.token(22));
    const deadline = options.deadline ?? DEADLINE;
    return this.node(at).request(request, { accountId: HOUSE_ACCOUNT, commandId: id, deadline });
  }

  async ask(at: string, request: PhoneRequest, options: { id?: string } = {}): Promise<Result<void, TonearmError>> {
    return this.during(this.asking(at, request, options));
  }

  async run(forMs: number): Promise<void> {
    await this.clock.advance(ms(forMs));
  }

  async during<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    promise.then(
      () => {
        isSettled = true;
      },
      () => {
        isSettled = true;
      },
    );
    await this.clock.runUntil(() => isSettled, ms(60_000));
    return promise;
  }

  #life(name: string): Life {
    const life = this.#lives.get(name);
    if (life === undefined) throw new Error(`the bridge ${name} is not up`);
    return life;
  }

  /** Check and write are one change, as in a transaction. */
  #sessionsOf({ clock }: VirtualProcess, name: string, term: number): SessionStore {
    const store = createMemorySessionStore(clock, this.sessions);
    const check = () => {
      const isHeld = this.lease.view.term === term && !this.withoutStore.has(name);
      if (!isHeld) throw new TonearmError('storage.failed', 'another bridge is the home of this household now');
    };
    return {
      ...store,
      saveSession: async (session) => {
        check();
        this.sessions.sessions.set(session.accountId, structuredClone(session));
      },
      saveSpeaker: async (speaker) => {
        check();
        this.sessions.speakers.set(speaker.id, { ...speaker });
      },
    };
  }
}

/** A seal that shows what it holds. */
function openPlain(sealed: string, place: string): string | null {
  return sealed.startsWith(`${place} {`) ? sealed.slice(place.length + 1) : null;
}

const ingest = {
  begin: async () => ok(undefined),
  changes: () => ({ after: () => [], last: () => 0 }),
  view: () => ({ isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] }),
  listen: () => () => undefined,
};

function tracks(ids: readonly TrackId[]): Track[] {
  return ids.map((id) => ({
    id,
    title: `Title ${Number(id.slice(5))}`,
    artists: ARTISTS,
    album: { id: albumId('B'.repeat(22)), title: 'Album', artists: ARTISTS },
    discNumber: 1,
    trackNumber: Number(id.slice(5)),
    durationFrames: frames(48_000 * 60),
    year: null,
    genres: [],
    artPath: null,
    availability: 'ready',
    addedAtMs: 0,
  }));
}
