/**
 * A sink that can say a code while nothing else plays. Music goes before: who opens it to play ends what is being said, and
 * while it is open nothing is. So the session knows nothing of it.
 */
import type { AudioSink, SinkSamples } from '#device/core/ports/audio-sink';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { FRAMES_PER_SECOND, frames, hz, ms } from '#protocol/vocabulary/units';
import { createQuantiser, type Quantiser } from '../mix/quantiser.ts';
import { speakDigits, type Utterance } from './speak-digits.ts';

/** A digit takes a small board a third of a second to make. */
const LATENCY = ms(400);
const TICK = ms(40);
const BLOCK_FRAMES = 4_096;
const CHANNELS = 2;
const PLAIN = { first: 1, step: 0 };

export interface SpeakingSink extends AudioSink {
  /** Says it, if nothing plays; ends what was being said before. */
  say(code: string): void;
}

export function createSpeakingSink(
  ports: { readonly clock: Clock; readonly logger: Logger },
  sink: AudioSink,
): SpeakingSink {
  let speech: Speech | null = null;
  /** The last speech's end. */
  let ended: Promise<void> = Promise.resolve();
  /** Somebody else wants it, and then has it. */
  let isWanted = false;
  let isLent = false;

  const hush = (): Promise<void> => {
    speech?.end();
    return ended;
  };

  return {
    get name() {
      return sink.name;
    },
    open: async (request, listener) => {
      isWanted = true;
      await hush();
      const outcome = await sink.open(request, listener);
      isLent = outcome.ok;
      isWanted = outcome.ok;
      return outcome;
    },
    close: async () => {
      await hush();
      isLent = false;
      await sink.close();
      isWanted = false;
    },
    say: (code) => {
      if (isWanted) {
        ports.logger.info('speech.not-said', { reason: 'something else plays' });
        return;
      }
      const before = hush();
      const mine = new Speech(ports, sink, speakDigits(code));
      speech = mine;
      ended = before.then(() => mine.run());
    },
    writableFrames: () => (isLent ? sink.writableFrames() : frames(0)),
    write: (samples, count) => (isLent ? sink.write(samples, count) : frames(0)),
    delay: () => (isLent ? sink.delay() : { delayFrames: frames(0), atUs: ports.clock.nowUs() }),
    rewind: (count) => (isLent ? sink.rewind(count) : frames(0)),
    drop: () => (isLent ? sink.drop() : frames(0)),
    underruns: () => sink.underruns(),
    drain: () => (isLent ? sink.drain() : Promise.resolve()),
  };
}

/** One code on its way to the loudspeaker. */
class Speech {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sink: AudioSink;
  readonly #pieces: Iterator<Utterance, void, undefined>;
  readonly #over = Promise.withResolvers<void>();
  readonly #stereo = new Float32Array(BLOCK_FRAMES * CHANNELS);
  #piece: Utterance = 0;
  #at = 0;
  #timer: Timer | null = null;
  #isEnded = false;

  constructor(
    ports: { readonly clock: Clock; readonly logger: Logger },
    sink: AudioSink,
    pieces: Iterator<Utterance, void, undefined>,
  ) {
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#sink = sink;
    this.#pieces = pieces;
  }

  /** Resolves when the device is free again; never rejects. */
  async run(): Promise<void> {
    if (this.#isEnded) return;
    const request = { rate: hz(FRAMES_PER_SECOND), channels: CHANNELS, latency: LATENCY, sampleBits: 16 } as const;
    const opened = await this.#sink.open(request, { lost: () => this.end() });
    if (!opened.ok) {
      this.#logger.info('speech.not-said', { reason: opened.error.message });
      return;
    }
    const quantiser = createQuantiser(opened.value.sampleBits, null);
    this.#pump(quantiser, quantiser.createBlock(BLOCK_FRAMES));
    await this.#over.promise;
    this.#timer?.cancel();
    await this.#sink.close();
  }

  /** Falls silent. Twice is harmless. */
  end(): void {
    this.#isEnded = true;
    this.#over.resolve();
  }

  #pump(quantiser: Quantiser, block: SinkSamples): void {
    if (this.#isEnded) return;
    let room: number = this.#sink.writableFrames();
    while (room > 0) {
      const count = this.#render(Math.min(room, BLOCK_FRAMES));
      if (count === 0) {
        void this.#sink.drain().then(() => this.end());
        return;
      }
      quantiser.quantise(this.#stereo, 0, block, count, PLAIN);
      const taken: number = this.#sink.write(block, frames(count));
      this.#at -= count - taken;
      if (taken === 0) break;
      room -= taken;
    }
    this.#timer = this.#clock.setTimer('speech.tick', TICK, () => this.#pump(quantiser, block));
  }

  /** Of one piece at a time, so that what was not taken can be given again. @returns frames; 0: all has been said */
  #render(count: number): number {
    while (this.#at >= lengthOf(this.#piece)) {
      const next = this.#pieces.next();
      if (next.done === true) return 0;
      this.#piece = next.value;
      this.#at = 0;
    }
    const piece = this.#piece;
    const wanted = Math.min(count, lengthOf(piece) - this.#at);
    for (let frame = 0; frame < wanted; frame += 1) {
      const sample = typeof piece === 'number' ? 0 : (piece[this.#at + frame] ?? 0);
      this.#stereo[frame * CHANNELS] = sample;
      this.#stereo[frame * CHANNELS + 1] = sample;
    }
    this.#at += wanted;
    return wanted;
  }
}

function lengthOf(piece: Utterance): number {
  return typeof piece === 'number' ? piece : piece.length;
}
