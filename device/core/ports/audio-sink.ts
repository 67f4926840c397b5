/**
 * Where blocks are played: a sound card, a file, or a model of one.
 *
 * Never blocks: the pacer asks `writableFrames`, writes at most that, and comes back after a while.
 * Frames written are heard in order, each once, `delayFrames` after they were written, unless `drop` is called.
 * After `close` or `lost` every call but `close` is refused by doing nothing (`write` takes 0 frames).
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { Frames, Hz, Ms, Us } from '#protocol/vocabulary/units';

export interface AudioSinkRequest {
  readonly rate: Hz;
  readonly channels: 2;
  /** How much sound may wait in the device; the latency of every change that cannot be made in the device. */
  readonly latency: Ms;
}

/** What the device gave; may differ from what was asked. */
export interface AudioSinkGrant {
  readonly rate: Hz;
  readonly channels: 2;
  readonly bufferFrames: Frames;
  readonly periodFrames: Frames;
  /** Why nobody will hear it although it opened (a silent stand-in for a device that is not there). */
  readonly problem?: TonearmError;
}

export interface AudioSinkDelay {
  /** Frames written that are not heard yet. */
  readonly delayFrames: Frames;
  /** When that was true, on the Clock given to the sink. */
  readonly atUs: Us;
}

export interface AudioSink {
  /** For people and logs: `alsa:default`, `file:/tmp/a.wav`, `virtual`. May change at `open` when a sink chooses among several. */
  readonly name: string;
  /** Opens the device. Refused with `sink.unavailable` and the reason in words. May be called again after `lost` or `close`. */
  open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>>;
  writableFrames(): Frames;
  /**
   * Takes interleaved signed 16-bit samples.
   * @param samples at least `count` × channels long; not kept after the call
   * @returns frames taken, from the front
   */
  write(samples: Int16Array, count: Frames): Frames;
  delay(): AudioSinkDelay;
  /** Throws away what is not heard yet. @returns frames thrown away, so that the position stays right */
  drop(): Frames;
  /** Times the device ran dry while it should have been playing, since `open`. */
  underruns(): number;
  /** Plays what was written, then resolves; at once when nothing is waiting. */
  drain(): Promise<void>;
  /** Twice is harmless. */
  close(): Promise<void>;
}

export interface AudioSinkListener {
  /** The device went away (`sink.lost`); nothing more is heard until `open` is called again. */
  lost(error: TonearmError): void;
}
