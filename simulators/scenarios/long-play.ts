/**
 * Hours of listening at random: people press everything at any moment while edges, bridge, loudspeaker and process have
 * their bad minutes. What must hold is asked all the time (the ramp audit and the bounds below); that the engine is alive
 * is asked whenever all is mended. Virtual time, the real audio engine, one seed for everything.
 */
import { REQUESTS_IN_FLIGHT_MAX } from '#device/core/audio/fetch/fetch-plan';
import { HEDGES_MAX } from '#device/core/audio/fetch/span-fetch';
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import { bytes, FRAMES_PER_SECOND, type Ms, ms, percent } from '#protocol/vocabulary/units';
import { AuditedEngine } from '#sim/speakers/audited-engine';
import { ARCHIVE_MOODS, type ArchiveMood, createMoodyArchive } from '#sim/speakers/moody-archive';
import { EDGE_MOODS, MoodyEdges } from '#sim/speakers/moody-edges';
import { type RampLadder, rampLadder } from '#sim/speakers/ramp-ladder';
import { createArchiveDisk, createVirtualChunkArchive } from '#sim/speakers/virtual-chunk-archive';
import { SeededRandom } from '#sim/world/seeded-random';

const EDGES = ['http://near', 'http://far'] as const;
/** The bridge as an edge. */
const EVERY_EDGE = [...EDGES, ''] as const;
/** Small enough to be full after a few tracks: what was played is thrown away. */
const STORE_BYTES = 600_000;
/** Room for half of the library. */
const ARCHIVE_BYTES = bytes(2_500_000);
/** Links from one that is slower than the music (3 kB/s) for moments to one that is never felt. */
const SPEEDS_BYTES_PER_SECOND = [6_000, 20_000, 200_000, 5_000_000] as const;
/** Bad minutes at a time; a new one waits until one is mended. */
const FAULTS_MAX = 3;
/** After this all is mended, and the engine must show that it is alive. */
const ACT_MINUTES = 20;
/** The longest quarantine of an edge, and a retry after it. */
const WELL_AGAIN_AFTER = ms(75_000);
const SOUNDS_WITHIN = ms(15_000);
const PROOF_OF_LIFE_SECONDS = 3;
/** Two tracks and the manifest of each; the one before the join may still be closing. */
const REQUESTS_MAX = 2 * REQUESTS_IN_FLIGHT_MAX * (1 + HEDGES_MAX);
/** The engine's own, those of its requests, and of faults to be mended. */
const TIMERS_MAX = 60;

/** Lengths in seconds; each a few frames off a whole packet. */
const LENGTHS = [8, 14, 21, 33, 47, 62, 80, 95, 120, 140, 165, 172] as const;
/** Small, so that an hour takes seconds: a narrow link and a wide one are told apart all the same. */
const RUNGS_KBPS = [8, 16, 32] as const;
let library: readonly RampLadder[] | null = null;

/** The same for every seed, and made once. */
function theLibrary(): readonly RampLadder[] {
  library ??= LENGTHS.map((seconds, place) => {
    const ladder = rampLadder(place + 1, seconds * FRAMES_PER_SECOND + 77 * (place + 1), RUNGS_KBPS);
    if (place % 2 === 0) return ladder;
    const headSegments = Math.min(3, ladder.segments.length);
    const files = ladder.manifest.files.map((file) => ({ ...file, headSegments }));
    return { ...ladder, manifest: { ...ladder.manifest, files } };
  });
  return library;
}

export interface LongPlayOutcome {
  /** Frames that were heard, read, and right. */
  readonly certainFrames: number;
  readonly commands: number;
  readonly faults: number;
}

export class LongPlay {
  readonly #random: SeededRandom;
  readonly #tracks = theLibrary();
  readonly #room: AuditedEngine<MoodyEdges>;
  /** What was done, newest last, for whoever has to understand a failure. */
  readonly #diary: string[] = [];
  readonly #mends: (() => void)[] = [];
  #told: 'nothing' | 'loaded' | 'ended' | 'failed' = 'nothing';
  #commands = 0;
  #faults = 0;
  #tokens = 0;
  #card: ArchiveMood = 'good';

