/** The real audio engine with nothing around it: virtual time, content in memory, a loudspeaker that remembers. */

import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { createNodeSegmentCipher } from '#device/adapters/node-segment-cipher/node-segment-cipher';
import { type AudioEngineOptions, type AudioEnginePorts, createAudioEngine } from '#device/core/audio/engine';
import type { AudioEngine, EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import type { ChunkSource } from '#device/core/ports/chunk-source';
import { silentLogger } from '#protocol/kit/silent-logger';
import { bytes, type Ms, ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { EngineRemote } from './engine-remote.ts';
import { FaultyContent, type FaultyContentOptions } from './faulty-content.ts';
import type { StoredTrack } from './ogg-segments.ts';
import { type RampFrame, rampDecoders, readRampFrame } from './ramp-decoder.ts';
import { RecordingSink } from './recording-sink.ts';

export const LONE_ENGINE_LATENCY = ms(80);

export interface LoneEngineOptions {
  readonly seed?: number;
  readonly content?: Partial<FaultyContentOptions>;
  readonly storeBytes?: number;
  readonly ports?: Partial<AudioEnginePorts>;
  readonly quality?: AudioEngineOptions['quality'];
  readonly crossfade?: Ms;
  /** Whether the loudspeaker gives back what is not heard yet; it does. */
  readonly canRewind?: boolean;
  /** Where everything is fetched from, where it is not `content`. */
  readonly sources?: (clock: VirtualClock) => Pick<AudioEnginePorts, 'chunks' | 'manifests'>;
  /** What files are fetched from, where it is not the bridge alone. */
  readonly chunks?: (clock: VirtualClock) => ChunkSource;
}

export type EventOf<Kind extends EngineEvent['kind']> = Extract<EngineEvent, { kind: Kind }>;

/** A stretch of recorded frames, each following the one before in the same track. */
export interface HeardStretch {
  readonly track: number;
  readonly fromFrames: number;
  /** The position after the last one. */
  readonly toFrames: number;
}

export class LoneEngine extends EngineRemote {
  readonly clock = new VirtualClock();
  readonly sink: RecordingSink;
  readonly content: FaultyContent;
  readonly engine: AudioEngine;
  readonly events: EngineEvent[] = [];
  readonly store;

  constructor(tracks: readonly StoredTrack[], options: LoneEngineOptions = {}) {
    super();
    this.sink = new RecordingSink(this.clock, { canRewind: options.canRewind ?? true });
    this.content = new FaultyContent(this.clock, options.content);
    this.content.add(...tracks);
    this.store = createMemoryChunkStore(bytes(options.storeBytes ?? 16 * 1024 * 1024));
    this.engine = createAudioEngine(
      {
        clock: this.clock,
        random: new SeededRandom(options.seed ?? 1),
        logger: silentLogger,
        sink: this.sink,
        decoders: rampDecoders,
        chunks: this.content,
        manifests: this.content,
        bridge: this.content,
        reports: this.content,
        store: this.store,
        cipher: createNodeSegmentCipher(),
        ...(options.chunks === undefined ? {} : { chunks: options.chunks(this.clock) }),
        ...options.sources?.(this.clock),
        ...options.ports,
      },
      {
        latency: LONE_ENGINE_LATENCY,
        hasDither: false,
        ...(options.quality === undefined ? {} : { quality: options.quality }),
        ...(options.crossfade === undefined ? {} : { crossfade: options.crossfade }),
      },
    );
    this.engine.listen((event) => this.events.push(event));
  }

  override send(intent: EngineIntent): void {
    this.engine.send(intent);
  }

  /** Frames that have been heard by now. */
  heardFrames(): number {
    return this.sink.recordedFrames() - this.sink.delay().delayFrames;
  }

  eventsOf<Kind extends EngineEvent['kind']>(kind: Kind): EventOf<Kind>[] {
    return this.events.filter((event): event is EventOf<Kind> => event.kind === kind);
  }

  /** Lets time pass until an event of the kind comes, at most `limit`. @returns the last one, or undefined */
  async until<Kind extends EngineEvent['kind']>(
    kind: Kind,
    limit: Ms = ms(10_000),
  ): Promise<EventOf<Kind> | undefined> {
    const before = this.eventsOf(kind).length;
    await this.clock.runUntil(() => this.eventsOf(kind).length > before, limit);
    return this.eventsOf(kind).slice(before).at(-1);
  }

  /** What each recorded frame says it is; null in fades and silence. */
  frames(): (RampFrame | null)[] {
    const samples = this.sink.recording();
    return Array.from({ length: this.sink.recordedFrames() }, (_, frame) => readRampFrame(samples, frame));
  }

  /**
   * The recording as stretches of frames that follow each other; a fade's scaled frames read as other numbers, so
   * stretches shorter than `shortestFrames` are left out.
   */
  stretches(shortestFrames = 600): HeardStretch[] {
    const found: HeardStretch[] = [];
    let open: { track: number; fromFrames: number; toFrames: number } | null = null;
    for (const frame of [...this.frames(), null]) {
      if (open !== null && frame?.track === open.track && frame.positionFrames === open.toFrames) {
        open.toFrames += 1;
        continue;
      }
      if (open !== null && open.toFrames - open.fromFrames >= shortestFrames) found.push(open);
      open =
        frame === null
          ? null
          : { track: frame.track, fromFrames: frame.positionFrames, toFrames: frame.positionFrames + 1 };
    }
    return found;
  }
}
