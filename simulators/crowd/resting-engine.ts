/**
 * The audio engine of a speaker in a crowd: none at all while nothing is loaded, which is what most speakers do most of the
 * time, and the virtual one while something is. Nothing is fetched and nothing is decoded.
 */
import type { AudioEngine, EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import type { Clock } from '#protocol/ports/clock';
import { FRAMES_PER_SECOND, frames } from '#protocol/vocabulary/units';
import { VirtualAudioEngine } from '#sim/speakers/virtual-audio-engine';
import type { CrowdTally } from './crowd-tally.ts';
import { lengthInCrowd } from './track-length.ts';

export class RestingEngine implements AudioEngine {
  readonly #clock: Clock;
  readonly #pace: number;
  readonly #tally: CrowdTally;
  #playing: VirtualAudioEngine | null = null;
  #listener: (event: EngineEvent) => void = () => undefined;

  /** @param pace how many times faster than they are tracks pass */
  constructor(clock: Clock, pace: number, tally: CrowdTally) {
    this.#clock = clock;
    this.#pace = pace;
    this.#tally = tally;
  }

  listen(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  send(intent: EngineIntent): void {
    if (intent.kind === 'setBridge' || intent.kind === 'setHints') return;
    this.#tally.obeyed += 1;
    if (intent.kind === 'stop') {
      void this.close();
      return;
    }
    if (intent.kind === 'load' && this.#playing === null) {
      const durations = (trackId: string) =>
        frames(Math.round((lengthInCrowd(trackId) * FRAMES_PER_SECOND) / this.#pace));
      this.#playing = new VirtualAudioEngine(this.#clock, { durations });
      this.#playing.listen((event) => this.#listener(event));
    }
    this.#playing?.send(intent);
  }

  async close(): Promise<void> {
    const playing = this.#playing;
    this.#playing = null;
    await playing?.close();
  }
}
