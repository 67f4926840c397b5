/**
 * The bridge of a simulated household: the real relay core over virtual time and network, with in-memory twins of its
 * store, its catalogue and its ingest. Killed, nothing of it is left but what its store had written.
 */
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { Track } from '#bridge/core/ports/catalogue';
import type { Household, PhoneRequest, RequestOptions } from '#bridge/core/ports/household';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import { createHousehold } from '#bridge/core/relay/household';
import type { Advertiser } from '#protocol/ports/discovery';
import type { TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type AccountId, albumId, artistId, bridgeId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { BRIDGE_PORT_DEFAULT, BRIDGE_SERVICE_TYPE, EVENTS_PATH } from '#protocol/wire/versions';
import { VirtualDisk } from '#sim/files/virtual-disk';
import type { VirtualAir } from '#sim/network/virtual-discovery';
import type { VirtualNetwork } from '#sim/network/virtual-transport';
import { type BridgeDoor, eventsAddressOf } from '#sim/phones/virtual-phone';
import type { CodedTrack } from '#sim/speakers/coded-track';
import { createMemorySessionStore, createSessionDisk } from './memory-session-store.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Timeline } from './timeline.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { createVirtualProcess, NO_SKEW, type VirtualCalendar, type VirtualProcess } from './virtual-process.ts';
import type { VirtualTrust } from './virtual-trust.ts';

export const BRIDGE_HOST = '10.0.0.1';
export const BRIDGE_ADDRESS = `ws://${BRIDGE_HOST}:${BRIDGE_PORT_DEFAULT}`;
/** What its name server calls it, in a house where speakers know it by name. */
export const BRIDGE_NAME = 'bridge.house';
export const NAMED_ADDRESS = `ws://${BRIDGE_NAME}:${BRIDGE_PORT_DEFAULT}`;
const TLS_PORT = BRIDGE_PORT_DEFAULT + 1;
/** Where it answers by TLS, in a house that asks speakers who they are. */
export const SECURE_ADDRESS = `wss://${BRIDGE_HOST}:${TLS_PORT}`;
const EVENTS_ADDRESS = `${BRIDGE_ADDRESS}${EVENTS_PATH}`;
const NAME = 'bridge';
const ARTIST = { id: artistId('A'.repeat(22)), name: 'Nobody' };
const ALBUM = { id: albumId('B'.repeat(22)), title: 'Signals', artists: [ARTIST] };

export interface VirtualBridgePorts {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  readonly air: VirtualAir | null;
  readonly timeline: Timeline;
  /** Null: speakers are not asked who they are. */
  readonly trust?: VirtualTrust | null;
  /** Writes may take so many times longer than they must, as the seed says; absent: not at all. */
  readonly diskSlack?: number;
}

interface Life {
  readonly process: VirtualProcess;
  readonly household: Household;
  readonly advertiser: Advertiser | null;
}

export class VirtualBridge implements BridgeDoor {
  readonly eventsAddress = EVENTS_ADDRESS;
  readonly requestAddress = BRIDGE_ADDRESS;
  /** All that survives a kill. */
  readonly disk = createSessionDisk();
  readonly calendar: VirtualCalendar = { offsetMs: 0 };
  /** What that lies on. */
  readonly medium: VirtualDisk;
  readonly #ports: VirtualBridgePorts;
  readonly #library: readonly CodedTrack[];
  readonly #accounts: readonly AccountId[];
  #life: Life | null = null;
  #starting: VirtualProcess | null = null;
  #lives = 0;

  /** @param accounts whose phones there are */
  constructor(
    ports: VirtualBridgePorts,
    library: readonly CodedTrack[],
    accounts: readonly AccountId[] = [HOUSE_ACCOUNT],
  ) {
    this.#ports = ports;
    this.#accounts = accounts;
    this.#library = library;
    this.medium = new VirtualDisk(ports.clock, ports.random.fork('bridge disk'), ports.diskSlack ?? 0);
  }

  /** Reads its store, then opens its doors. */
  async start(): Promise<void> {
    const { clock, network, timeline, air, trust = null } = this.#ports;
    this.#lives += 1;
    const process = createVirtualProcess(clock.ownedBy(NAME), NO_SKEW, this.calendar);
    this.#starting = process;
    const random = this.#ports.random.fork(`bridge ${this.#lives}`);
    const household = await createHousehold(
      {
        clock: process.clock,
        random,
        logger: timeline.loggerOf(NAME),
        sessions: createMemorySessionStore(process.clock, this.disk, this.medium),
        catalogue: { tracks: async (ids) => this.#tracks(ids) },
        ingest: idleIngest,
        digest: nodeDigest,
      },
      {
        bridgeId: trust?.bridgeId ?? bridgeId('virtual-bridge'),
        name: 'Virtual house',
        version: '0',
        ...(trust === null ? {} : { trust: trust.speakers(process.clock, random.fork('passes')) }),
      },
    );
    if (!process.isAlive()) return;
    const txt =
      trust === null ? {} : { id: trust.bridgeId, tls: String(TLS_PORT), ...(trust.isOpen ? { open: '1' } : {}) };
    const service = { type: BRIDGE_SERVICE_TYPE, name: NAME, port: BRIDGE_PORT_DEFAULT, txt };
    const advertiser = air?.discoveryAt(NAME, BRIDGE_HOST).advertise(service, { announced() {}, failed() {} }) ?? null;
    advertiser?.start();
    this.#starting = null;
    this.#life = { process, household, advertiser };
    const welcome = (link: TransportLink) => household.acceptSpeaker(link, { takesChallenge: true });
    network.listen(BRIDGE_ADDRESS, welcome);
    if (trust !== null) network.listen(SECURE_ADDRESS, welcome, trust.pin);
    for (const accountId of this.#accounts) {
      network.listen(eventsAddressOf(this, accountId), (link) => household.acceptPhone(link, accountId));
    }
    timeline.note(NAME, 'is up');
  }

  /** kill -9; with the machine too, when the plug is pulled. */
  kill(isUnplugged = false): void {
    const { timeline, network } = this.#ports;
    timeline.note(NAME, isUnplugged ? 'loses its power' : 'is killed');
    for (const process of [this.#life?.process, this.#starting]) process?.kill();
    for (const place of this.places()) {
      if (isUnplugged) network.vanish(place);
      else network.kill(place);
    }
    if (isUnplugged) this.medium.losePower();
    this.#ports.air?.kill(NAME);
    this.#life = null;
    this.#starting = null;
  }

  /** Ends as it should: tells everybody, writes what it knows, leaves no timer. */
  async stop(): Promise<void> {
    await this.#life?.advertiser?.stop();
    await this.#life?.household.stop();
    this.#ports.timeline.note(NAME, 'has stopped');
  }

  /** Null while it is down. */
  household(): Household | null {
    return this.#life?.household ?? null;
  }

  places(): readonly string[] {
    return [BRIDGE_ADDRESS, SECURE_ADDRESS, ...this.#accounts.map((accountId) => eventsAddressOf(this, accountId))];
  }

  timers(): string[] {
    return this.#life?.process.timers() ?? [];
  }

  async answer(request: PhoneRequest, options: RequestOptions): Promise<Result<void, TonearmError>> {
    const household = this.household();
    if (household === null) return refused(new TonearmError('connect.closed', 'the bridge is down'));
    return household.request(request, options);
  }

  #tracks(ids: readonly string[]): Track[] {
    return ids.flatMap((id) => {
      const track = this.#library.find((it) => it.trackId === id);
      return track === undefined ? [] : [describe(track)];
    });
  }
}

const idleIngest: IngestControl = {
  begin: async () => ok(undefined),
  changes: () => ({ after: () => [], last: () => 0 }),
  view: () => ({ isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] }),
  listen: () => () => {},
};

function describe({ trackId, number, durationFrames }: CodedTrack): Track {
  return {
    id: trackId,
    title: `Signal ${number}`,
    artists: [ARTIST],
    album: ALBUM,
    discNumber: 1,
    trackNumber: number,
    durationFrames,
    year: null,
    genres: [],
    artPath: null,
    availability: 'ready',
    addedAtMs: 0,
  };
}
