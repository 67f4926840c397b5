/**
 * A loudspeaker that nobody hears: takes sound in real time on whatever clock it is given. For machines without a sound
 * card and, on a virtual clock, for simulations. It is no problem where it was chosen; what stands in for a device that
 * does not open is told by whoever put it there.
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
import type { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, ms, msToFrames } from '#protocol/vocabulary/units';

/** What the model claims as its period; it is played by the frame. */
const PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
/** What is about to be heard is out of a rewind's reach: 4 ms, as of a sound card. */
const OUT_OF_REACH_FRAMES = msToFrames(ms(4));

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
      sampleBits: request.sampleBits,
      canRewind: true,
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

  rewind(count: Frames): Frames {
    return this.#queue?.rewind(count, OUT_OF_REACH_FRAMES) ?? frames(0);
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
