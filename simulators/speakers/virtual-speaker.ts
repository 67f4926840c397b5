/**
 * A speaker of a simulated household: the real device core and the real audio engine over virtual time, network and
 * loudspeaker. Nothing here decides anything; it only joins, kills and looks.
 */
import { createAudioEngine } from '#device/core/audio/engine';
import type { SpeakerTrustPorts } from '#device/core/control/speaker-trust';
import { createDevice, type Device, type DeviceView } from '#device/core/device';
import type { AudioEngine } from '#device/core/ports/audio-engine';
import type { TrackId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { joinSources, type VirtualEdges } from '#sim/edge/virtual-edges';
import { VirtualDisk } from '#sim/files/virtual-disk';
import type { VirtualAir } from '#sim/network/virtual-discovery';
import { VirtualNetworkWatch } from '#sim/network/virtual-network-watch';
import type { VirtualNetwork } from '#sim/network/virtual-transport';
import { createPairingDisk, createVirtualOwnershipStore } from '#sim/pairing/virtual-pairing-memory';
import type { CommandAudit } from '#sim/world/command-audit';
import { LifeWatch } from '#sim/world/life-watch';
import type { SeededRandom } from '#sim/world/seeded-random';
import type { Timeline } from '#sim/world/timeline';
import type { VirtualClock } from '#sim/world/virtual-clock';
import { createIdentityDisk } from '#sim/world/virtual-identities';
import {
  type ClockSkew,
  createVirtualProcess,
  NO_SKEW,
  unskewed,
  type VirtualCalendar,
  type VirtualProcess,
} from '#sim/world/virtual-process';
import type { TrustDisk, VirtualTrust } from '#sim/world/virtual-trust';
import { CapturedSink, type LoudspeakerTraits } from './captured-sink.ts';
import { codedDecoders } from './coded-packet.ts';
import { type CodedTrack, codedCipher } from './coded-track.ts';
import type { HeardSound } from './heard-sound.ts';
import { createMemorySettingsStore, type SettingsDisk } from './memory-settings-store.ts';
import { type ObservedEngine, observeEngine } from './observed-engine.ts';
import { PositionWatch } from './position-watch.ts';
import { VirtualAudioEngine } from './virtual-audio-engine.ts';
import { createArchiveDisk, createVirtualChunkArchive } from './virtual-chunk-archive.ts';
import { createVirtualChunkStore, VirtualContent } from './virtual-content.ts';
import { createManifestDisk, createVirtualManifestArchive } from './virtual-manifest-archive.ts';
import { createPlaybackDisk, createVirtualPlaybackMemory, createVirtualSoundTrace } from './virtual-playback-memory.ts';

/** How much sound waits in the loudspeaker; what a small sound card has. */
const SINK_LATENCY = ms(80);
/** A loudspeaker that was heard this recently sounds: longer than a step of the audio engine. */
const SOUNDING_WITHIN_US = 50_000;
/** A modelled engine takes in what it is told this late at most, as a busy thread would. */
const INTENT_DELAY_MAX = 30;
const HOME_REGION = 0;
const MODEL = 'Virtual speaker';

export interface VirtualSpeakerPorts {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  /** Null: no mDNS in this house. */
  readonly air: VirtualAir | null;
  readonly timeline: Timeline;
  readonly audit: CommandAudit;
}

export interface VirtualSpeakerOptions {
  readonly name: string;
  readonly host: string;
  /** Null: it finds its bridge by discovery. */
  readonly bridgeAddress: string | null;
  readonly library: readonly CodedTrack[];
  /** `real`: every sample is computed, a few milliseconds of real time for each second. `modelled`: none is. */
  readonly sound: 'real' | 'modelled';
  /** Of its machine's clock; absent: none. */
  readonly skew?: ClockSkew;
  /** Absent: its id is chance, and it dials whoever it knows. */
  readonly trust?: VirtualTrust;
  /** Writes may take so many times longer than they must, as the seed says; absent: not at all. */
  readonly diskSlack?: number;
  /** Of this house, where the sound is real; absent: everything comes from the bridge. */
  readonly edges?: VirtualEdges;
  /** Where it stands, as edges do; absent: in the first of the regions. */
  readonly region?: number;
  /** Absent: one that plays what it has, as fast as the machine counts. */
  readonly loudspeaker?: LoudspeakerTraits;
}

interface Life {
  readonly process: VirtualProcess;
  readonly device: Device;
  readonly engine: ObservedEngine;
  readonly modelled: VirtualAudioEngine | null;
  readonly watch: PositionWatch;
}

export class VirtualSpeaker {
  readonly name: string;
  /** Outlives every life of the speaker. */
  readonly disk: SettingsDisk = { written: null };
  /** As `disk`, of what it was playing. */
  readonly #playbackDisk = createPlaybackDisk();
  /** As `disk`, of what was fetched. */
  readonly archiveDisk = createArchiveDisk();
  readonly manifestDisk = createManifestDisk();
  /** As `disk`, of who it is and whose. */
  readonly trustDisk: TrustDisk = { identity: createIdentityDisk(), pairing: createPairingDisk() };
  /** What all of these lie on. */
  readonly medium: VirtualDisk;
  readonly skew: ClockSkew;
  readonly calendar: VirtualCalendar = { offsetMs: 0 };
  /** Of its machine; changed by the test. */
  readonly addresses = new VirtualNetworkWatch();
  readonly #ports: VirtualSpeakerPorts;
  readonly #options: VirtualSpeakerOptions;
  readonly #lifeWatch: LifeWatch;
  #life: Life | null = null;
  #lives = 0;
  #sink: CapturedSink | null = null;
  #brokenPromises: string[] = [];

  constructor(ports: VirtualSpeakerPorts, options: VirtualSpeakerOptions) {
    this.#ports = ports;
    this.#options = options;
    this.name = options.name;
    this.skew = options.skew ?? NO_SKEW;
    this.medium = new VirtualDisk(ports.clock, ports.random.fork(`${options.name} disk`), options.diskSlack ?? 0);
    this.#lifeWatch = new LifeWatch(options.name, this.medium);
  }

  /** Whether every sample is computed. */
  get soundIs(): 'real' | 'modelled' {
    return this.#options.sound;
  }

  /** Switched on. */
  start(): void {
    if (this.#life !== null) return;
    this.#lives += 1;
    const { clock, network, timeline, air, audit } = this.#ports;
    const random = this.#ports.random.fork(`${this.name} ${this.#lives}`);
    const process = createVirtualProcess(clock.ownedBy(this.name), this.skew, this.calendar);
    const { engine, modelled } = this.#createEngine(process, random);
    const watch = new PositionWatch();
    const observed = observeEngine(engine, {
      told: (intent) => {
        watch.told(intent);
        if (intent.kind === 'load' || intent.kind === 'seek') this.#lifeWatch.placed();
      },
      said: (event) => watch.took(event, device.view().session),
    });
    const { name, host, bridgeAddress } = this.#options;
    const device: Device = createDevice(
      {
        clock: process.clock,
        random,
        logger: timeline.loggerOf(name),
        dialer: audit.overhear(network.dialerAt(name), name, this.#lives),
        discovery: air?.discoveryAt(name, host) ?? null,
        network: this.addresses,
        engine: observed,
        settings: createMemorySettingsStore(process.clock, this.disk, this.medium),
        watcher: { changed: () => process.isAlive() && this.#lifeWatch.changed(device.view(), clock.nowUs()) },
        memory: createVirtualPlaybackMemory(process.clock, this.#playbackDisk, this.medium),
        ...this.#trust(),
      },
      { name, model: MODEL, version: '0', bridgeAddress, lanPort: 4748, output: 'virtual' },
    );
    this.#life = { process, device, engine: observed, modelled, watch };
    timeline.note(name, 'is switched on');
    void device.start().then(() => {
      if (process.isAlive()) this.#lifeWatch.cameBack(device.view());
    });
  }

  /** What it needs of trust, in a house whose bridge asks. */
  #trust(): SpeakerTrustPorts | null {
    const { trust } = this.#options;
    if (trust === undefined) return null;
    const { identity, pairing } = this.trustDisk;
    identity.identity ??= trust.identities.create();
    return {
      logger: this.#ports.timeline.loggerOf(this.name),
      identity: { self: identity.identity, check: trust.identities },
      ownership: createVirtualOwnershipStore(pairing, this.medium),
    };
  }

  /** Ends as it should: says goodbye, saves, leaves no timer. */
  async stop(): Promise<void> {
    await this.#life?.device.stop();
    this.#ports.timeline.note(this.name, 'has stopped');
  }

  /** kill -9; with the machine too, when the plug is pulled. */
  kill(isUnplugged = false): void {
    if (this.#life === null) return;
    this.#rememberProblems(this.#life);
    this.#lifeWatch.died(this.#life.device.view(), this.#ports.clock.nowUs(), isUnplugged);
    this.#life.process.kill();
    this.#life = null;
    if (isUnplugged) this.#losePower();
    else this.#ports.network.kill(this.name);
    this.#ports.air?.kill(this.name);
    this.#ports.timeline.note(this.name, isUnplugged ? 'loses its power' : 'is killed');
  }

  /** While it is dead: somebody has emptied the folder in which it remembers what it played. */
  loseMemory(): void {
    this.#playbackDisk.written = null;
    this.#lifeWatch.memoryLost();
    this.#ports.timeline.note(this.name, 'has lost its memory');
  }

  /** Its process stops running, as by SIGSTOP; what is on its way to it is lost with the links, if that lasts. */
  standStill(): void {
    this.#ports.timeline.note(this.name, 'stands still');
    this.#life?.process.standStill();
    this.#lifeWatch.stoodStill(this.#ports.clock.nowUs());
  }

  isStandingStill(): boolean {
    return this.#life?.process.isStandingStill() === true;
  }

  goOn(): void {
    this.#ports.timeline.note(this.name, 'goes on');
    this.#life?.process.goOn();
  }

  /** Its ownership on the disk has changed, as pairing changes it. */
  async ownershipChanged(): Promise<void> {
    await this.#life?.device.ownershipChanged();
  }

  /** Null while it is switched off. */
  view(): DeviceView | null {
    return this.#life?.device.view() ?? null;
  }

  /** Whether anything is heard from it now. */
  isSounding(): boolean {
    if (this.#life === null) return false;
    if (this.#life.modelled !== null) return this.#life.modelled.isSounding();
    const audibleUs = this.heard()?.lastAudibleUs ?? null;
    return audibleUs !== null && this.#ports.clock.nowUs() - unskewed(audibleUs, this.skew) < SOUNDING_WITHIN_US;
  }

  /** The track at its loudspeaker; null when nothing is loaded, or nothing was ever heard. */
  heardTrack(): TrackId | null {
    if (this.#life === null) return null;
    if (this.#life.modelled !== null) return this.#life.modelled.position()?.trackId ?? null;
    const last = this.heard()?.runs().at(-1);
    return this.#options.library.find(({ number }) => number === last?.track)?.trackId ?? null;
  }

  /** Where in its track the loudspeaker is, in the track's frames; null as `heardTrack`. */
  heardPositionFrames(): number | null {
    if (this.#life === null) return null;
    if (this.#life.modelled !== null) return this.#life.modelled.position()?.positionFrames ?? null;
    const last = this.heard()?.runs().at(-1);
    return last === undefined ? null : last.fromFrames + last.countFrames;
  }

  /** Everything its loudspeaker put out in its last life, up to now, by its own clock; null with modelled sound. */
  heard(): HeardSound | null {
    // Asking moves the loudspeaker on to the present.
    this.#sink?.delay();
    return this.#sink?.heard ?? null;
  }

  /** The loudspeaker of its last life, to be unplugged. */
  sink(): CapturedSink | null {
    return this.#sink;
  }

  /** With modelled sound: the network gives no more, and what is heard stops. */
  starve(): void {
    this.#life?.modelled?.starve();
  }

  feed(): void {
    this.#life?.modelled?.feed();
  }

  /** Promises of the audio engine that were broken, in words. */
  problems(): readonly string[] {
    const unsettled = this.#sink?.heard.unsettledPackets ?? 0;
    if (unsettled > 0) return [`${this.name} let ${unsettled} packets be heard of a decoder that had not settled`];
    const lost = this.#lifeWatch.problems();
    if (lost.length > 0) return lost;
    return [...this.#brokenPromises, ...(this.#life === null ? [] : problemsOf(this.#life))];
  }

  timers(): string[] {
    return this.#life?.process.timers() ?? [];
  }

  #createEngine(
    process: VirtualProcess,
    random: SeededRandom,
  ): { engine: AudioEngine; modelled: VirtualAudioEngine | null } {
    const { library, sound } = this.#options;
    const { clock } = process;
    if (sound === 'modelled') {
      const lengths = new Map(library.map(({ trackId, durationFrames }) => [trackId, durationFrames]));
      const intentDelay = ms(random.fraction() * INTENT_DELAY_MAX);
      const modelled = new VirtualAudioEngine(clock, { durations: (id) => lengths.get(id) ?? null, intentDelay });
      return { engine: modelled, modelled };
    }
    const { edges = null } = this.#options;
    const here = { clock, network: this.#ports.network };
    const content = new VirtualContent(here, this.name, library, edges);
    const sink = new CapturedSink(clock, this.#options.loudspeaker);
    this.#sink = sink;
    const engine = createAudioEngine(
      {
        clock,
        random: random.fork('engine'),
        logger: this.#ports.timeline.loggerOf(this.name),
        sink,
        decoders: codedDecoders,
        chunks:
          edges === null
            ? content
            : joinSources(content, edges.sourceAt(here, this.name, this.#options.region ?? HOME_REGION)),
        manifests: content,
        bridge: content,
        reports: content,
        store: createVirtualChunkStore(),
        cipher: codedCipher,
        trace: createVirtualSoundTrace(clock, this.#playbackDisk),
        archive: createVirtualChunkArchive(this.archiveDisk, undefined, this.medium),
        manifestArchive: createVirtualManifestArchive(this.manifestDisk, this.medium),
      },
      { latency: SINK_LATENCY, hasDither: false },
    );
    return { engine, modelled: null };
  }

  /** What no kernel is left to do: nobody is told, and what was not forced to a disk is not there. */
  #losePower(): void {
    this.#playbackDisk.boots += 1;
    this.medium.losePower();
    this.#ports.network.vanish(this.name);
  }

  #rememberProblems(life: Life): void {
    this.#brokenPromises.push(...problemsOf(life));
  }
}

function problemsOf({ engine, watch }: Life): readonly string[] {
  return [...engine.problems(), ...watch.problems()];
}
