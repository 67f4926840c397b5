/**
 * The audio engine: joins the stages, in the order of the journey, and is the only file that knows them all.
 *
 * manifest → fetch → cache → demux → decode (a track slot) → mix (the mixer's voices) → playout (pacer and output).
 * The deck decides what is loaded; this file performs intents, tells what is heard, and reports health.
 */
import type { AudioEngine, EngineEvent, EngineIntent, StartInstant } from '#device/core/ports/audio-engine';
import type { AudioSink, SampleBits } from '#device/core/ports/audio-sink';
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import type { BridgeLocator, ChunkSource, EdgeReportSink, ManifestSource } from '#device/core/ports/chunk-source';
import type { ChunkStore } from '#device/core/ports/chunk-store';
import type { ManifestArchive } from '#device/core/ports/manifest-archive';
import type { PacketDecoderFactory } from '#device/core/ports/packet-decoder';
import type { SegmentCipher } from '#device/core/ports/segment-cipher';
import type { SoundTrace } from '#device/core/ports/sound-trace';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import { unreachable } from '#protocol/vocabulary/result';
import {
  FRAMES_PER_SECOND,
  type Frames,
  frames,
  type Ms,
  ms,
  msToFrames,
  msToUs,
  type Us,
  us,
} from '#protocol/vocabulary/units';
import { FetchLedger } from './cache/fetch-ledger.ts';
import { ManifestShelf } from './cache/manifest-shelf.ts';
import { createSegmentShelf } from './cache/segment-shelf.ts';
import { Deck } from './deck.ts';
import { EdgeBook } from './fetch/edge-book.ts';
import { EdgeReporter } from './fetch/edge-reporter.ts';
import { ThroughputMeter } from './fetch/throughput-meter.ts';
import { QUALITY_DEFAULT, type QualityPolicy } from './manifest/choose-file.ts';
import { LOUDNESS_MODE_DEFAULT, type LoudnessMode, volumeGain } from './mix/gain.ts';
import { Mixer } from './mix/mixer.ts';
import { hasSlipped } from './playout/has-slipped.ts';
import { createOutput, type Output } from './playout/output.ts';
import { createPacer, type HeardPlace, type Pacer, RESERVE } from './playout/pacer.ts';
import type { PlayTag } from './playout/play-tag.ts';
import { START_LEAD } from './playout/start-instant.ts';
import { Timeline } from './playout/timeline.ts';
import { Prefetcher } from './prefetch/prefetcher.ts';

/** Positions and health are told this often; the port promises once a second. */
const REPORT_MS = ms(1_000);
const US_PER_SECOND = 1_000_000;
const SEED_RANGE = 2 ** 31;
/** What every device takes; dithered, its noise is below any room's. */
const SAMPLE_BITS_DEFAULT: SampleBits = 16;

export interface AudioEnginePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly sink: AudioSink;
  readonly decoders: PacketDecoderFactory;
  readonly chunks: ChunkSource;
  readonly manifests: ManifestSource;
  readonly bridge: BridgeLocator;
  readonly reports: EdgeReportSink;
  readonly store: ChunkStore;
  readonly cipher: SegmentCipher;
  /** Segments beyond memory and life of the process; absent: none. Whoever made it closes it, after the engine. */
  readonly archive?: ChunkArchive;
  /** The same for manifests. */
  readonly manifestArchive?: ManifestArchive;
  /** Absent: where a process is killed is not known to better than a second. */
  readonly trace?: SoundTrace;
  /** What says a code, over the same sink; absent: nothing does. */
  readonly voice?: { say(code: string): void };
}

export interface AudioEngineOptions {
  /** How much sound waits in the device: every change is heard this much later, every stall shorter than it is not heard. */
  readonly latency: Ms;
  /** False for readers of exact values; a listener wants it. */
  readonly hasDither: boolean;
  /** Which of a track's files is played; absent: the usual one. */
  readonly quality?: QualityPolicy;
  /** How long one track fades into the next, 0 to CROSSFADE_MAX_MS; absent or 0: they join without a gap. */
  readonly crossfade?: Ms;
  /** Whose loudness a track is brought to the house's by; absent: its own. */
  readonly loudness?: LoudnessMode;
  /** Width of the samples asked of the device, which may grant less; absent: 16. */
  readonly sampleBits?: SampleBits;
}

/** Longest crossfade, in milliseconds: what players offer; longer mixes are a disc jockey's work. */
export const CROSSFADE_MAX_MS = 12_000;

export function createAudioEngine(ports: AudioEnginePorts, options: AudioEngineOptions): AudioEngine {
  return new JoinedEngine(ports, options);
}

