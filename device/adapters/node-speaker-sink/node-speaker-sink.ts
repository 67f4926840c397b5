/**
 * Sound through node-speaker: a second way to ALSA, for whoever trusts it more than ours. It waits where it writes, cannot
 * say how late it is, and can end its process, so it plays in a child (`play-input.ts`) and its delay is told by the clock:
 * sound waits here, where it can be taken back, and is handed over a little before it is due.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
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
import { frames, ms, msToFrames } from '#protocol/vocabulary/units';

const CHANNELS = 2;
/** Sound in the child and its device: enough to bridge two processes' turns on a busy machine. */
const LEAD = ms(60);
/** Starting a process and opening a device; a board takes a second. */
const OPEN_WITHIN_MS = ms(8_000);
/** Last words of the child that are kept for the reason. */
const WORDS_LENGTH_MAX = 500;
const BUILD_HINT = 'node firmware-scripts/bundle/build-speaker-addon.ts';

export interface NodeSpeakerOptions {
  /** Folder that holds `.build/addons`. */
  readonly root: string;
  /** The file that plays: it calls `playInput`. */
  readonly hostPath: string;
  /** An ALSA PCM name. */
  readonly device: string;
}

export function createNodeSpeakerSink(clock: Clock, options: NodeSpeakerOptions): AudioSink {
  return new NodeSpeakerSink(clock, options);
}

interface OpenChild {
  readonly child: ChildProcess;
  readonly sampleBits: SampleBits;
  readonly listener: AudioSinkListener;
  /** Frames handed over that it has not written to its device. */
  underWay: number;
}

class NodeSpeakerSink extends PacedSink {
  readonly name: string;
  readonly #options: NodeSpeakerOptions;
  #open: OpenChild | null = null;
  #generation = 0;

  constructor(clock: Clock, options: NodeSpeakerOptions) {
    super(clock);
    this.#options = options;
    this.name = `speaker:${options.device}`;
  }

  async open(request: AudioSinkRequest, listener: AudioSinkListener): Promise<Result<AudioSinkGrant, TonearmError>> {
    await this.close();
    const mine = this.#generation;
    const { root, hostPath, device } = this.#options;
    const addon = path.join(root, '.build', 'addons', `${process.platform}-${process.arch}`, 'speaker.node');
    if (!existsSync(addon)) return this.#refused(`its addon is not built; for that: ${BUILD_HINT}`);
    const { sampleBits } = request;
    const child = spawn(process.execPath, [hostPath, device, String(sampleBits)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, SPEAKER_BUFFER_MS: String(LEAD) },
    });
    const words = lastWordsOf(child);
    const opened = await this.#untilOpened(child);
    if (mine !== this.#generation || !opened) {
      child.kill('SIGKILL');
      return this.#refused(mine === this.#generation ? words() : 'closed while it was opening');
    }
    const lead = msToFrames(LEAD);
    const capacity = frames(lead + Math.max(2 * PACED_PERIOD_FRAMES, msToFrames(request.latency)));
    const open: OpenChild = { child, sampleBits, listener, underWay: 0 };
    this.#open = open;
    this.#listen(open, words);
    return ok(this.startPacing({ capacity, lead, sampleBits }));
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#generation += 1;
    this.stopPacing();
    if (open === null) return;
    const { child } = open;
    if (child.exitCode !== null || child.signalCode !== null) return;
    // The device is free for the next when the process is gone.
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  #refused(reason: string): Result<never, TonearmError> {
    return refused(new TonearmError('sink.unavailable', `node-speaker on "${this.#options.device}": ${reason}`));
  }

  /** @returns false when it ended, or took too long */
  #untilOpened(child: ChildProcess): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimer('speaker.open', OPEN_WITHIN_MS, () => resolve(false));
      const settle = (isOpen: boolean) => {
        timer.cancel();
        resolve(isOpen);
      };
      child.stdout?.once('data', () => settle(true));
      // Not at its exit: its last words may still be on their way.
      child.once('close', () => settle(false));
      child.once('error', () => settle(false));
    });
  }

  #listen(open: OpenChild, words: () => string): void {
    const { child } = open;
    // That it cannot be written to is said by its end.
    child.stdin?.on('error', () => undefined);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const played = /^played (\d+)$/.exec(line)?.[1];
        if (played === undefined) return;
        open.underWay -= Number(played);
        if (this.#open === open) this.handOverNow();
      });
    }
    child.once('close', () => {
      if (this.#open !== open) return;
      void this.close();
      const message = `node-speaker on "${this.#options.device}" ended: ${words()}`;
      open.listener.lost(new TonearmError('sink.lost', message));
    });
  }

  /** Never more than the lead is under way: a device slower than our clock holds us up instead of falling behind. */
  protected override handOver(buffer: PacedBuffer): void {
    const open = this.#open;
    if (open === null) return;
    for (;;) {
      const allowed = msToFrames(LEAD) - open.underWay;
      const due = buffer.due().subarray(0, Math.max(0, allowed) * CHANNELS);
      const count = due.length / CHANNELS;
      if (count === 0) return;
      open.child.stdin?.write(encodePcm(due, open.sampleBits));
      buffer.handOver(count);
      open.underWay += count;
    }
  }
}

/** Why it ended, as far as it said; else how. */
function lastWordsOf(child: ChildProcess): () => string {
  let words = '';
  child.stderr?.on('data', (piece: Buffer) => {
    words = (words + piece.toString()).slice(-WORDS_LENGTH_MAX);
  });
  child.on('error', (error) => {
    words = error.message;
  });
  return () => words.trim() || `${child.signalCode ?? `exit code ${child.exitCode}`}`;
}
