/** Intents as tests say them, each load and seek in a generation of its own: what every rig around an engine has. */
import type { EngineIntent } from '#device/core/ports/audio-engine';
import { frames } from '#protocol/vocabulary/units';
import type { StoredTrack } from './ogg-segments.ts';

export abstract class EngineRemote {
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  abstract send(intent: EngineIntent): void;

  load(track: StoredTrack, options: { readonly startFrames?: number; readonly isPlaying?: boolean } = {}): void {
    this.#generation += 1;
    this.send({
      kind: 'load',
      generation: this.#generation,
      trackId: track.manifest.trackId,
      startFrames: frames(options.startFrames ?? 0),
      isPlaying: options.isPlaying ?? true,
    });
  }

  seek(positionFrames: number): void {
    this.#generation += 1;
    this.send({ kind: 'seek', generation: this.#generation, positionFrames: frames(positionFrames) });
  }

  /** What comes next; null for nothing. */
  arm(track: StoredTrack | null): void {
    this.send({ kind: 'setNext', generation: this.#generation, trackId: track?.manifest.trackId ?? null });
  }
}
