/**
 * The relay alone in a room with scripted speakers and listening phones, over virtual time and network: for tests of
 * conversations, where a whole world would hide who said what.
 */
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { Track } from '#bridge/core/ports/catalogue';
import type { Household, PhoneRequest } from '#bridge/core/ports/household';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import type { SessionStore } from '#bridge/core/ports/session-store';
import { createHousehold } from '#bridge/core/relay/household';
import type { SpeakerTrust } from '#bridge/core/relay/speaker-check';
import { SpeakerPasses } from '#bridge/core/relay/speaker-passes';
import { HouseCounts } from '#bridge/core/services/metrics/house-counts';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { TonearmError } from '#protocol/vocabulary/errors';
import {
  type AccountId,
  albumId,
  artistId,
  bridgeId,
  commandId,
  type TrackId,
  trackId,
} from '#protocol/vocabulary/ids';
import { ok, type Result } from '#protocol/vocabulary/result';
import { frames, type Ms, ms } from '#protocol/vocabulary/units';
import { parseMessage } from '#protocol/wire/envelope';
import { type HouseholdEvent, householdEventSchema, type IngestView } from '#protocol/wire/household';
import { createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { createMemoryPairedSpeakers, type PairedDisk } from '#sim/world/memory-paired-speakers';
import { createMemorySessionStore, createSessionDisk, type SessionDisk } from '#sim/world/memory-session-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { VirtualIdentities } from '#sim/world/virtual-identities';
import { createVirtualProcess, type VirtualProcess } from '#sim/world/virtual-process';
import { ScriptedSpeaker } from './scripted-speaker.ts';

const SPEAKERS_DOOR = 'ws://bridge/connect';
const PHONES_DOOR = 'ws://bridge/events';
const DEADLINE: Ms = ms(12_000);
const COMMAND_ID_LENGTH = 22;

/** Track n of the room's library. */
export function trackNumber(n: number): TrackId {
  return trackId(`track${String(n).padStart(17, '0')}`);
}

/** Who asks, and how; the house's one account otherwise. */
export interface AskOptions {
  readonly id?: string;
  readonly deadline?: Ms;
  readonly accountId?: AccountId;
  readonly accountName?: string;
}

export class RelayRoom {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(7);
  readonly network: VirtualNetwork;
  readonly disk: SessionDisk = createSessionDisk();
  /** What the ingest shows; `changeIngest` tells the household. */
  ingestView: IngestView = { isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] };
  /** Makes the store fail from now on. */
  isStoreBroken = false;
  catalogueReads = 0;
  /** Of a room that asks speakers who they are. */
  readonly identities = new VirtualIdentities(this.random.fork('identities'));
  readonly pairedDisk: PairedDisk = new Map();
  readonly alarms: string[] = [];
  readonly counts = new HouseCounts();
  readonly passes = new SpeakerPasses({ clock: this.clock, random: this.random.fork('passes') });
  readonly #trust: SpeakerTrust | null;
  #process: VirtualProcess | null = null;
  #household: Household | null = null;
  #ingestListener: ((view: IngestView) => void) | null = null;

  /** @param access absent: speakers are not asked who they are */
  constructor(access?: 'required' | 'open') {
    this.#trust = access === undefined ? null : this.#createTrust(access === 'open');
    this.network = createVirtualNetwork(this.clock, this.random.fork('network'), { latency: ms(1), jitter: ms(0) });
  }

  get household(): Household {
    if (this.#household === null) throw new Error('the bridge is not up');
    return this.#household;
  }

  async start(): Promise<void> {
    const process = createVirtualProcess(this.clock);
    const store = createMemorySessionStore(process.clock, this.disk);
    const sessions: SessionStore = {
      ...store,
      saveSession: (session) =>
        this.isStoreBroken ? Promise.reject(new Error('disk full')) : store.saveSession(session),
    };
    const ingest: IngestControl = {
      begin: async () => ok(undefined),
      changes: () => ({ after: () => [], last: () => 0 }),
      view: () => this.ingestView,
      listen: (changed) => {
        this.#ingestListener = changed;
        return () => {
          this.#ingestListener = null;
        };
      },
    };
    const catalogue = { tracks: async (ids: readonly TrackId[]) => this.#tracks(ids) };
    const ports = {
      clock: process.clock,
      random: this.random,
      logger: silentLogger,
      sessions,
      catalogue,
      ingest,
      digest: nodeDigest,
      meter: this.counts,
    };
    const trust = this.#trust === null ? {} : { trust: this.#trust };
    const options = { bridgeId: bridgeId('test-bridge'), name: 'Room', version: '0', ...trust };
    const household = await createHousehold(ports, options);
    this.#process = process;
    this.#household = household;
    this.network.listen(SPEAKERS_DOOR, (link) => household.acceptSpeaker(link, { takesChallenge: true }));
    this.network.listen(PHONES_DOOR, (link) => household.acceptPhone(link, HOUSE_ACCOUNT));
  }

  /** kill -9. */
  kill(): void {
    this.#process?.kill();
    this.network.kill(SPEAKERS_DOOR);
    this.network.kill(PHONES_DOOR);
    this.#household = null;
  }

  /** Timers of the bridge's process. */
  timers(): string[] {
    return this.#process?.timers() ?? [];
  }

  speaker(name: string): ScriptedSpeaker {
    return new ScriptedSpeaker(name, this.network.dialerAt(name), SPEAKERS_DOOR);
  }

  /** A speaker that is connected and welcomed. */
  async connected(name: string): Promise<ScriptedSpeaker> {
    const speaker = this.speaker(name);
    await this.during(speaker.connect());
    await this.run(ms(50));
    return speaker;
  }

  async run(time: Ms): Promise<void> {
    await this.clock.advance(time);
  }

  /** Asks, and lets time pass until there is an answer (which ends at the latest with the deadline). */
  async ask(wish: PhoneRequest, options: AskOptions = {}): Promise<Result<void, TonearmError>> {
    const id = options.id ?? this.random.token(COMMAND_ID_LENGTH);
    const deadline = options.deadline ?? DEADLINE;
    const { accountId = HOUSE_ACCOUNT, accountName } = options;
    const who = { accountId, ...(accountName === undefined ? {} : { accountName }) };
    return this.during(this.household.request(wish, { ...who, commandId: commandId(id), deadline }));
  }

  /** As `ask`, without waiting. */
  asking(wish: PhoneRequest, deadline: Ms = DEADLINE): Promise<Result<void, TonearmError>> {
    return this.household.request(wish, {
      accountId: HOUSE_ACCOUNT,
      commandId: commandId(this.random.token(COMMAND_ID_LENGTH)),
      deadline,
    });
  }

  /** An events socket, and all that has come on it. */
  async phone(): Promise<{ events: HouseholdEvent[]; ended: number[]; say(text: string): void }> {
    const dialled = await this.during(this.network.dialerAt('phone').dial(PHONES_DOOR).outcome);
    if (!dialled.ok) throw dialled.error;
    const events: HouseholdEvent[] = [];
    const ended: number[] = [];
    dialled.value.listen({
      received: (text) => {
        const event = parseMessage(householdEventSchema, text, 'event');
        if (!event.ok) throw event.error;
        events.push(event.value);
      },
      closed: (code) => ended.push(code),
    });
    await this.run(ms(50));
    return { events, ended, say: (text) => void dialled.value.send(text) };
  }

  changeIngest(view: IngestView): void {
    this.ingestView = view;
    this.#ingestListener?.(view);
  }

  /** Lets time pass until the promise settles. */
  async during<Value>(promise: Promise<Value>): Promise<Value> {
    const settled: { value?: Value } = {};
    let failure: { readonly cause: unknown } | null = null;
    promise.then(
      (value) => {
        settled.value = value;
      },
      (cause: unknown) => {
        failure = { cause };
      },
    );
    await this.clock.runUntil(() => 'value' in settled || failure !== null, ms(60_000));
    if (!('value' in settled)) return promise;
    return settled.value as Value;
  }

  #createTrust(isOpen: boolean): SpeakerTrust {
    return {
      identity: this.identities.create(),
      check: this.identities,
      paired: createMemoryPairedSpeakers(this.pairedDisk),
      passes: this.passes,
      alarms: {
        speakerRefused: (code) => this.alarms.push(code),
        idClaimedTwice: () => this.alarms.push('claimed twice'),
        identityDoubled: () => this.alarms.push('doubled'),
      },
      isOpen,
    };
  }

  #tracks(ids: readonly TrackId[]): Track[] {
    this.catalogueReads += 1;
    const artists = [{ id: artistId('A'.repeat(22)), name: 'Somebody' }];
    const album = { id: albumId('B'.repeat(22)), title: 'Album', artists };
    return ids
      .filter((id) => id.startsWith('track'))
      .map((id) => ({
        id,
        title: `Title ${Number(id.slice(5))}`,
        artists,
        album,
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
}