class JoinedEngine implements AudioEngine {
  readonly #ports: AudioEnginePorts;
  readonly #mixer: Mixer;
  readonly #timeline = new Timeline();
  readonly #deck: Deck;
  readonly #pacer: Pacer;
  readonly #output: Output;
  readonly #reporter: EdgeReporter;
  readonly #prefetcher: Prefetcher;
  readonly #ledger = new FetchLedger();
  readonly #meter: ThroughputMeter;
  #listener: (event: EngineEvent) => void = () => {};
  #isPlaying = false;
  /** Waits for its instant. */
  #start: StartInstant | null = null;
  #isStopping = false;
  #isClosed = false;
  #wasSounding = false;
  /** What the last report of the position stood on. */
  #told: HeardPlace | null = null;
  #underrunsBefore = 0;
  #reportTimer: Timer | null = null;

  constructor(ports: AudioEnginePorts, options: AudioEngineOptions) {
    this.#ports = ports;
    const { clock, random, logger, sink } = ports;
    const crossfadeFrames = msToFrames(ms(Math.min(options.crossfade ?? 0, CROSSFADE_MAX_MS)));
    this.#mixer = new Mixer(
      {
        following: () => this.#deck.following(),
        crossfadeFrames: () => this.#deck.crossfadeFrames(),
        rendered: (tag, position, count) => this.#timeline.append(tag, position, count),
      },
      { crossfadeFramesMax: crossfadeFrames },
    );
    this.#pacer = createPacer(
      { clock, sink },
      { mixer: this.#mixer, timeline: this.#timeline },
      { began: (tag) => this.#began(tag), ticked: () => this.#ticked() },
      {
        latency: options.latency,
        ditherSeed: options.hasDither ? Math.floor(random.fraction() * SEED_RANGE) : null,
      },
    );
    this.#output = createOutput(
      { clock, random, logger, sink },
      {
        opened: (grant) => this.#pacer.start(grant),
        lost: () => this.#outputLost(),
        changed: () => this.#reportHealth(),
      },
      { latency: options.latency, reserve: RESERVE, sampleBits: options.sampleBits ?? SAMPLE_BITS_DEFAULT },
    );
    const book = new EdgeBook(ports);
    this.#meter = new ThroughputMeter(clock);
    this.#reporter = new EdgeReporter(ports, book);
    const shelf = createSegmentShelf({ ...ports, ledger: this.#ledger });
    const manifests = new ManifestShelf({ manifests: ports.manifests, archive: ports.manifestArchive ?? null });
    const quality = options.quality ?? QUALITY_DEFAULT;
    const loudness = options.loudness ?? LOUDNESS_MODE_DEFAULT;
    const fetching = { ...ports, manifests, shelf, book, meter: this.#meter, quality, loudness };
    this.#prefetcher = new Prefetcher(fetching, () => this.#deck.prefetchFacts());
    this.#deck = new Deck(
      fetching,
      this.#mixer,
      {
        emit: (event) => this.#emit(event),
        wake: () => this.#pacer.wake(),
        replace: (next) => this.#pacer.replace(next),
        heard: () => this.#pacer.heard(),
        isAllHeard: () => this.#pacer.isAllHeard(),
        isPlaying: () => this.#isPlaying,
        startFrames: (positionFrames) => this.#startFrames(positionFrames),
        positionChanged: () => this.#reportPosition(),
      },
      { crossfadeFrames },
    );
  }

  send(intent: EngineIntent): void {
    // Performed after the caller's turn: in one thread as in two, no event comes out of `send`.
    void Promise.resolve().then(() => {
      if (this.#isClosed) return;
      this.#perform(intent);
      this.#prefetcher.look();
    });
  }

  listen(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener = () => {};
    this.#reportTimer?.cancel();
    this.#reportTimer = null;
    const { unheardBytes } = this.#ledger;
    const { fetchedBytes: prefetchedBytes } = this.#prefetcher;
    this.#ports.logger.info('delivery.closed', {
      fetchedBytes: this.#meter.fetchedBytes,
      unheardBytes,
      prefetchedBytes,
    });
    this.#prefetcher.close();
    this.#deck.unload();
    this.#reporter.close();
    this.#pacer.stop();
    await this.#output.close();
  }

  #perform(intent: EngineIntent): void {
    switch (intent.kind) {
      case 'load':
        this.#isStopping = false;
        this.#start = null;
        // What was paused stays silent until the new track can sound; what is to be paused never sounds.
        if (!intent.isPlaying) this.#setPlaying(false);
        this.#deck.load(intent.generation, intent.trackId, intent.startFrames);
        this.#setPlaying(intent.isPlaying);
        this.#output.open();
        this.#startReporting();
        return;
      case 'seek':
        // Whoever seeks now wants to hear it now.
        if (this.#start !== null) this.#setPlaying(true);
        this.#deck.seek(intent.generation, intent.positionFrames);
        return;
      case 'setNext':
        this.#deck.setNext(intent.generation, intent.trackId);
        return;
      case 'play':
        if (intent.startAt === undefined) this.#setPlaying(true);
        else this.#startAt(intent.startAt);
        return;
      case 'pause':
        if (intent.atUs === undefined) this.#setPlaying(false);
        else this.#pauseAt(intent.atUs);
        return;
      case 'setVolume':
        this.#pacer.setVolume(volumeGain(intent.volume));
        return;
      case 'setBridge':
        this.#ports.bridge.setBridge(intent.url, intent.speakerId, intent);
        if (intent.url !== null) this.#deck.nudge();
        return;
      case 'setHints':
        this.#prefetcher.hint(intent.reason, intent.trackIds);
        return;
      case 'say':
        this.#ports.voice?.say(intent.code);
        return;
      case 'stop':
        this.#stop();
        return;
      default:
        unreachable(intent);
    }
  }

