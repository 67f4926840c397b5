/**
 * Records what a sink played. Knows when each sample was heard: parec hands over small blocks, and the arrival of the
 * promptest ones ties sample numbers to the clock (the 20th percentile of arrival − index ÷ rate, so that one late
 * block does not move the ruler).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export const RECORDING_RATE_HZ = 48_000;
const BLOCK_MS = 5;
const BYTES_PER_FRAME = 4;
/** Ten minutes: a recorder that is forgotten must not eat the machine. */
const FRAMES_MAX = 10 * 60 * RECORDING_RATE_HZ;
const ONTIME_PERCENTILE = 0.2;

/** What was heard: interleaved stereo at 48 kHz, and when its first frame was (ms, on `performance.now()`). */
export interface Recording {
  readonly samples: Int16Array;
  readonly frameCount: number;
  readonly startedAtMs: number;
}

/** The latest part of a recording, timed by its own blocks alone: a long recording creeps by some ms. */
export interface RecordedStretch extends Recording {
  /** How much later blocks came in one half than in the other: above 1 ms the machine stalled, and no time is right. */
  readonly jumpMs: number;
  /** How much later than its time the latest block came: as long as the machine, or this process, stood still. */
  readonly stallMs: number;
}

export class Recorder {
  readonly #child: ChildProcess;
  readonly #blocks: Buffer[] = [];
  readonly #arrivals: number[] = [];
  /** Byte at which each block begins. */
  readonly #starts: number[] = [];
  readonly #running: Promise<void>;
  #bytes = 0;

  constructor(device: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn(
      'parec',
      [
        '--raw',
        '-d',
        device,
        '--format=s16le',
        `--rate=${RECORDING_RATE_HZ}`,
        '--channels=2',
        `--latency-msec=${BLOCK_MS}`,
      ],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const output = this.#child.stdout;
    if (output === null) throw new Error('parec has no stdout');
    output.on('data', (block: Buffer) => this.#heard(block));
    this.#running = Promise.race([
      once(output, 'data').then(() => undefined),
      once(this.#child, 'exit').then(() => {
        throw new Error(`parec ended before it recorded anything from ${device}`);
      }),
    ]);
    this.#running.catch(() => undefined);
  }

  untilRunning(): Promise<void> {
    return this.#running;
  }

  /** Frames recorded so far: a mark in the recording for "now", a few ms late. */
  mark(): number {
    return Math.floor(this.#bytes / BYTES_PER_FRAME);
  }

  /** Resolves when `frames` more than now have been recorded: waiting in the recording's own time. */
  async waitFrames(frames: number): Promise<void> {
    const goal = this.mark() + frames;
    while (this.mark() < goal) {
      if (this.#child.stdout === null) return;
      await once(this.#child.stdout, 'data');
    }
  }

  /** What was recorded from that frame on until now; its frame 0 is `fromFrame`. Cheap, however long the recording is. */
  stretch(fromFrame: number): RecordedStretch {
    const fromByte = fromFrame * BYTES_PER_FRAME;
    let first = this.#blocks.length;
    while (first > 0 && (this.#starts[first] ?? this.#bytes) > fromByte) first -= 1;
    const skipped = fromByte - (this.#starts[first] ?? fromByte);
    const samples = samplesOf(Buffer.concat(this.#blocks.slice(first)).subarray(skipped));
    const arrivals = this.#arrivals.slice(first);
    const half = arrivals.length >> 1;
    const promptestMs = promptest(arrivals);
    return {
      samples,
      frameCount: samples.length / 2,
      startedAtMs: promptestMs + (fromFrame / RECORDING_RATE_HZ) * 1000,
      stallMs: arrivals.reduce((most, arrival) => Math.max(most, arrival - promptestMs), 0),
      jumpMs: Math.abs(promptest(arrivals.slice(0, half)) - promptest(arrivals.slice(half))),
    };
  }

  /** What was recorded until now; recording goes on. */
  snapshot(): Recording {
    const samples = samplesOf(Buffer.concat(this.#blocks));
    return { samples, frameCount: samples.length / 2, startedAtMs: promptest(this.#arrivals) };
  }

  async stop(): Promise<Recording> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    return this.snapshot();
  }

  #heard(block: Buffer): void {
    if (this.#bytes / BYTES_PER_FRAME >= FRAMES_MAX) return;
    this.#blocks.push(block);
    this.#starts.push(this.#bytes);
    // A null sink hands a block over when its first sample is due.
    this.#arrivals.push(performance.now() - (this.#bytes / BYTES_PER_FRAME / RECORDING_RATE_HZ) * 1000);
    this.#bytes += block.length;
  }
}

/** Whole frames of what parec wrote, which is in the byte order of the machine. */
function samplesOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(Math.floor(bytes.length / BYTES_PER_FRAME) * 2);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  return samples;
}

function promptest(arrivals: readonly number[]): number {
  const sorted = [...arrivals].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * ONTIME_PERCENTILE)] ?? 0;
}