  constructor(seed: number) {
    const random = new SeededRandom(seed);
    this.#random = random.fork('play');
    const link = {
      bytesPerSecond: this.#random.pick(SPEEDS_BYTES_PER_SECOND),
      roundTripMs: this.#random.between(1, 150),
    };
    const canRewind = this.#random.chance(0.5);
    const rungs = this.#tracks.flatMap((ladder) => ladder.rungs);
    const archive = createVirtualChunkArchive(createArchiveDisk(), ARCHIVE_BYTES);
    const hasArchive = this.#random.chance(0.5);
    this.#room = new AuditedEngine(this.#tracks, {
      edges: (clock) => new MoodyEdges(clock, rungs, link),
      ports: (clock) => (hasArchive ? { archive: createMoodyArchive(archive, clock, () => this.#card) } : {}),
      edgeUrls: EDGES,
      random: random.fork('engine'),
      content: link,
      storeBytes: STORE_BYTES,
      canRewind,
    });
    this.#room.listen((event) => this.#said(event));
    const { bytesPerSecond, roundTripMs } = link;
    this.#note(`${bytesPerSecond} bytes/s, ${roundTripMs} ms, rewinds: ${canRewind}, archive: ${hasArchive}`);
  }

  /** @throws with what does not hold, and what was done before */
  async run(hours: number): Promise<LongPlayOutcome> {
    try {
      return await this.#play(hours);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${reason}\n${this.#diary.join('\n')}`, { cause: error });
    }
  }

  async #play(hours: number): Promise<LongPlayOutcome> {
    const endUs = this.#room.clock.nowUs() + hours * 3_600_000_000;
    while (this.#room.clock.nowUs() < endUs) {
      await this.#act();
      await this.#proveAlive();
    }
    const left = await this.#room.close();
    if (left.length > 0) this.#fail(`timers are left after the close: ${left.join(', ')}`);
    this.#check();
    return { certainFrames: this.#room.audit.certainFrames, commands: this.#commands, faults: this.#faults };
  }

  /** Some minutes of everything at once; nothing is expected but what must always hold. */
  async #act(): Promise<void> {
    const endUs = this.#room.clock.nowUs() + ACT_MINUTES * 60_000_000;
    while (this.#room.clock.nowUs() < endUs) {
      if (this.#mends.length > 0 && this.#random.chance(0.25)) this.#mends.shift()?.();
      else if (this.#mends.length < FAULTS_MAX && this.#random.chance(0.2)) this.#breakSomething();
      else this.#pressSomething();
      await this.#pass(this.#pause());
    }
  }

  /** Mostly people wait; sometimes they press three buttons in a second. */
  #pause(): Ms {
    const kind = this.#random.fraction();
    if (kind < 0.3) return ms(this.#random.between(0, 400));
    return ms(kind < 0.7 ? this.#random.between(0, 8_000) : this.#random.between(5_000, 90_000));
  }

  async #proveAlive(): Promise<void> {
    for (const mend of this.#mends.splice(0)) mend();
    this.#note('all is mended');
    await this.#pass(WELL_AGAIN_AFTER);
    if (this.#random.chance(0.5)) this.#load();
    // Without a word to it, it must go on with what it plays; told to play, whatever it was doing before.
    else if (this.#told === 'loaded') this.#send({ kind: 'play' });
    else this.#load();
    const before = this.#room.audit.certainFrames;
    const wanted = before + PROOF_OF_LIFE_SECONDS * FRAMES_PER_SECOND;
    const isAlive = await this.#room.clock.runUntil(() => {
      if (this.#told !== 'loaded') this.#load();
      return this.#room.audit.certainFrames >= wanted;
    }, SOUNDS_WITHIN);
    this.#check();
    if (!isAlive) {
      const heard = (this.#room.audit.certainFrames - before) / FRAMES_PER_SECOND;
      this.#fail(`all is well, and only ${heard} s were heard within ${SOUNDS_WITHIN} ms`);
    }
  }

  #load(): void {
    const track = this.#random.pick(this.#tracks);
    const startFrames = this.#random.chance(0.7) ? 0 : this.#random.between(0, track.manifest.durationFrames);
    this.#told = 'loaded';
    this.#send({ kind: 'setVolume', volume: percent(100) });
    this.#press(`load ${track.manifest.trackId} from ${startFrames}`, () => this.#room.load(track, { startFrames }));
    if (this.#random.chance(0.8)) this.#arm();
  }

  #arm(): void {
    const track = this.#random.chance(0.9) ? this.#random.pick(this.#tracks) : null;
    this.#press(`arm ${track?.manifest.trackId}`, () => this.#room.arm(track));
  }

  #pressSomething(): void {
    if (this.#told !== 'loaded') {
      this.#load();
      return;
    }
    const kind = this.#random.between(0, 19);
    if (kind < 4) this.#load();
    else if (kind < 8) this.#seek();
    else if (kind < 12) this.#arm();
    else if (kind < 16) this.#send({ kind: this.#random.pick(['play', 'play', 'pause'] as const) });
    else if (kind < 18) this.#dipVolume();
    else if (kind < 19) this.#stop();
    else this.#send({ kind: 'setBridge', url: 'http://bridge:4747' });
  }

  #seek(): void {
    const positionFrames = this.#random.between(0, 172 * FRAMES_PER_SECOND);
    this.#press(`seek to ${positionFrames}`, () => this.#room.seek(positionFrames));
    // A player arms again what follows.
    if (this.#random.chance(0.7)) this.#arm();
  }

  #stop(): void {
    this.#told = 'nothing';
    this.#send({ kind: 'stop' });
  }

  /** For a while, since what is not at full volume cannot be read. */
  #dipVolume(): void {
    this.#send({ kind: 'setVolume', volume: percent(this.#random.between(0, 90)) });
    const loud = ms(this.#random.between(50, 2_000));
    this.#room.clock.setTimer('long-play.volume', loud, () => this.#send({ kind: 'setVolume', volume: percent(100) }));
  }

  #breakSomething(): void {
    this.#faults += 1;
    const faults = [
      () => this.#loseSink(),
      () => this.#blockSink(),
      () => this.#standStill(),
      () => this.#cutBridge(),
      () => this.#changeTokens(),
      () => this.#dropSegments(),
      () => this.#upsetCard(),
      () => this.#upsetEdges(),
      () => this.#upsetEdges(),
      () => this.#upsetEdges(),
    ];
    this.#random.pick(faults)();
  }

  #changeTokens(): void {
    this.#tokens += 1;
    this.#note('tokens change');
    this.#room.content.changeToken(`token ${this.#tokens}`);
  }

