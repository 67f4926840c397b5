/**
 * A loudspeaker in virtual time that remembers what was heard: frames leave its buffer as fast as a real one's would,
 * and only those that did are in `heard`. Runs dry, can be lost, can be refused.
 */
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { assert, ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, type Ms, ms, msToFrames, us } from '#protocol/vocabulary/units';
import { HeardSound } from './heard-sound.ts';

const CHANNELS = 2;
const US_PER_SECOND = 1_000_000;
/** As a sound card's usual period: 10 ms. */
const PERIOD: Ms = ms(10);
/** What is about to be heard is out of a rewind's reach: 4 ms, as of a sound card. */
const OUT_OF_REACH_FRAMES = msToFrames(ms(4));
/** Opening a device takes a while. */
const OPENING: Ms = ms(20);

interface Written {
  readonly samples: Int16Array;
  countFrames: number;
  takenFrames: number;
}

export class CapturedSink implements AudioSink {
  readonly name = 'virtual';
  readonly heard = new HeardSound();
  readonly #clock: Clock;
  readonly #canRewind: boolean;
  /** Set: the next `open` is refused. */
  isAbsent = false;
  #state: 'closed' | 'running' = 'closed';
  #bufferFrames = 0;
  #waiting: Written[] = [];
  #waitingFrames = 0;
  /** Up to when frames have been taken out; what is not a whole frame is kept for the next time. */
  #playedUntilUs = 0;
  #isDry = true;
  /** `drain` was called after the last write. */
  #isDraining = false;
  #underruns = 0;
  #listener: AudioSinkListener | null = null;
  #drained: (() => void)[] = [];

  /** @param options.canRewind whether it gives sound back that is not heard yet; it does */
  constructor(clock: Clock, options: { readonly canRewind?: boolean } = {}) {
    this.#clock = clock;
    this.#canRewind = options.canRewind ?? true;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    assert(this.#state === 'closed', 'a sink is opened when it is closed');
    await new Promise<void>((resolve) => this.#clock.setTimer('sink opening', OPENING, resolve));
    if (this.isAbsent) return refused(new TonearmError('sink.unavailable', 'no such device'));
    this.#state = 'running';
    this.#listener = listener;
    this.#bufferFrames = msToFrames(request.latency);
    this.#playedUntilUs = this.#clock.nowUs();
    this.#isDry = true;
    this.#underruns = 0;
    return ok({
      rate: hz(FRAMES_PER_SECOND),
      channels: CHANNELS,
      bufferFrames: frames(this.#bufferFrames),
      periodFrames: msToFrames(PERIOD),
      sampleBits: 16,
      canRewind: this.#canRewind,
    });
  }

  writableFrames(): Frames {
    this.#play();
    return frames(this.#state === 'running' ? this.#bufferFrames - this.#waitingFrames : 0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    assert(samples instanceof Int16Array, 'a sink is written as wide as it granted');
    const taken = Math.min(count, this.writableFrames());
    if (taken === 0) return frames(0);
    this.#waiting.push({ samples: samples.slice(0, taken * CHANNELS), countFrames: taken, takenFrames: 0 });
    this.#waitingFrames += taken;
    this.#isDry = false;
    this.#isDraining = false;
    return frames(taken);
  }

  delay(): AudioSinkDelay {
    this.#play();
    return { delayFrames: frames(this.#waitingFrames), atUs: us(Math.floor(this.#playedUntilUs)) };
  }

  rewind(count: Frames): Frames {
    if (!this.#canRewind) return frames(0);
    this.#play();
    const taken = Math.max(0, Math.min(count, this.#waitingFrames - OUT_OF_REACH_FRAMES));
    for (let left = taken; left > 0; ) {
      const newest = this.#waiting.at(-1);
      assert(newest !== undefined, 'what waits is in the queue');
      const off = Math.min(left, newest.countFrames - newest.takenFrames);
      newest.countFrames -= off;
      left -= off;
      if (newest.countFrames === newest.takenFrames) this.#waiting.pop();
    }
    this.#waitingFrames -= taken;
    return frames(taken);
  }

  drop(): Frames {
    this.#play();
    const dropped = this.#waitingFrames;
    this.#empty();
    return frames(dropped);
  }

  underruns(): number {
    this.#play();
    return this.#underruns;
  }

  drain(): Promise<void> {
    this.#play();
    this.#isDraining = true;
    if (this.#waitingFrames === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      const wait = ms((this.#waitingFrames * 1000) / FRAMES_PER_SECOND);
      this.#clock.setTimer('sink draining', wait, () => this.#play());
    });
  }

  async close(): Promise<void> {
    this.#play();
    this.#empty();
    this.#state = 'closed';
    this.#listener = null;
  }

  /** The device is unplugged. */
  lose(): void {
    this.#play();
    this.#empty();
    this.#state = 'closed';
    const listener = this.#listener;
    this.#listener = null;
    listener?.lost(new TonearmError('sink.lost', 'the device was unplugged'));
  }

  /** Puts out what is due by now. Called before anybody looks. */
  #play(): void {
    if (this.#state !== 'running') return;
    const nowUs = this.#clock.nowUs();
    let due = Math.floor(((nowUs - this.#playedUntilUs) * FRAMES_PER_SECOND) / US_PER_SECOND);
    while (due > 0) {
      const head = this.#waiting[0];
      if (head === undefined) {
        this.#runDry(due);
        return;
      }
      const count = Math.min(due, head.countFrames - head.takenFrames);
      this.heard.hear(head.samples, head.takenFrames, count, us(Math.round(this.#playedUntilUs)));
      head.takenFrames += count;
      this.#waitingFrames -= count;
      this.#playedUntilUs += (count * US_PER_SECOND) / FRAMES_PER_SECOND;
      due -= count;
      if (head.takenFrames === head.countFrames) this.#waiting.shift();
    }
    if (this.#waitingFrames === 0) this.#tellDrained();
  }

  #runDry(missingFrames: number): void {
    if (!this.#isDry) {
      this.#isDry = true;
      // Played out because it was asked to: nothing is missing.
      if (!this.#isDraining) this.#underruns += 1;
      this.#tellDrained();
    }
    this.heard.hearSilence(missingFrames);
    this.#playedUntilUs = this.#clock.nowUs();
  }

  #tellDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #empty(): void {
    this.#waiting = [];
    this.#waitingFrames = 0;
    this.#isDry = true;
    this.#tellDrained();
  }
}
