/**
 * Keeps the device fed in time, and knows what is heard.
 *
 * Each tick it has the device filled up to the latency that was chosen, and asks how much of it is still waiting. With
 * nothing to play it lets the device run empty (which is no underrun) and stops ticking until it is woken.
 */
import type { AudioSink, AudioSinkGrant } from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import { FRAMES_PER_SECOND, type Ms, ms, type Us, us } from '#protocol/vocabulary/units';
import type { Mixer } from '../mix/mixer.ts';
import type { TaggedVoice } from '../mix/voice.ts';
import { OutputStage } from './output-stage.ts';
import type { PlayTag } from './play-tag.ts';
import { Programme } from './programme.ts';
import type { Timeline, TimelinePlace } from './timeline.ts';

/**
 * Most of what playing costs is waking up, so the device is looked at as seldom as is safe: when 60 ms are left in it, which
 * is longer than a busy board keeps a thread of this priority waiting. Not less than each 40 ms, since events wait for a
 * look; not more than each 10 ms, which gains nothing.
 */
const LEFT_MS = 60;
const TICK_MS = { least: 10, most: 40 } as const;
const US_PER_SECOND = 1_000_000;

export interface HeardPlace extends TimelinePlace {
  /** False when everything that was put out has been heard. */
  readonly isSounding: boolean;
  /** When that was so: at the last tick. */
  readonly atUs: Us;
}

export interface PacerListener {
  /** The first frame of something new has been heard. */
  began(tag: PlayTag): void;
  /** Once per tick, after writing: `mixer.status` and `heard` are fresh. */
  ticked(): void;
}

/** What people change is heard within milliseconds where the device gives sound back, or drops it. */
export interface Pacer {
  /** The device is open: begins to feed it. */
  start(grant: AudioSinkGrant): void;
  /** There may be something to play again. Harmless at any time. */
  wake(): void;
  /** Leaves the device alone; what it held counts as not heard. */
  stop(): void;
  play(): void;
  /** As `play`, with the first frame at the loudspeaker at this instant of the clock. */
  playAt(atUs: Us): void;
  pause(): void;
  /** As `pause`, at this instant. */
  pauseAt(atUs: Us): void;
  /** @param gain amplitude */
  setVolume(gain: number): void;
  /** What sounds falls away while `next` rises; null for silence. */
  replace(next: TaggedVoice | null): void;
  heard(): HeardPlace | null;
  /** All that was mixed has been heard. */
  isAllHeard(): boolean;
  /** Nothing is on its way to the loudspeaker; in a pause there may be sound that waits for its end. */
  isSilent(): boolean;
}

export interface PacerOptions {
  readonly latency: Ms;
  /** Of the dither's noise; null for none. */
  readonly ditherSeed: number | null;
}

export function createPacer(
  ports: { readonly clock: Clock; readonly sink: AudioSink },
  parts: { readonly mixer: Mixer; readonly timeline: Timeline },
  listener: PacerListener,
  options: PacerOptions,
): Pacer {
  return new TickingPacer(ports, parts, listener, options);
}

class TickingPacer implements Pacer {
  readonly #clock: Clock;
  readonly #sink: AudioSink;
  readonly #timeline: Timeline;
  readonly #listener: PacerListener;
  readonly #stage: OutputStage;
  #observedAtUs = us(0);
  readonly #fire = (): void => {
    this.#timer = null;
    this.#tick();
  };
  readonly #tellBegan = (tag: PlayTag): void => this.#listener.began(tag);
  readonly #tickEvery: Ms;
  #timer: Timer | null = null;

  constructor(
    ports: { readonly clock: Clock; readonly sink: AudioSink },
    parts: { readonly mixer: Mixer; readonly timeline: Timeline },
    listener: PacerListener,
    options: PacerOptions,
  ) {
    this.#clock = ports.clock;
    this.#sink = ports.sink;
    this.#timeline = parts.timeline;
    this.#listener = listener;
    this.#tickEvery = ms(Math.min(TICK_MS.most, Math.max(TICK_MS.least, options.latency - LEFT_MS)));
    this.#stage = new OutputStage(
      ports,
      { programme: new Programme(parts.mixer), timeline: parts.timeline },
      {
        latencyFrames: Math.ceil((options.latency * FRAMES_PER_SECOND) / 1000),
        ditherSeed: options.ditherSeed,
      },
    );
  }

  start(grant: AudioSinkGrant): void {
    this.#stage.open(grant);
    this.wake();
  }

  wake(): void {
    if (!this.#stage.isOpen) return;
    // A tick that is due later is brought forward: who wakes wants to be heard now.
    this.#timer?.cancel();
    this.#schedule(ms(0));
  }

  stop(): void {
    this.#stage.close();
    this.#timer?.cancel();
    this.#timer = null;
  }

  play(): void {
    this.#stage.play();
    this.wake();
  }

  playAt(atUs: Us): void {
    this.#stage.playAt(atUs);
    this.wake();
  }

  pause(): void {
    this.#stage.pause();
    this.wake();
  }

  pauseAt(atUs: Us): void {
    this.#stage.pauseAt(atUs);
    this.wake();
  }

  setVolume(gain: number): void {
    this.#stage.setVolume(gain);
    this.wake();
  }

  replace(next: TaggedVoice | null): void {
    this.#stage.replace(next);
    this.wake();
  }

  heard(): HeardPlace | null {
    const place = this.#timeline.place();
    return place === null ? null : { ...place, isSounding: this.#isSounding(), atUs: this.#observedAtUs };
  }

  isAllHeard(): boolean {
    return this.#timeline.isAllHeard;
  }

  isSilent(): boolean {
    return this.#stage.isAllSent && !this.#isSounding();
  }

  #isSounding(): boolean {
    return this.#timeline.heardFrames < this.#stage.sentFrames;
  }

  #schedule(delay: Ms): void {
    this.#timer = this.#clock.setTimer('playout.tick', delay, this.#fire);
  }

  #tick(): void {
    if (!this.#stage.isOpen) return;
    this.#stage.look(this.#clock.nowUs());
    const hasMore = this.#stage.feed();
    this.#observe();
    this.#listener.ticked();
    if ((hasMore || this.#isSounding()) && this.#stage.isOpen && this.#timer === null) this.#schedule(this.#tickEvery);
  }

  #observe(): void {
    const { delayFrames, atUs } = this.#sink.delay();
    this.#observedAtUs = this.#clock.nowUs();
    const sinceFrames = ((this.#observedAtUs - atUs) * FRAMES_PER_SECOND) / US_PER_SECOND;
    const waiting = Math.max(0, delayFrames - Math.max(0, sinceFrames));
    this.#timeline.advance(Math.floor(this.#stage.sentFrames - waiting), this.#tellBegan);
  }
}
