/**
 * A loudspeaker that remembers what it played and when. It can be unplugged, and refuse to open.
 */
import { ClockedQueue } from '#device/core/audio/playout/clocked-queue';
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
import { FRAMES_PER_SECOND, type Frames, frames, hz, ms, msToFrames, type Us } from '#protocol/vocabulary/units';

/** Frames remembered: an hour. What comes after is played and forgotten. */
const RECORDED_FRAMES_MAX = 3_600 * FRAMES_PER_SECOND;
const PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
/** What is about to be heard is out of a rewind's reach: 4 ms, as of a sound card. */
const OUT_OF_REACH_FRAMES = msToFrames(ms(4));
const CHANNELS = 2;

/** Frames heard in a row, without the device standing still in between. */
export interface Run {
  readonly startedAtUs: Us;
  readonly fromFrame: number;
}

export class RecordingSink implements AudioSink {
  readonly name = 'recording';
  readonly #clock: Clock;
  readonly #canRewind: boolean;
  #queue: ClockedQueue | null = null;
  #listener: AudioSinkListener | null = null;
  #recorded = new Int16Array(FRAMES_PER_SECOND * CHANNELS);
  #recordedFrames = 0;
  #runs: Run[] = [];
  #blocked: 'no-room' | 'takes-nothing' | null = null;
  #refusal: string | null = null;
  /** Times it was opened. */
  openings = 0;

  /** @param options.canRewind whether it gives sound back that is not heard yet; it does */
  constructor(clock: Clock, options: { readonly canRewind?: boolean } = {}) {
    this.#clock = clock;
    this.#canRewind = options.canRewind ?? true;
  }

  /** Refuses to open, with these words; null: opens again. */
  refuse(reason: string | null): void {
    this.#refusal = reason;
  }

  /** As a busy sound server: has no room although it plays, or has room and takes nothing; null: takes again. */
  block(how: 'no-room' | 'takes-nothing' | null): void {
    this.#blocked = how;
  }

  /** The cable is pulled: what was not heard is not heard. */
  unplug(): void {
    const listener = this.#listener;
    this.drop();
    this.#shut();
    listener?.lost(new TonearmError('sink.lost', 'unplugged'));
  }

  /** What was written (and not taken back or dropped), interleaved; without the gaps in which the device stood still. */
  recording(): Int16Array {
    return this.#recorded.subarray(0, this.#recordedFrames * CHANNELS);
  }

  recordedFrames(): number {
    return this.#recordedFrames;
  }

  runs(): readonly Run[] {
    return this.#runs;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    this.#shut();
    if (this.#refusal !== null) return refused(new TonearmError('sink.unavailable', this.#refusal));
    this.openings += 1;
    this.#listener = listener;
    const bufferFrames = frames(Math.max(PERIOD_FRAMES, msToFrames(request.latency)));
    this.#queue = new ClockedQueue(this.#clock, bufferFrames);
    return ok({
      rate: hz(FRAMES_PER_SECOND),
      channels: 2,
      bufferFrames,
      periodFrames: PERIOD_FRAMES,
      sampleBits: 16,
      canRewind: this.#canRewind,
    });
  }

  writableFrames(): Frames {
    if (this.#blocked === 'no-room') return frames(0);
    return this.#queue?.room() ?? frames(0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    assert(samples instanceof Int16Array, 'a sink is written as wide as it granted');
    const queue = this.#queue;
    const taken = frames(Math.min(count, this.writableFrames()));
    if (queue === null || taken === 0 || this.#blocked !== null) return frames(0);
    if (queue.waiting() === 0) this.#runs.push({ startedAtUs: this.#clock.nowUs(), fromFrame: this.#recordedFrames });
    queue.push(taken);
    this.#record(samples, taken);
    return taken;
  }

  delay(): AudioSinkDelay {
    return { delayFrames: this.#queue?.waiting() ?? frames(0), atUs: this.#clock.nowUs() };
  }

  rewind(count: Frames): Frames {
    if (!this.#canRewind) return frames(0);
    const taken = this.#queue?.rewind(count, OUT_OF_REACH_FRAMES) ?? frames(0);
    this.#recordedFrames = Math.max(0, this.#recordedFrames - taken);
    return taken;
  }

  drop(): Frames {
    const dropped = this.#queue?.drop() ?? frames(0);
    this.#recordedFrames = Math.max(0, this.#recordedFrames - dropped);
    return dropped;
  }

  underruns(): number {
    return this.#queue?.underruns ?? 0;
  }

  async drain(): Promise<void> {
    await this.#queue?.drain();
  }

  async close(): Promise<void> {
    this.#shut();
  }

  #shut(): void {
    this.#queue?.close();
    this.#queue = null;
    this.#listener = null;
  }

  #record(samples: Int16Array, count: number): void {
    if (this.#recordedFrames + count > RECORDED_FRAMES_MAX) return;
    const needed = (this.#recordedFrames + count) * CHANNELS;
    if (needed > this.#recorded.length) {
      const grown = new Int16Array(needed * 2);
      grown.set(this.recording());
      this.#recorded = grown;
    }
    this.#recorded.set(samples.subarray(0, count * CHANNELS), this.#recordedFrames * CHANNELS);
    this.#recordedFrames += count;
  }
}
