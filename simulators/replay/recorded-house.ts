/**
 * A small house in virtual time with a flight recorder on the bridge and on each speaker, in which seeds do what people,
 * networks and machines do. Its records have no mercy with a replay: every kind of command is in them, and every way to lose
 * a link.
 */
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { createRecordedHousehold } from '#bridge/core/flight/record-household';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { Household, PhoneRequest } from '#bridge/core/ports/household';
import type { IngestControl } from '#bridge/core/ports/ingest-control';
import { createDevice, type Device } from '#device/core/device';
import { recordDevice, recordDevicePorts } from '#device/core/flight/record-device';
import { createPseudonym } from '#protocol/adapters/flight-box';
import { type FlightLimits, FlightRecorder } from '#protocol/kit/flight-recorder';
import { renderFlight } from '#protocol/kit/flight-text';
import { silentLogger } from '#protocol/kit/silent-logger';
import { bridgeId, commandId, type SpeakerId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok } from '#protocol/vocabulary/result';
import { frames, ms } from '#protocol/vocabulary/units';
import { type FlightRecord, parseFlightRecord } from '#protocol/wire/flight-record';
import { VirtualNetworkWatch } from '#sim/network/virtual-network-watch';
import { createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { createPairingDisk, createVirtualOwnershipStore } from '#sim/pairing/virtual-pairing-memory';
import { createMemorySettingsStore } from '#sim/speakers/memory-settings-store';
import { VirtualAudioEngine } from '#sim/speakers/virtual-audio-engine';
import { createPlaybackDisk, createVirtualPlaybackMemory } from '#sim/speakers/virtual-playback-memory';
import { createMemorySessionStore, createSessionDisk } from '#sim/world/memory-session-store';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createIdentityDisk } from '#sim/world/virtual-identities';
import { createVirtualProcess, type VirtualProcess } from '#sim/world/virtual-process';
import { VirtualTrust } from '#sim/world/virtual-trust';

const ADDRESS = 'wss://10.0.0.1:4748';
const TRACK_FRAMES = frames(20 * 48_000);
const NAMES = ['Kitchen', 'Attic'] as const;
/** More than may be named one by one, so that they go by a list. */
const TRACKS = Array.from({ length: 24 }, (_, place) => trackId(`${place}`.padStart(22, '0')));
const SHORT_COUNT = 4;
const COMMAND_ID_LENGTH = 22;
const DEADLINE = ms(5_000);

interface RecordedSpeaker {
  readonly id: SpeakerId;
  readonly device: Device;
  readonly process: VirtualProcess;
  readonly recorder: FlightRecorder;
  readonly addresses: VirtualNetworkWatch;
}

interface RecordedBridge {
  readonly household: Household;
  readonly process: VirtualProcess;
  readonly recorder: FlightRecorder;
}

export class RecordedHouse {
  readonly #clock = new VirtualClock();
  readonly #random: SeededRandom;
  readonly #network: VirtualNetwork;
  readonly #trust: VirtualTrust;
  readonly #limits: FlightLimits | undefined;
  readonly #disk = createSessionDisk();
  readonly #bridges: RecordedBridge[] = [];
  #speakers: readonly RecordedSpeaker[] = [];

  /** @param limits of every recorder; absent: as in a home */
  constructor(seed: number, limits?: FlightLimits) {
    this.#random = new SeededRandom(seed);
    this.#network = createVirtualNetwork(this.#clock, this.#random.fork('network'));
    this.#trust = new VirtualTrust(this.#random.fork('trust'), seed % 2 === 0 ? 'required' : 'open');
    this.#limits = limits;
  }

  /** Everybody is there, and then does things. @param acts how many */
  async live(acts: number): Promise<void> {
    await this.#startBridge();
    this.#speakers = NAMES.map((name) => this.#startSpeaker(name));
    await this.#clock.advance(ms(2_000));
    for (let count = 0; count < acts; count += 1) {
      await this.#act();
      await this.#clock.advance(ms(this.#random.between(5, 4_000)));
    }
    await this.#clock.advance(ms(10_000));
  }

  /** As they would be written now: each speaker's, and that of each life of the bridge. */
  records(): readonly FlightRecord[] {
    const speakers = this.#speakers.map(({ recorder }) =>
      recordOf(recorder, 'speaker', { hasMdns: false, hasBridgeAddress: false, hasIdentity: true }),
    );
    const access = this.#trust.isOpen ? 'open' : 'required';
    return [...speakers, ...this.#bridges.map(({ recorder }) => recordOf(recorder, 'bridge', { access }))];
  }

