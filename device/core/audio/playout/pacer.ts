/**
 * Keeps the device fed, and knows what is heard.
 *
 * Each tick it writes what the sink takes, up to the latency that was chosen, and asks how much of it is still waiting.
 * With nothing to play it lets the device run empty (which is no underrun) and stops ticking until it is woken.
 */
import type { AudioSink, AudioSinkGrant } from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import { FRAMES_PER_SECOND, frames, type Ms, ms } from '#protocol/vocabulary/units';
import type { Mixer } from '../mix/mixer.ts';
import type { Quantiser } from '../mix/quantiser.ts';
import { BLOCK_FRAMES } from '../mix/voice.ts';
import type { PlayTag } from './play-tag.ts';
import type { HeardPlace, Timeline } from './timeline.ts';

/** A block's length: finer gains nothing at these latencies, coarser eats into them. */
export const TICK_MS = ms(10);
const CHANNELS = 2;
const US_PER_SECOND = 1_000_000;

export interface PacerListener {
  /** The first frame of something new has been heard. */
  began(tag: PlayTag): void;
  /** Once per tick, after writing: `mixer.status` and `heard` are fresh. */
  ticked(): void;
}

export interface Pacer {
  /** The device is open: begins to feed it. */
  start(grant: AudioSinkGrant): void;
  /** There may be something to play again. Harmless at any time. */
  wake(): void;
  /** Leaves the device alone; what it held counts as not heard. */
  stop(): void;
  heard(): HeardPlace | null;
  isAllHeard(): boolean;
}

export function createPacer(
  ports: { readonly clock: Clock; readonly sink: AudioSink },
  parts: { readonly mixer: Mixer; readonly quantiser: Quantiser; readonly timeline: Timeline },
  listener: PacerListener,
  options: { readonly latency: Ms },
): Pacer {
  return new TickingPacer(ports, parts, listener, options);
}

class TickingPacer implements Pacer {
  readonly #clock: Clock;
  readonly #sink: AudioSink;
  readonly #mixer: Mixer;
  readonly #quantiser: Quantiser;
  readonly #timeline: Timeline;
  readonly #listener: PacerListener;
  readonly #latencyFrames: number;
  readonly #mixed = new Float32Array(BLOCK_FRAMES * CHANNELS);
  /** Quantised and not taken by the sink yet: `#pendingFrames` of them from the front. */
  readonly #pending = new Int16Array(BLOCK_FRAMES * CHANNELS);
  #pendingFrames = 0;
  #grant: AudioSinkGrant | null = null;
  #timer: Timer | null = null;
  #isDraining = false;
  #hasRun = false;

  constructor(
    ports: { readonly clock: Clock; readonly sink: AudioSink },
    parts: { readonly mixer: Mixer; readonly quantiser: Quantiser; readonly timeline: Timeline },
    listener: PacerListener,
    options: { readonly latency: Ms },
  ) {
    this.#clock = ports.clock;
    this.#sink = ports.sink;
    this.#mixer = parts.mixer;
    this.#quantiser = parts.quantiser;
    this.#timeline = parts.timeline;
    this.#listener = listener;
    this.#latencyFrames = Math.ceil((options.latency * FRAMES_PER_SECOND) / 1000);
  }

  start(grant: AudioSinkGrant): void {
    this.#grant = grant;
    this.wake();
  }

  wake(): void {
    if (this.#grant === null) return;
    // A tick that is due later is brought forward: who wakes wants to be heard now.
    this.#timer?.cancel();
    this.#schedule(ms(0));
  }

  stop(): void {
    this.#grant = null;
    this.#timer?.cancel();
    this.#timer = null;
    this.#pendingFrames = 0;
    this.#isDraining = false;
    this.#hasRun = false;
    this.#timeline.forget();
  }

  heard(): HeardPlace | null {
    return this.#timeline.place();
  }

  isAllHeard(): boolean {
    return this.#timeline.isAllHeard;
  }

  #schedule(delay: Ms): void {
    this.#timer = this.#clock.setTimer('playout.tick', delay, () => {
      this.#timer = null;
      this.#tick();
    });
  }

  #tick(): void {
    const grant = this.#grant;
    if (grant === null) return;
    const hasMore = this.#feed(grant);
    this.#observe();
    this.#listener.ticked();
    if ((hasMore || !this.#timeline.isAllHeard) && this.#grant !== null && this.#timer === null)
      this.#schedule(TICK_MS);
  }

  /** @returns false when there is nothing more to play; a device that takes nothing just now is asked again */
  #feed(grant: AudioSinkGrant): boolean {
    let room = this.#room(grant);
    while (room > 0) {
      if (this.#pendingFrames === 0 && !this.#mixNext(Math.min(room, BLOCK_FRAMES))) return false;
      const taken = this.#sink.write(this.#pending, frames(Math.min(room, this.#pendingFrames)));
      if (taken === 0) return true;
      this.#dropTaken(taken);
      room -= taken;
    }
    return true;
  }

  /** Frames that may be written so that no more than the latency waits in the device. */
  #room(grant: AudioSinkGrant): number {
    const writable = this.#sink.writableFrames();
    const waiting = grant.bufferFrames - writable;
    return Math.min(writable, Math.max(grant.periodFrames, this.#latencyFrames) - waiting);
  }

  /** False when there is nothing to play; the device may then run empty. */
  #mixNext(count: number): boolean {
    const rendered = this.#mixer.render(this.#mixed, count);
    if (rendered === 0) {
      if (this.#hasRun && !this.#isDraining) {
        this.#isDraining = true;
        void this.#sink.drain();
      }
      return false;
    }
    this.#hasRun = true;
    this.#isDraining = false;
    this.#quantiser.quantise(this.#mixed, this.#pending, rendered * CHANNELS);
    this.#pendingFrames = rendered;
    return true;
  }

  #dropTaken(taken: number): void {
    if (taken < this.#pendingFrames) this.#pending.copyWithin(0, taken * CHANNELS, this.#pendingFrames * CHANNELS);
    this.#pendingFrames -= taken;
  }

  #observe(): void {
    const { delayFrames, atUs } = this.#sink.delay();
    const sinceFrames = ((this.#clock.nowUs() - atUs) * FRAMES_PER_SECOND) / US_PER_SECOND;
    const waiting = Math.max(0, delayFrames - Math.max(0, sinceFrames)) + this.#pendingFrames;
    const heard = Math.floor(this.#timeline.writtenFrames - waiting);
    this.#timeline.advance(heard, (tag) => this.#listener.began(tag));
  }
}
