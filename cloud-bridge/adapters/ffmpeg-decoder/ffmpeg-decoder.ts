/**
 * Decodes anything through ffmpeg, as a child process: what hangs or crashes there, hangs or crashes there only.
 * Resampling is soxr's where this ffmpeg has it.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type AudioDecoder, PCM_PIECE_SAMPLES_MAX } from '#bridge/core/ports/audio-decoder';
import type { Clock, Timer } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** Without a byte of output for so long, it hangs and is killed. A network drive may wake up within it. */
const STALL_MS = ms(30_000);
/** Kept of what it complains. */
const COMPLAINT_CHARACTERS_MAX = 4_000;
const REASON_CHARACTERS_MAX = 300;
const FRAME_BYTES = 4;
/** Containers of music, by ffmpeg's names; it recognises some hundred others. */
const FORMATS = 'flac,ogg,mp3,wav,w64,aiff,aac,mov,caf';
/**
 * Any loudspeakers to two, as `stereo-48k.ts` does it: those that a file lacks count nothing, and `<` scales the rest so
 * that nothing overloads. ffmpeg's own way would play mono 3 dB softer than it is.
 */
const TO_STEREO =
  'pan=stereo|FL<FL+0.7071*FC+0.7071*BL+0.7071*SL+0.7071*BC|FR<FR+0.7071*FC+0.7071*BR+0.7071*SR+0.7071*BC';

export interface FfmpegOptions {
  readonly program: string;
  readonly hasSoxr: boolean;
  readonly stallMs?: Ms;
}

/** @returns null when there is no ffmpeg under that name. Blocks for some tens of milliseconds. */
export function findFfmpeg(program: string): FfmpegOptions | null {
  const answer = spawnSync(program, ['-hide_banner', '-buildconf'], { encoding: 'utf8', timeout: 5_000 });
  if (answer.status !== 0) return null;
  return { program, hasSoxr: answer.stdout.includes('--enable-libsoxr') };
}

export class FfmpegDecoder implements AudioDecoder {
  readonly #clock: Clock;
  readonly #options: FfmpegOptions;

  constructor(clock: Clock, options: FfmpegOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  async *decode(path: string): AsyncGenerator<Int16Array> {
    const child = spawn(this.#options.program, this.#argumentsFor(path), { stdio: ['ignore', 'pipe', 'pipe'] });
    const run = new FfmpegRun(child, this.#clock, this.#options.stallMs ?? STALL_MS, path);
    try {
      yield* run.samples();
      const failure = await run.failure();
      if (failure !== null) throw new TonearmError('ingest.unreadable-file', failure);
    } finally {
      run.end();
    }
  }

  #argumentsFor(path: string): readonly string[] {
    const resampler = this.#options.hasSoxr ? ':resampler=soxr:precision=28' : '';
    return [
      ...['-hide_banner', '-nostdin', '-v', 'error'],
      // A play list dressed up as music must not make it fetch addresses or read other files.
      ...['-protocol_whitelist', 'file', '-format_whitelist', FORMATS],
      // A name that begins with a dash or looks like an address is still the name of a file.
      ...['-i', `file:${path}`],
      ...['-map', '0:a:0', '-vn', '-sn', '-dn'],
      ...['-af', `${TO_STEREO},aresample=48000${resampler}`, '-f', 's16le', '-ar', '48000', '-ac', '2', 'pipe:1'],
    ];
  }
}

/** One child, its watch and its last words. */
class FfmpegRun {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #clock: Clock;
  readonly #stallMs: Ms;
  readonly #path: string;
  readonly #exited: Promise<number | null>;
  #watch: Timer;
  #complaint = '';
  #hasHung = false;
  #cannotStart: string | null = null;

  constructor(child: ChildProcessByStdio<null, Readable, Readable>, clock: Clock, stallMs: Ms, path: string) {
    this.#child = child;
    this.#path = path;
    this.#clock = clock;
    this.#stallMs = stallMs;
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_CHARACTERS_MAX);
    });
    this.#exited = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#cannotStart = error.message;
        resolve(null);
      });
      child.on('close', (status) => resolve(status));
    });
    this.#watch = this.#startWatch();
  }

  async *samples(): AsyncGenerator<Int16Array> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of this.#child.stdout as AsyncIterable<Buffer>) {
      this.#watch.cancel();
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.length - (bytes.length % FRAME_BYTES);
      rest = bytes.subarray(whole);
      const samples = samplesOf(bytes.subarray(0, whole));
      for (let offset = 0; offset < samples.length; offset += PCM_PIECE_SAMPLES_MAX) {
        yield samples.subarray(offset, offset + PCM_PIECE_SAMPLES_MAX);
      }
      // Only ffmpeg's own silence counts, not how long the samples took to be used.
      this.#watch = this.#startWatch();
    }
  }

  /** @returns why it failed, or null; to be asked when the samples have ended */
  async failure(): Promise<string | null> {
    const status = await this.#exited;
    if (this.#hasHung) return `ffmpeg gave nothing for ${this.#stallMs / 1000} s and was ended`;
    if (this.#cannotStart !== null) return `ffmpeg cannot be started: ${this.#cannotStart}`;
    if (status === 0) return null;
    const lines = this.#complaint.split('\n').filter((line) => line.trim() !== '');
    const reason = (lines.at(-1) ?? `ffmpeg ended with status ${status}`).replaceAll(`file:${this.#path}: `, '');
    return `ffmpeg cannot decode it: ${reason.trim().slice(0, REASON_CHARACTERS_MAX)}`;
  }

  end(): void {
    this.#watch.cancel();
    this.#child.stdout.destroy();
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
  }

  #startWatch(): Timer {
    return this.#clock.setTimer('ffmpeg stall', this.#stallMs, () => {
      this.#hasHung = true;
      this.#child.kill('SIGKILL');
    });
  }
}

/** A copy, since what the pipe hands over need not lie on a two-byte boundary. */
function samplesOf(bytes: Buffer): Int16Array {
  const copy = new Uint8Array(bytes);
  return new Int16Array(copy.buffer);
}