  #startAt(start: StartInstant): void {
    this.#isPlaying = true;
    this.#start = start;
    this.#pacer.playAt(start.atUs);
    this.#deck.moveOn();
  }

  #pauseAt(atUs: Us): void {
    this.#isPlaying = false;
    this.#start = null;
    this.#pacer.pauseAt(atUs);
  }

  /** For the deck: where what is to start at an instant begins, further on by as much as it is late. */
  #startFrames(positionFrames: Frames): Frames {
    if (this.#start === null) return positionFrames;
    const lateUs = this.#ports.clock.nowUs() + msToUs(START_LEAD) - this.#start.atUs;
    if (lateUs <= 0) return this.#start.positionFrames;
    const moved = Math.round((lateUs * FRAMES_PER_SECOND) / US_PER_SECOND);
    this.#start = {
      positionFrames: frames(this.#start.positionFrames + moved),
      atUs: us(this.#start.atUs + lateUs),
    };
    this.#pacer.playAt(this.#start.atUs);
    return this.#start.positionFrames;
  }

  #setPlaying(isPlaying: boolean): void {
    this.#isPlaying = isPlaying;
    this.#start = null;
    if (isPlaying) this.#pacer.play();
    else this.#pacer.pause();
  }

  #stop(): void {
    this.#deck.unload();
    this.#reporter.flush();
    this.#isPlaying = false;
    this.#isStopping = true;
    this.#letGoWhenSilent();
  }

  /** Closes the device once the fade of a stop has been heard. */
  #letGoWhenSilent(): void {
    if (!this.#isStopping) return;
    if (this.#output.isOpen() && !this.#pacer.isSilent()) return;
    this.#isStopping = false;
    this.#countUnderruns();
    this.#pacer.stop();
    this.#pacer.pause();
    this.#reportTimer?.cancel();
    this.#reportTimer = null;
    this.#wasSounding = false;
    void this.#output.close();
  }

  #began(tag: PlayTag): void {
    this.#start = null;
    this.#deck.began(tag);
  }

  #ticked(): void {
    this.#deck.ticked();
    const heard = this.#pacer.heard();
    const isSounding = heard?.isSounding ?? false;
    if (isSounding !== this.#wasSounding || hasSlipped(this.#told, heard)) this.#reportPosition();
    if (heard !== null && isSounding) this.#ports.trace?.leave(heard.tag, heard.positionFrames);
    this.#letGoWhenSilent();
  }

  #outputLost(): void {
    this.#countUnderruns();
    this.#deck.rewindToHeard(this.#pacer.lost());
    this.#wasSounding = false;
    this.#letGoWhenSilent();
  }

  #countUnderruns(): void {
    this.#underrunsBefore += this.#ports.sink.underruns();
  }

  #startReporting(): void {
    if (this.#reportTimer !== null) return;
    this.#reportTimer = this.#ports.clock.setTimer('engine.report', REPORT_MS, () => {
      this.#reportTimer = null;
      this.#startReporting();
      this.#deck.replan();
      this.#prefetcher.look();
      if (this.#wasSounding) this.#reportPosition();
      this.#reportHealth();
    });
  }

  #reportPosition(): void {
    const heard = this.#pacer.heard();
    const place = this.#deck.place(heard);
    if (place === null) return;
    this.#wasSounding = heard?.isSounding ?? false;
    this.#told = heard;
    // What moves is told for the moment at which it was there.
    const atUs = heard?.isSounding === true ? heard.atUs : this.#ports.clock.nowUs();
    this.#emit({ kind: 'position', ...place, atUs });
  }

  #reportHealth(): void {
    // A device that is not open has been counted, and begins again at zero.
    const sinceOpened = this.#output.isOpen() ? this.#ports.sink.underruns() : 0;
    const underruns = this.#underrunsBefore + sinceOpened + this.#deck.starvations;
    this.#emit({
      kind: 'health',
      bufferedMs: this.#deck.bufferedMs(),
      underruns,
      output: this.#ports.sink.name,
      outputProblem: this.#output.problem()?.toBody() ?? null,
      delivery: {
        qualityKbps: this.#deck.qualityKbps(),
        throughputKbps: this.#meter.estimateKbps(),
        fetchedBytes: this.#meter.fetchedBytes,
        unheardBytes: this.#ledger.unheardBytes,
        prefetchedBytes: this.#prefetcher.fetchedBytes,
        archivedBytes: this.#ports.archive?.sizeBytes() ?? 0,
      },
    });
  }

  #emit(event: EngineEvent): void {
    this.#listener(event);
  }
}
