/**
 * A WAV file as a loudspeaker: it takes sound in real time, so that a file is as long as what was heard (pauses leave no
 * gap in it). The header is brought up to date every few seconds, so that a killed process leaves a file that plays.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { ClockedQueue } from '#device/core/audio/playout/clocked-queue';
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SampleBits,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, ms, msToFrames } from '#protocol/vocabulary/units';
import { WAV_HEADER_BYTES_MAX, wavFrameBytes, wavHeader, wavHeaderBytes } from './wav-header.ts';

const PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
/** What is about to be heard is out of a rewind's reach: 4 ms, as of a sound card. */
const OUT_OF_REACH_FRAMES = msToFrames(ms(4));
const CHANNELS = 2;
/** Sound that a killed process may lose from its file's header. */
const HEADER_EVERY_FRAMES = 5 * FRAMES_PER_SECOND;
/** A WAV file counts its bytes in 32 bits; what comes after is refused rather than written where no player finds it. */
const DATA_BYTES_MAX = 2 ** 32 - 1 - WAV_HEADER_BYTES_MAX;

/** @param path is overwritten when first opened, and continued when opened again */
export function createFileSink(clock: Clock, path: string): AudioSink {
  return new FileSink(clock, path);
}

class FileSink implements AudioSink {
  readonly name: string;
  readonly #clock: Clock;
  readonly #path: string;
  #queue: ClockedQueue | null = null;
  #descriptor: number | null = null;
  #listener: AudioSinkListener | null = null;
  #writtenFrames = 0;
  #headerFrames = 0;
  /** Of the file: as asked for when it was first opened. */
  #bits: SampleBits | null = null;
  #packed = new Uint8Array(0);

  constructor(clock: Clock, path: string) {
    this.#clock = clock;
    this.#path = path;
    this.name = `file:${path}`;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    await this.close();
    try {
      this.#descriptor = openSync(this.#path, this.#bits === null ? 'w' : 'r+');
      this.#bits ??= request.sampleBits;
      this.#writeHeader(this.#descriptor, this.#bits);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      return refused(new TonearmError('sink.unavailable', `cannot write the sound file: ${reason}`, { cause: thrown }));
    }
    this.#listener = listener;
    const bufferFrames = frames(Math.max(PERIOD_FRAMES, msToFrames(request.latency)));
    this.#queue = new ClockedQueue(this.#clock, bufferFrames);
    return ok({
      rate: hz(FRAMES_PER_SECOND),
      channels: 2,
      bufferFrames,
      periodFrames: PERIOD_FRAMES,
      sampleBits: this.#bits,
      canRewind: true,
    });
  }

  writableFrames(): Frames {
    return this.#queue?.room() ?? frames(0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    const taken = frames(Math.min(count, this.writableFrames()));
    const descriptor = this.#descriptor;
    const bits = this.#bits;
    if (descriptor === null || bits === null || taken === 0) return frames(0);
    try {
      const data = this.#pack(samples, taken, bits);
      const at = this.#writtenFrames * wavFrameBytes(bits);
      if (at + data.length > DATA_BYTES_MAX) throw new Error('a WAV file cannot be longer than 4 GiB');
      writeAll(descriptor, data, wavHeaderBytes(bits) + at);
      this.#writtenFrames += taken;
      if (this.#writtenFrames - this.#headerFrames >= HEADER_EVERY_FRAMES) this.#writeHeader(descriptor, bits);
    } catch (thrown) {
      this.#fail(thrown);
      return frames(0);
    }
    this.#queue?.push(taken);
    return taken;
  }

  delay(): AudioSinkDelay {
    return { delayFrames: this.#queue?.waiting() ?? frames(0), atUs: this.#clock.nowUs() };
  }

  rewind(count: Frames): Frames {
    const taken = this.#queue?.rewind(count, OUT_OF_REACH_FRAMES) ?? frames(0);
    // Written over by what comes in its place.
    this.#writtenFrames -= taken;
    return taken;
  }

  drop(): Frames {
    const dropped = this.#queue?.drop() ?? frames(0);
    // What was not heard is written over, or cut off by the header.
    this.#writtenFrames -= dropped;
    return dropped;
  }

  underruns(): number {
    return this.#queue?.underruns ?? 0;
  }

  async drain(): Promise<void> {
    await this.#queue?.drain();
  }

  async close(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#queue?.close();
    this.#queue = null;
    this.#listener = null;
    this.#descriptor = null;
    if (descriptor === null) return;
    try {
      if (this.#bits !== null) this.#writeHeader(descriptor, this.#bits);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Samples as the file has them: 24 bits without the empty byte that the port puts below them. */
  #pack(samples: SinkSamples, count: number, bits: SampleBits): Uint8Array {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, count * CHANNELS * samples.BYTES_PER_ELEMENT);
    if (bits !== 24) return bytes;
    const size = count * wavFrameBytes(bits);
    if (this.#packed.length < size) this.#packed = new Uint8Array(size);
    for (let sample = 0; sample < count * CHANNELS; sample += 1) {
      for (let byte = 0; byte < 3; byte += 1) this.#packed[sample * 3 + byte] = bytes[sample * 4 + 1 + byte] ?? 0;
    }
    return this.#packed.subarray(0, size);
  }

  #writeHeader(descriptor: number, bits: SampleBits): void {
    writeAll(descriptor, wavHeader(this.#writtenFrames, bits), 0);
    this.#headerFrames = this.#writtenFrames;
  }

  #fail(thrown: unknown): void {
    const listener = this.#listener;
    const descriptor = this.#descriptor;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    this.#queue?.close();
    this.#queue = null;
    this.#descriptor = null;
    this.#listener = null;
    if (descriptor !== null) closeSync(descriptor);
    listener?.lost(new TonearmError('sink.lost', `cannot write the sound file any more: ${reason}`, { cause: thrown }));
  }
}

function writeAll(descriptor: number, data: Uint8Array, at: number): void {
  // A short write is legal; two in a row without progress end in an error of the system's.
  for (let done = 0; done < data.length; ) done += writeSync(descriptor, data, done, data.length - done, at + done);
}
