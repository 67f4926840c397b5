/**
 * The first device that opens, else a silent stand-in that says plainly why there is no sound: a speaker without a sound
 * card still plays its part in the household. Each opening tries the devices again.
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

/** @param candidates tried in this order, at least one; the last one's reason is told when none opens */
export function createFallbackSink(candidates: readonly [AudioSink, ...AudioSink[]], standIn: AudioSink): AudioSink {
  return new FallbackSink(candidates, standIn);
}

class FallbackSink implements AudioSink {
  readonly #candidates: readonly AudioSink[];
  readonly #standIn: AudioSink;
  #chosen: AudioSink;

  constructor(candidates: readonly [AudioSink, ...AudioSink[]], standIn: AudioSink) {
    this.#candidates = candidates;
    this.#standIn = standIn;
    this.#chosen = candidates[0];
  }

  get name(): string {
    return this.#chosen.name;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    await this.close();
    let reason: TonearmError | null = null;
    for (const candidate of this.#candidates) {
      this.#chosen = candidate;
      const outcome = await candidate.open(request, listener);
      if (outcome.ok) return outcome;
      reason = outcome.error;
    }
    this.#chosen = this.#standIn;
    const silent = await this.#standIn.open(request, listener);
    if (!silent.ok || reason === null) return silent;
    const problem = new TonearmError('sink.unavailable', reason.message, { cause: reason });
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
