/**
 * Keeps the device fed in time, and knows what is heard.
 *
 * Each tick it has the device filled up to the latency that was chosen, and asks how much of it is still waiting. With
 * nothing to play it lets the device run empty (which is no underrun) and stops ticking until it is woken.
 */
import type { AudioSink, AudioSinkGrant } from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import { FRAMES_PER_SECOND, type Ms, ms, msToFrames, type Us, us } from '#protocol/vocabulary/units';
import type { Mixer } from '../mix/mixer.ts';
import type { TaggedVoice } from '../mix/voice.ts';
import { DEVICE_LOW_MS, OutputStage } from './output-stage.ts';
import type { PlayTag } from './play-tag.ts';
import { Programme } from './programme.ts';
import type { Timeline, TimelinePlace } from './timeline.ts';

/**
 * Most of what playing costs is waking up, so the device is looked at as seldom as is safe: when it is low; earlier when
 * something new will be heard, which is to be told in time. Not less than each 80 ms: of a device that went away is known
 * then when it did, to half of that. Not more than each 10 ms, which gains nothing; each 40 ms while an instant is waited
 * for, since the later a start is placed the better is known how late the device is.
 */
const TICK_MS = { least: 10, most: 80, beforeInstant: 40 } as const;
/** What waits in a device that gives it back: as much as makes looks rare. More would only be decoded in vain at a skip. */
export const RESERVE: Ms = ms(DEVICE_LOW_MS + TICK_MS.most);
/** After the frame that is waited for: reports of devices are rounded. */
const LATER_MS = 1;
const US_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1_000;

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
  /** The same for a device that went away some time since the last look. @returns what was probably heard last */
  lost(): HeardPlace | null;
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
    this.#stage = new OutputStage(
      ports,
      { programme: new Programme(parts.mixer), timeline: parts.timeline },
      {
        latencyFrames: msToFrames(options.latency),
        reserveFrames: msToFrames(RESERVE),
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

  lost(): HeardPlace | null {
    const sinceFrames = ((this.#clock.nowUs() - this.#observedAtUs) * FRAMES_PER_SECOND) / US_PER_SECOND;
    const probablyFrames = Math.floor(this.#timeline.heardFrames + sinceFrames / 2);
    if (this.#isSounding()) this.#timeline.advance(Math.min(this.#stage.sentFrames, probablyFrames), this.#tellBegan);
    const heard = this.heard();
    this.stop();
    return heard;
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
    if ((hasMore || this.#isSounding()) && this.#stage.isOpen && this.#timer === null) {
      this.#schedule(this.#untilNextTick(hasMore));
    }
  }

  /** @param hasMore false: what the device has is the end */
  #untilNextTick(hasMore: boolean): Ms {
    const most = this.#stage.waitsForInstant ? TICK_MS.beforeInstant : TICK_MS.most;
    const untilLow = (this.#stage.bufferedFrames * MS_PER_SECOND) / FRAMES_PER_SECOND - DEVICE_LOW_MS;
    const news =
      this.#timeline.framesToNext() ?? (hasMore ? null : this.#stage.sentFrames - this.#timeline.heardFrames);
    const untilNews = news === null ? most : (news * MS_PER_SECOND) / FRAMES_PER_SECOND + LATER_MS;
    return ms(Math.max(TICK_MS.least, Math.ceil(Math.min(most, untilLow, untilNews))));
  }

  #observe(): void {
    const { delayFrames, atUs } = this.#sink.delay();
    this.#observedAtUs = this.#clock.nowUs();
    const sinceFrames = ((this.#observedAtUs - atUs) * FRAMES_PER_SECOND) / US_PER_SECOND;
    const waiting = Math.max(0, delayFrames - Math.max(0, sinceFrames));
    this.#timeline.advance(Math.floor(this.#stage.sentFrames - waiting), this.#tellBegan);
  }
}
