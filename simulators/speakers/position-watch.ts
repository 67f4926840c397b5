/**
 * What a speaker says of its position may only grow within a track, but for what it was told and what ended: a late word
 * of the engine about what was before a seek must not be believed.
 */
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';

/** At a pause the speaker reckons, and is then told what was really heard: less, by what waits in the loudspeaker. */
const BACK_FRAMES_MAX = FRAMES_PER_SECOND / 4;

export class PositionWatch {
  readonly #problems: string[] = [];
  #last: { readonly trackId: string; readonly positionFrames: number } | null = null;

  told(intent: EngineIntent): void {
    if (intent.kind === 'load' || intent.kind === 'seek' || intent.kind === 'stop') this.#last = null;
  }

  /** After the speaker has taken in what its engine said. */
  took(event: EngineEvent, session: SessionState | null): void {
    const playback = session?.playback;
    if (playback === undefined || playback.kind === 'stopped') {
      this.#last = null;
      return;
    }
    const { trackId, positionFrames } = playback;
    const last = this.#last;
    // Sought beyond the end before the length of the track was known.
    const isCut = event.kind === 'ready' && positionFrames === event.durationFrames;
    const isEnd = event.kind === 'advanced' || event.kind === 'ended' || isCut;
    const isSame = last !== null && last.trackId === trackId && !isEnd;
    if (isSame && positionFrames < last.positionFrames - BACK_FRAMES_MAX) {
      this.#problems.push(`its position went back from ${last.positionFrames} to ${positionFrames} of ${trackId}`);
    }
    this.#last = { trackId, positionFrames };
  }

  problems(): readonly string[] {
    return this.#problems;
  }
}
