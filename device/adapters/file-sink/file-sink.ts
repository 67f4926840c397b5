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
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, msToFrames } from '#protocol/vocabulary/units';
import { WAV_HEADER_BYTES, wavHeader } from './wav-header.ts';

const PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
const FRAME_BYTES = 4;
/** Sound that a killed process may lose from its file's header. */
const HEADER_EVERY_FRAMES = 5 * FRAMES_PER_SECOND;
/** A WAV file counts its bytes in 32 bits; what comes after is refused rather than written where no player finds it. */
const DATA_BYTES_MAX = 2 ** 32 - 1 - WAV_HEADER_BYTES;

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
  #hasOpened = false;

  constructor(clock: Clock, path: string) {
    this.#clock = clock;
    this.#path = path;
    this.name = `file:${path}`;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    await this.close();
    try {
      this.#descriptor = openSync(this.#path, this.#hasOpened ? 'r+' : 'w');
      this.#hasOpened = true;
      this.#writeHeader(this.#descriptor);
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
      sampleBits: 16,
      canRewind: false,
    });
  }

  writableFrames(): Frames {
    return this.#queue?.room() ?? frames(0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    const taken = frames(Math.min(count, this.writableFrames()));
    const descriptor = this.#descriptor;
    if (descriptor === null || taken === 0) return frames(0);
    try {
      const at = WAV_HEADER_BYTES + this.#writtenFrames * FRAME_BYTES;
      if (at + taken * FRAME_BYTES > DATA_BYTES_MAX) throw new Error('a WAV file cannot be longer than 4 GiB');
      writeAll(descriptor, Buffer.from(samples.buffer, samples.byteOffset, taken * FRAME_BYTES), at);
      this.#writtenFrames += taken;
      if (this.#writtenFrames - this.#headerFrames >= HEADER_EVERY_FRAMES) this.#writeHeader(descriptor);
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

  rewind(): Frames {
    return frames(0);
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
      this.#writeHeader(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  #writeHeader(descriptor: number): void {
    writeAll(descriptor, wavHeader(this.#writtenFrames), 0);
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
