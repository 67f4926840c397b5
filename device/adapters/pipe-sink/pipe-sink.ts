/**
 * Raw sound for another program: to standard output or to a named pipe, in real time by the clock, never waiting for the
 * reader. A reader that is gone is a lost device; one that is slow is waited for, and then what it missed is an underrun.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { encodePcm } from '#device/core/audio/playout/encode-pcm';
import { PacedBuffer } from '#device/core/audio/playout/paced-buffer';
import type {
  AudioSink,
  AudioSinkDelay,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SinkSamples,
} from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, type Frames, frames, hz, ms, msToFrames } from '#protocol/vocabulary/units';

const CHANNELS = 2;
const PERIOD_FRAMES = frames(FRAMES_PER_SECOND / 100);
/** Handed over this long before it is due, so that a reader need not wait for a timer of ours. */
const LEAD_FRAMES = PERIOD_FRAMES;
const HAND_OVER_EVERY_MS = ms(10);
const STDOUT = 1;
/** The same pipe with a setting of its own: that of standard output is shared with whoever else holds it. */
const STDOUT_PATH = '/proc/self/fd/1';

/** @param path a named pipe (or any file); null for standard output */
export function createPipeSink(clock: Clock, path: string | null): AudioSink {
  return new PipeSink(clock, path);
}

interface OpenPipe {
  readonly descriptor: number;
  readonly buffer: PacedBuffer;
  readonly sampleBits: 16 | 24 | 32;
  readonly listener: AudioSinkListener;
}

class PipeSink implements AudioSink {
  readonly name: string;
  readonly #clock: Clock;
  readonly #path: string | null;
  #open: OpenPipe | null = null;
  #timer: Timer | null = null;
  /** Bytes that the reader had no room for. */
  #unsent: Uint8Array = new Uint8Array();

  constructor(clock: Clock, path: string | null) {
    this.#clock = clock;
    this.#path = path;
    this.name = path === null ? 'pipe' : `pipe:${path}`;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    await this.close();
    let descriptor: number;
    try {
      descriptor = this.#openDescriptor();
    } catch (thrown) {
      const message = `cannot write to ${this.#title()}: ${reasonOf(thrown)}`;
      return refused(new TonearmError('sink.unavailable', message, { cause: thrown }));
    }
    const { sampleBits } = request;
    const bufferFrames = frames(Math.max(2 * LEAD_FRAMES, msToFrames(request.latency)));
    const buffer = new PacedBuffer(this.#clock, { capacity: bufferFrames, lead: LEAD_FRAMES, sampleBits });
    this.#open = { descriptor, buffer, sampleBits, listener };
    this.#armTimer();
    return ok({
      rate: hz(FRAMES_PER_SECOND),
      channels: CHANNELS,
      bufferFrames,
      periodFrames: PERIOD_FRAMES,
      sampleBits,
      canRewind: true,
    });
  }

  writableFrames(): Frames {
    return this.#open?.buffer.room() ?? frames(0);
  }

  write(samples: SinkSamples, count: Frames): Frames {
    const taken = this.#open?.buffer.write(samples, count) ?? frames(0);
    if (taken > 0) this.#handOver();
    return this.#open === null ? frames(0) : taken;
  }

  delay(): AudioSinkDelay {
    return { delayFrames: this.#open?.buffer.waiting() ?? frames(0), atUs: this.#clock.nowUs() };
  }

  rewind(count: Frames): Frames {
    return this.#open?.buffer.rewind(count) ?? frames(0);
  }

  drop(): Frames {
    return this.#open?.buffer.drop() ?? frames(0);
  }

  underruns(): number {
    return this.#open?.buffer.underruns ?? 0;
  }

  async drain(): Promise<void> {
    await this.#open?.buffer.drain();
    this.#handOver();
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#timer?.cancel();
    this.#timer = null;
    this.#unsent = new Uint8Array();
    open?.buffer.close();
    if (open !== null) closeSync(open.descriptor);
  }

  /** @throws what the system says, or why it is no place for sound */
  #openDescriptor(): number {
    if (this.#path === null && isatty(STDOUT)) throw new Error('it is a terminal; put `| player` behind it');
    const flags = constants.O_WRONLY | constants.O_NONBLOCK;
    try {
      return openSync(this.#path ?? STDOUT_PATH, flags);
    } catch (thrown) {
      const isUnread = (thrown as NodeJS.ErrnoException).code === 'ENXIO';
      if (!isUnread) throw thrown;
      const isSocket = this.#path === null && fstatSync(STDOUT).isSocket();
      throw new Error(isSocket ? 'it is a socket, not a pipe' : 'nobody reads it', { cause: thrown });
    }
  }

  #title(): string {
    return this.#path === null ? 'standard output' : `the pipe ${JSON.stringify(this.#path)}`;
  }

  #armTimer(): void {
    this.#timer = this.#clock.setTimer('pipe.hand-over', HAND_OVER_EVERY_MS, () => {
      this.#handOver();
      if (this.#open !== null) this.#armTimer();
    });
  }

  #handOver(): void {
    const open = this.#open;
    if (open === null) return;
    try {
      while (this.#send(open)) {
        const due = open.buffer.due();
        if (due.length === 0) return;
        this.#unsent = encodePcm(due, open.sampleBits);
        open.buffer.handOver(due.length / CHANNELS);
      }
    } catch (thrown) {
      void this.close();
      const message = `cannot write to ${this.#title()} any more: ${reasonOf(thrown)}`;
      open.listener.lost(new TonearmError('sink.lost', message, { cause: thrown }));
    }
  }

  /** @returns whether everything that was meant to go has gone */
  #send(open: OpenPipe): boolean {
    while (this.#unsent.length > 0) {
      let sent: number;
      try {
        sent = writeSync(open.descriptor, this.#unsent);
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === 'EAGAIN') return false;
        throw thrown;
      }
      this.#unsent = this.#unsent.subarray(sent);
    }
    return true;
  }
}

function reasonOf(thrown: unknown): string {
  if ((thrown as NodeJS.ErrnoException).code === 'EPIPE') return 'its reader is gone';
  return thrown instanceof Error ? thrown.message : String(thrown);
}
