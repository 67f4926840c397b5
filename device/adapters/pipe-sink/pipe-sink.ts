/**
 * Raw sound for another program: to standard output or to a named pipe, in real time by the clock, never waiting for the
 * reader. A reader that is gone is a lost device; one that is slow is waited for, and then what it missed is an underrun.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { encodePcm } from '#device/core/audio/playout/encode-pcm';
import type { PacedBuffer } from '#device/core/audio/playout/paced-buffer';
import { PACED_PERIOD_FRAMES, PacedSink } from '#device/core/audio/playout/paced-sink';
import type {
  AudioSink,
  AudioSinkGrant,
  AudioSinkListener,
  AudioSinkRequest,
  SampleBits,
} from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { frames, msToFrames } from '#protocol/vocabulary/units';

const CHANNELS = 2;
/** Handed over this long before it is due, so that a reader need not wait for a timer of ours. */
const LEAD_FRAMES = PACED_PERIOD_FRAMES;
const STDOUT = 1;
/** The same pipe with a setting of its own: that of standard output is shared with whoever else holds it. */
const STDOUT_PATH = '/proc/self/fd/1';

/** @param path a named pipe (or any file); null for standard output */
export function createPipeSink(clock: Clock, path: string | null): AudioSink {
  return new PipeSink(clock, path);
}

interface OpenPipe {
  readonly descriptor: number;
  readonly sampleBits: SampleBits;
  readonly listener: AudioSinkListener;
}

class PipeSink extends PacedSink {
  readonly name: string;
  readonly #path: string | null;
  #open: OpenPipe | null = null;
  /** Bytes that the reader had no room for. */
  #unsent: Uint8Array = new Uint8Array();

  constructor(clock: Clock, path: string | null) {
    super(clock);
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
    this.#open = { descriptor, sampleBits, listener };
    const capacity = frames(Math.max(2 * LEAD_FRAMES, msToFrames(request.latency)));
    return ok(this.startPacing({ capacity, lead: LEAD_FRAMES, sampleBits }));
  }

  override async drain(): Promise<void> {
    await super.drain();
    this.handOverNow();
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#unsent = new Uint8Array();
    this.stopPacing();
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

  protected override handOver(buffer: PacedBuffer): void {
    const open = this.#open;
    if (open === null) return;
    try {
      while (this.#send(open)) {
        const due = buffer.due();
        if (due.length === 0) return;
        this.#unsent = encodePcm(due, open.sampleBits);
        buffer.handOver(due.length / CHANNELS);
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
