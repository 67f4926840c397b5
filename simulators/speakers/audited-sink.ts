/**
 * A loudspeaker for plays of hours: every frame goes to a listener when it is heard, and nothing is kept of it. It can be
 * unplugged, refuse to open, block as a busy sound server does, and take back what is not heard yet.
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
import { FRAMES_PER_SECOND, type Frames, frames, hz, ms, msToFrames } from '#protocol/vocabulary/units';

const PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
/** What is about to be heard is out of a rewind's reach: 4 ms, as of a sound card. */
const OUT_OF_REACH_FRAMES = msToFrames(ms(4));
const CHANNELS = 2;
const US_PER_SECOND = 1_000_000;

export interface AuditedSinkOptions {
  readonly canRewind: boolean;
}

/** @param samples interleaved; `countFrames` of them from `fromFrame` on have just been heard */
export type HeardListener = (samples: Int16Array, fromFrame: number, countFrames: number) => void;

export class AuditedSink implements AudioSink {
  readonly name = 'audited';
  readonly #clock: Clock;
  readonly #options: AuditedSinkOptions;
  readonly #heard: HeardListener;
  #listener: AudioSinkListener | null = null;
  /** What waits, in a row from frame `#head` on; moved to the front when the end is reached. */
  #buffer = new Int16Array(0);
  #head = 0;
  #tail = 0;
  #bufferFrames = 0;
  /** Since when the device has been running, and what of that has been heard; null while it stands. */
  #running: { readonly sinceUs: number; heardFrames: number } | null = null;
  #isDraining = false;
  #underruns = 0;
  #blocked: 'no-room' | 'takes-nothing' | null = null;
  #refusal: string | null = null;
  #drained: (() => void)[] = [];

  /** Frames that came out, whatever they were. */
  heardFrames = 0;

  constructor(clock: Clock, heard: HeardListener, options: AuditedSinkOptions) {
    this.#clock = clock;
    this.#heard = heard;
    this.#options = options;
  }

  /** Refuses to open, with these words; null: opens again. */
  refuse(reason: string | null): void {
    this.#refusal = reason;
  }

  /** Has no room although it plays, or has room and takes nothing; null: takes again. */
  block(how: 'no-room' | 'takes-nothing' | null): void {
    this.#blocked = how;
  }

  /** The cable is pulled: what was not heard is not heard. */
  unplug(): void {
    const listener = this.#listener;
    this.#play();
    this.#shut();
    listener?.lost(new TonearmError('sink.lost', 'unplugged'));
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    this.#shut();
    if (this.#refusal !== null) return refused(new TonearmError('sink.unavailable', this.#refusal));
    this.#listener = listener;
    this.#bufferFrames = Math.max(PERIOD_FRAMES, msToFrames(request.latency));
    this.#buffer = new Int16Array(4 * this.#bufferFrames * CHANNELS);
    this.#underruns = 0;
    return ok({
      rate: hz(FRAMES_PER_SECOND),
      channels: CHANNELS,
      bufferFrames: frames(this.#bufferFrames),
      periodFrames: PERIOD_FRAMES,
      sampleBits: 16,
      canRewind: this.#options.canRewind,
    });
  }

  writableFrames(): Frames {
    this.#play();
    return frames(this.#blocked === 'no-room' || this.#listener === null ? 0 : this.#bufferFrames - this.#waiting());
  }

  write(samples: SinkSamples, count: Frames): Frames {
    assert(samples instanceof Int16Array, 'a sink is written as wide as it granted');
    const taken = Math.min(count, this.writableFrames());
    if (taken === 0 || this.#blocked !== null) return frames(0);
    if ((this.#tail + taken) * CHANNELS > this.#buffer.length) this.#moveToFront();
    this.#buffer.set(samples.subarray(0, taken * CHANNELS), this.#tail * CHANNELS);
    this.#tail += taken;
    this.#isDraining = false;
    this.#running ??= { sinceUs: this.#clock.nowUs(), heardFrames: 0 };
    return frames(taken);
  }

  delay(): AudioSinkDelay {
    this.#play();
    return { delayFrames: frames(this.#waiting()), atUs: this.#clock.nowUs() };
  }

  rewind(count: Frames): Frames {
    this.#play();
    if (!this.#options.canRewind) return frames(0);
    const back = Math.min(count, Math.max(0, this.#waiting() - OUT_OF_REACH_FRAMES));
    this.#tail -= back;
    return frames(back);
  }

  drop(): Frames {
    this.#play();
    const dropped = this.#waiting();
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
    if (this.#waiting() === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  async close(): Promise<void> {
    this.#play();
    this.#shut();
  }

  #waiting(): number {
    return this.#tail - this.#head;
  }

  /** Puts out what is due by now; called before anybody looks. */
  #play(): void {
    const running = this.#running;
    if (running === null) return;
    const elapsedUs = this.#clock.nowUs() - running.sinceUs;
    const due = Math.floor((elapsedUs * FRAMES_PER_SECOND) / US_PER_SECOND) - running.heardFrames;
    const count = Math.min(due, this.#waiting());
    if (count > 0) {
      this.#head += count;
      running.heardFrames += count;
      this.heardFrames += count;
      this.#heard(this.#buffer, this.#head - count, count);
    }
    if (due > count && !this.#isDraining) this.#underruns += 1;
    if (due > count || (this.#isDraining && this.#waiting() === 0)) this.#empty();
  }

  #moveToFront(): void {
    this.#buffer.copyWithin(0, this.#head * CHANNELS, this.#tail * CHANNELS);
    this.#tail -= this.#head;
    this.#head = 0;
  }

  #empty(): void {
    this.#head = 0;
    this.#tail = 0;
    this.#running = null;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #shut(): void {
    this.#empty();
    this.#bufferFrames = 0;
    this.#listener = null;
  }
}
