/**
 * The device if it opens, else a silent stand-in that says plainly why there is no sound: a speaker without a sound card
 * still plays its part in the household. Each opening tries the device again.
 */
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result } from '#protocol/vocabulary/result';
import type { Frames } from '#protocol/vocabulary/units';

export function createFallbackSink(preferred: AudioSink, standIn: AudioSink): AudioSink {
  return new FallbackSink(preferred, standIn);
}

class FallbackSink implements AudioSink {
  readonly #preferred: AudioSink;
  readonly #standIn: AudioSink;
  #chosen: AudioSink;

  constructor(preferred: AudioSink, standIn: AudioSink) {
    this.#preferred = preferred;
    this.#standIn = standIn;
    this.#chosen = preferred;
  }

  get name(): string {
    return this.#chosen.name;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    await this.close();
    this.#chosen = this.#preferred;
    const outcome = await this.#preferred.open(request, listener);
    if (outcome.ok) return outcome;
    this.#chosen = this.#standIn;
    const silent = await this.#standIn.open(request, listener);
    if (!silent.ok) return silent;
    const problem = new TonearmError('sink.unavailable', outcome.error.message, { cause: outcome.error });
    return ok({ ...silent.value, problem });
  }

  writableFrames(): Frames {
    return this.#chosen.writableFrames();
  }

  write(samples: SinkSamples, count: Frames): Frames {
    return this.#chosen.write(samples, count);
  }

  delay(): AudioSinkDelay {
    return this.#chosen.delay();
  }

  rewind(count: Frames): Frames {
    return this.#chosen.rewind(count);
  }

  drop(): Frames {
    return this.#chosen.drop();
  }

  underruns(): number {
    return this.#chosen.underruns();
  }

  drain(): Promise<void> {
    return this.#chosen.drain();
  }

  close(): Promise<void> {
    return this.#chosen.close();
  }
}