  #loseSink(): void {
    this.#note('the loudspeaker is unplugged');
    this.#room.unplug();
    this.#mends.push(() => {
      this.#note('the loudspeaker is plugged in');
      this.#room.plugIn();
    });
  }

  #blockSink(): void {
    const how = this.#random.pick(['no-room', 'takes-nothing'] as const);
    this.#note(`the loudspeaker blocks: ${how}`);
    this.#room.sink.block(how);
    this.#mends.push(() => this.#room.sink.block(null));
  }

  #standStill(): void {
    const by = ms(this.#random.chance(0.8) ? this.#random.between(20, 5_000) : 600_000);
    this.#note(`stands still for ${by} ms`);
    this.#room.stall(by);
  }

  #cutBridge(): void {
    this.#note('the bridge is away');
    this.#room.content.setReachable(false);
    this.#room.edges.setMood('', 'dead');
    this.#mends.push(() => {
      this.#note('the bridge is back');
      this.#room.content.setReachable(true);
      this.#room.edges.setMood('', 'good');
    });
  }

  #upsetCard(): void {
    this.#card = this.#random.pick(ARCHIVE_MOODS);
    this.#note(`the card: ${this.#card}`);
    this.#mends.push(() => {
      this.#note('the card is well');
      this.#card = 'good';
    });
  }

  #upsetEdges(): void {
    const upset = EVERY_EDGE.filter(() => this.#random.chance(0.6));
    for (const url of upset) {
      const mood = this.#random.pick(EDGE_MOODS);
      this.#note(`edge "${url}" is ${mood}`);
      this.#room.edges.setMood(url, mood);
    }
    this.#mends.push(() => {
      this.#note('edges are well');
      for (const url of upset) this.#room.edges.setMood(url, 'good');
    });
  }

  #dropSegments(): void {
    this.#note('the store loses segments');
    for (const { manifest, segments } of this.#tracks) {
      for (const { fileId } of manifest.files) {
        for (let segment = 0; segment < segments.length; segment += 1) {
          if (this.#random.chance(0.3)) this.#room.store.remove(fileId, segment);
        }
      }
    }
  }

  #send(intent: EngineIntent): void {
    this.#press(JSON.stringify(intent), () => this.#room.send(intent));
  }

  #press(what: string, act: () => void): void {
    this.#commands += 1;
    this.#note(`told ${what}`);
    act();
  }

  #said(event: EngineEvent): void {
    if (event.kind === 'position' || event.kind === 'health') return;
    this.#note(`says ${JSON.stringify(event)}`);
    if (event.generation !== this.#room.generation || this.#told === 'nothing') return;
    if (event.kind === 'ended' || event.kind === 'failed') this.#told = event.kind;
    if (event.kind === 'advanced' && this.#random.chance(0.8)) this.#arm();
  }

  async #pass(time: Ms): Promise<void> {
    await this.#room.clock.advance(time);
    this.#check();
  }

  #check(): void {
    const [problem] = this.#room.problems();
    if (problem !== undefined) this.#fail(problem);
    if (this.#room.edges.openMax > REQUESTS_MAX)
      this.#fail(`${this.#room.edges.openMax} requests were under way at once`);
    if (this.#room.store.sizeBytes() > STORE_BYTES) this.#fail(`the store holds ${this.#room.store.sizeBytes()} bytes`);
    const timers = this.#room.clock.timers();
    if (timers.length > TIMERS_MAX) this.#fail(`${timers.length} timers are pending: ${timers.join(', ')}`);
  }

  #note(what: string): void {
    this.#diary.push(`${(this.#room.clock.nowUs() / 1_000_000).toFixed(3).padStart(10)}  ${what}`);
    if (this.#diary.length > 80) this.#diary.shift();
  }

  #fail(problem: string): never {
    throw new Error(`does not hold: ${problem}`);
  }
}
