/**
 * The real audio engine alone in virtual time, before edges of the test's choice and a loudspeaker that is listened to all
 * the time: for plays that are too long to be recorded, and faults that must not be heard.
 */
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { createNodeSegmentCipher } from '#device/adapters/node-segment-cipher/node-segment-cipher';
import { type AudioEngineOptions, type AudioEnginePorts, createAudioEngine } from '#device/core/audio/engine';
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import type { ChunkSource } from '#device/core/ports/chunk-source';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { Random } from '#protocol/ports/random';
import { bytes, type Ms, ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { AuditedSink } from './audited-sink.ts';
import { EngineRemote } from './engine-remote.ts';
import { FaultyContent, type FaultyContentOptions } from './faulty-content.ts';
import { type ObservedEngine, observeEngine } from './observed-engine.ts';
import type { StoredTrack } from './ogg-segments.ts';
import { type AuditedTrack, RampAudit } from './ramp-audit.ts';
import { rampDecoders } from './ramp-decoder.ts';

const SINK_LATENCY = ms(80);
const STORE_BYTES = bytes(16 * 1024 * 1024);
/** Events kept, the newest: enough for the longest of faults. */
const EVENTS_KEPT_MAX = 4_000;

export interface AuditedEngineOptions<Edges extends ChunkSource> {
  /** What files are fetched from. */
  readonly edges: (clock: VirtualClock) => Edges;
  readonly edgeUrls: readonly string[];
  readonly random?: Random;
  readonly content?: Partial<FaultyContentOptions>;
  readonly storeBytes?: number;
  readonly canRewind?: boolean;
  readonly ports?: (clock: VirtualClock) => Partial<AudioEnginePorts>;
  readonly engine?: Partial<AudioEngineOptions>;
}

type EventOf<Kind extends EngineEvent['kind']> = Extract<EngineEvent, { kind: Kind }>;

export class AuditedEngine<Edges extends ChunkSource> extends EngineRemote {
  readonly clock = new VirtualClock();
  readonly audit: RampAudit;
  readonly sink: AuditedSink;
  readonly content: FaultyContent;
  readonly edges: Edges;
  readonly store;
  readonly engine: ObservedEngine;
  readonly events: EngineEvent[] = [];
  #eventsDropped = 0;
  #listener: (event: EngineEvent) => void = () => {};

  /** @param tracks ramps; each is told from the others by the number that its first frame carries */
  constructor(tracks: readonly StoredTrack[], options: AuditedEngineOptions<Edges>) {
    super();
    const { clock } = this;
    this.audit = new RampAudit(new Map(tracks.map((track) => [track.manifest.trackId, factsOf(track)])));
    const canRewind = options.canRewind ?? true;
    this.sink = new AuditedSink(clock, (...heard) => this.audit.heard(...heard), { canRewind });
    this.content = new FaultyContent(clock, options.content);
    this.content.add(...tracks);
    this.content.listEdges(...options.edgeUrls);
    this.edges = options.edges(clock);
    this.store = createMemoryChunkStore(bytes(options.storeBytes ?? STORE_BYTES));
    const engine = createAudioEngine(
      {
        clock,
        random: options.random ?? new SeededRandom(1),
        logger: silentLogger,
        sink: this.sink,
        decoders: rampDecoders,
        chunks: this.edges,
        manifests: this.content,
        bridge: this.content,
        reports: this.content,
        store: this.store,
        cipher: createNodeSegmentCipher(),
        ...options.ports?.(clock),
      },
      { latency: SINK_LATENCY, hasDither: false, ...options.engine },
    );
    this.engine = observeEngine(engine, {
      told: (intent) => this.audit.told(intent),
      said: (event) => this.#said(event),
    });
    this.engine.listen(() => {});
  }

  /** One listener, told of every event after it has been audited. */
  listen(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  override send(intent: EngineIntent): void {
    // The loudspeaker is asked first, so that the audit knows what was heard before it.
    this.sink.delay();
    this.engine.send(intent);
  }

  /** The cable is pulled, and the device is not there until `plugIn`. */
  unplug(): void {
    this.sink.refuse('no such device');
    this.sink.delay();
    this.audit.sinkLost();
    this.sink.unplug();
  }

  plugIn(): void {
    this.sink.refuse(null);
  }

  /** The process stands still while the world goes on. */
  stall(time: Ms): void {
    this.clock.stall(time);
    this.audit.stoodStill(this.clock.nowUs());
  }

  eventsOf<Kind extends EngineEvent['kind']>(kind: Kind): EventOf<Kind>[] {
    return this.events.filter((event): event is EventOf<Kind> => event.kind === kind);
  }

  /** Lets time pass until an event of the kind comes, at most `limit`. @returns it, or undefined */
  async until<Kind extends EngineEvent['kind']>(kind: Kind, limit: Ms): Promise<EventOf<Kind> | undefined> {
    let seen = this.events.length + this.#eventsDropped;
    let found: EventOf<Kind> | undefined;
    await this.clock.runUntil(() => {
      for (; seen < this.events.length + this.#eventsDropped && found === undefined; seen += 1) {
        const event = this.events[seen - this.#eventsDropped];
        if (event?.kind === kind) found = event as EventOf<Kind>;
      }
      return found !== undefined;
    }, limit);
    return found;
  }

  /** Promises broken so far, in words. */
  problems(): readonly string[] {
    this.sink.delay();
    return [...this.audit.problems(), ...this.engine.problems()];
  }

  /** Stops everything. @returns names of the timers that are left, after every wait of ours has passed */
  async close(): Promise<readonly string[]> {
    await this.engine.close();
    await this.clock.advance(ms(10_000));
    return this.clock.timers();
  }

  #said(event: EngineEvent): void {
    this.sink.delay();
    this.audit.said(event, this.clock.nowUs());
    this.events.push(event);
    if (this.events.length > EVENTS_KEPT_MAX) {
      this.events.shift();
      this.#eventsDropped += 1;
    }
    this.#listener(event);
  }
}

/** A ramp's id is its number, padded. */
function factsOf({ manifest }: StoredTrack): AuditedTrack {
  return { number: Number.parseInt(manifest.trackId, 10), durationFrames: manifest.durationFrames };
}
