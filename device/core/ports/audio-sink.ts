/**
 * Where blocks are played: a sound card, a file, or a model of one.
 *
 * Never blocks: the pacer asks `writableFrames`, writes at most that, and comes back after a while.
 * Frames written are heard in order, each once, `delayFrames` after they were written, unless `rewind` or `drop` is called.
 * After `close` or `lost` every call but `close` is refused by doing nothing (`write` takes 0 frames).
 */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { Frames, Hz, Ms, Us } from '#protocol/vocabulary/units';

/** Bits of a sample that the device keeps apart. */
export type SampleBits = 16 | 24 | 32;

/** Interleaved signed samples: 16 bits as they are; 24 and 32 bits left-aligned, full scale ±2³¹ (of 24 the lowest 8 bits are 0). */
export type SinkSamples = Int16Array | Int32Array;

export interface AudioSinkRequest {
  readonly rate: Hz;
  readonly channels: 2;
  /** How much sound may wait in the device; the latency of every change that cannot be made in the device. */
  readonly latency: Ms;
  /** The same for a device that gives sound back, where no change waits for it; absent: as `latency`. A device may ignore it. */
  readonly reserve?: Ms;
  /** Wished for; what is granted may be less. */
  readonly sampleBits: SampleBits;
}

/** What the device gave; may differ from what was asked. */
export interface AudioSinkGrant {
  readonly rate: Hz;
  readonly channels: 2;
  readonly bufferFrames: Frames;
  readonly periodFrames: Frames;
  readonly sampleBits: SampleBits;
  /** Whether `rewind` takes anything back; what changes is else heard `latency` later, or after a `drop`. */
  readonly canRewind: boolean;
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
   * @param samples as wide as was granted, at least `count` × channels long; not kept after the call
   * @returns frames taken, from the front
   */
  write(samples: SinkSamples, count: Frames): Frames;
  delay(): AudioSinkDelay;
  /**
   * Takes back the newest `count` frames that are not heard yet, so that others can be written in their place: what stays
   * and what is then written are heard without a break. May take back fewer, since what is about to be heard is out of
   * reach; how near that is, is the device's to know (2 to 10 ms). Write at once: where nothing is written, a device may
   * take some milliseconds to put silence there.
   * @returns frames taken back; 0 where the device cannot
   */
  rewind(count: Frames): Frames;
  /** Throws away what is not heard yet: silence at once, and perhaps a click. @returns frames thrown away, so that the position stays right */
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
