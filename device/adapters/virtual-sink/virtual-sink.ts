/**
 * A loudspeaker that nobody hears: takes sound in real time on whatever clock it is given. For machines without a sound
 * card and, on a virtual clock, for simulations.
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
import { ok, type Result } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, msToFrames } from '#protocol/vocabulary/units';

/** What the model claims as its period; it is played by the frame. */
const PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
const NOBODY_HEARS = 'this speaker plays on a virtual device that makes no sound';

export function createVirtualSink(clock: Clock): AudioSink {
  return new VirtualSink(clock);
}

class VirtualSink implements AudioSink {
  readonly name = 'virtual';
  readonly #clock: Clock;
  #queue: ClockedQueue | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async open(request: AudioSinkRequest, _listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    this.#queue?.close();
    const bufferFrames = frames(Math.max(PERIOD_FRAMES, msToFrames(request.latency)));
    this.#queue = new ClockedQueue(this.#clock, bufferFrames);
    return ok({
      rate: hz(FRAMES_PER_SECOND),
      channels: 2,
      bufferFrames,
      periodFrames: PERIOD_FRAMES,
      sampleBits: 16,
      canRewind: false,
      problem: new TonearmError('sink.unavailable', NOBODY_HEARS),
    });
  }

  writableFrames(): Frames {
    return this.#queue?.room() ?? frames(0);
  }

  write(_samples: SinkSamples, count: Frames): Frames {
    const taken = frames(Math.min(count, this.writableFrames()));
    this.#queue?.push(taken);
    return taken;
  }

  delay(): AudioSinkDelay {
    return { delayFrames: this.#queue?.waiting() ?? frames(0), atUs: this.#clock.nowUs() };
  }

  rewind(): Frames {
    return frames(0);
  }

  drop(): Frames {
    return this.#queue?.drop() ?? frames(0);
  }

  underruns(): number {
    return this.#queue?.underruns ?? 0;
  }

  async drain(): Promise<void> {
    await this.#queue?.drain();
  }

  async close(): Promise<void> {
    this.#queue?.close();
    this.#queue = null;
  }
}