  async stop(): Promise<void> {
    const stopping = [...this.#speakers.map(({ device }) => device.stop()), this.#bridge()?.household.stop()];
    await this.#clock.advance(ms(5_000));
    await Promise.all(stopping);
  }

  async #act(): Promise<void> {
    const random = this.#random;
    const speaker = random.pick(this.#speakers);
    const fault = random.between(0, 24);
    if (fault === 0) this.#network.breakLinks(ADDRESS);
    else if (fault === 1) speaker.addresses.change();
    else if (fault === 2) await this.#standStill(speaker.process);
    else if (fault === 3) await this.#restartBridge();
    else if (fault === 4) this.#bridge()?.household.showing(HOUSE_ACCOUNT, [random.pick(TRACKS)]);
    else this.#ask(this.#request(speaker.id));
  }

  #ask(request: PhoneRequest): void {
    const how = {
      commandId: commandId(this.#random.token(COMMAND_ID_LENGTH)),
      accountId: HOUSE_ACCOUNT,
      deadline: DEADLINE,
    };
    void this.#bridge()?.household.request(request, how);
  }

  #request(target: SpeakerId): PhoneRequest {
    const random = this.#random;
    const positionMs = ms(random.between(0, 15_000));
    const uids = this.#bridge()?.household.session(HOUSE_ACCOUNT)?.queue.upNextUids ?? [];
    const speakerId = null;
    const some = random.chance(0.5) ? TRACKS : TRACKS.slice(0, SHORT_COUNT);
    const play: PhoneRequest = {
      kind: 'play',
      speakerId: target,
      contextUri: null,
      trackIds: some as TrackId[],
      index: random.between(0, SHORT_COUNT - 1),
      positionMs,
    };
    const requests: readonly PhoneRequest[] = [
      play,
      play,
      { kind: 'resume', speakerId },
      { kind: 'pause', speakerId },
      { kind: 'next', speakerId },
      { kind: 'previous', speakerId },
      { kind: 'seek', speakerId, positionMs },
      { kind: 'setVolume', speakerId: target, volume: random.between(0, 100) },
      { kind: 'setShuffle', speakerId, isOn: random.chance(0.5) },
      { kind: 'setRepeat', speakerId, mode: random.pick(['off', 'context', 'track']) },
      { kind: 'queueAdd', speakerId, trackIds: [random.pick(TRACKS), random.pick(TRACKS)], isNext: random.chance(0.5) },
      { kind: 'queueRemove', speakerId, uids: [uids.length === 0 ? 'c2' : random.pick(uids)] },
      { kind: 'queueMove', speakerId, uid: uids.length === 0 ? 'c3' : random.pick(uids), after: null },
      { kind: 'transfer', speakerId: target, isPlaying: undefined },
      { kind: 'transfer', speakerId: target, isPlaying: true },
    ];
    return random.pick(requests);
  }

  async #standStill(process: VirtualProcess): Promise<void> {
    process.standStill();
    await this.#clock.advance(ms(this.#random.between(200, 1_500)));
    process.goOn();
  }

  async #restartBridge(): Promise<void> {
    this.#bridge()?.process.kill();
    this.#network.kill(ADDRESS);
    await this.#clock.advance(ms(this.#random.between(10, 6_000)));
    await this.#startBridge();
  }

  #bridge(): RecordedBridge | undefined {
    return this.#bridges.at(-1);
  }

  async #startBridge(): Promise<void> {
    const process = createVirtualProcess(this.#clock);
    const { clock } = process;
    const random = this.#random.fork(`bridge ${this.#bridges.length}`);
    const recorder = new FlightRecorder(clock, this.#limits);
    const household = await createRecordedHousehold(
      {
        clock,
        random,
        logger: silentLogger,
        sessions: createMemorySessionStore(clock, this.#disk),
        catalogue: { tracks: async () => [] },
        ingest: NO_INGEST,
        digest: nodeDigest,
      },
      {
        bridgeId: bridgeId(this.#trust.bridgeId),
        name: 'House of Somebody',
        version: '0',
        trust: this.#trust.speakers(clock, random),
      },
      recorder,
    );
    this.#bridges.push({ household, process, recorder });
    this.#network.listen(ADDRESS, (link) => household.acceptSpeaker(link, { takesChallenge: true }), this.#trust.pin);
  }

  #startSpeaker(name: string): RecordedSpeaker {
    const process = createVirtualProcess(this.#clock);
    const { clock } = process;
    const recorder = new FlightRecorder(clock, this.#limits);
    const addresses = new VirtualNetworkWatch();
    const disk = { identity: createIdentityDisk(), pairing: createPairingDisk() };
    const id = this.#trust.pair(disk, name, [ADDRESS]);
    const { identity } = disk.identity;
    if (identity === null) throw new Error('pairing makes an identity');
    const ports = recordDevicePorts(
      {
        clock,
        random: this.#random.fork(name),
        logger: silentLogger,
        dialer: this.#network.dialerAt(name),
        discovery: null,
        network: addresses,
        engine: new VirtualAudioEngine(clock, { durations: () => TRACK_FRAMES }),
        settings: createMemorySettingsStore(clock, { written: null }),
        memory: createVirtualPlaybackMemory(clock, createPlaybackDisk()),
        identity: { self: identity, check: this.#trust.identities },
        ownership: createVirtualOwnershipStore(disk.pairing),
      },
      recorder,
      { glitch: () => undefined },
    );
    const options = { name, model: 'recorded', version: '0', bridgeAddress: null, lanPort: 4748, output: 'virtual' };
    const device = recordDevice(createDevice(ports, options), recorder);
    void device.start();
    return { id, device, process, recorder, addresses };
  }
}

const NO_INGEST: IngestControl = {
  begin: async () => ok(undefined),
  changes: () => ({ after: () => [], last: () => 0 }),
  view: () => ({ isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] }),
  listen: () => () => undefined,
};

function recordOf(
  recorder: FlightRecorder,
  role: 'speaker' | 'bridge',
  configuration: FlightRecord['header']['configuration'],
): FlightRecord {
  const head = { role, version: '0', node: 'v24', configuration };
  const parsed = parseFlightRecord(renderFlight(recorder.held(), head, createPseudonym()));
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}
