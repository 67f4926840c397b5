/** What a speaker says of itself, in words, and only when they are others than before. */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

interface Said {
  readonly lane: string;
  readonly words: string;
  readonly place: number | null;
}

export class StateWords {
  #playback = '';
  #volume = '';
  #health = '';

  /** @param message a snapshot or a difference; @param track names one */
  changed(message: Readonly<Record<string, unknown>>, track: (id: unknown) => string): readonly Said[] {
    const { session, speaker } = message;
    const said: Said[] = [];
    if (session === null) said.push(...this.#plays('says that it plays for nobody', null));
    if (isRecord(session) && isRecord(session['playback'])) {
      const { kind, trackId, positionFrames } = session['playback'];
      // Whether there is sound yet is a matter of the network, not of a decision.
      const what = kind === 'buffering' ? 'playing' : String(kind);
      const words = kind === 'stopped' ? 'says that it has stopped' : `says that it is ${what} ${track(trackId)}`;
      said.push(...this.#plays(words, typeof positionFrames === 'number' ? positionFrames / FRAMES_PER_SECOND : null));
    }
    if (isRecord(speaker)) said.push(...this.#own(speaker));
    return said;
  }

  #plays(words: string, place: number | null): readonly Said[] {
    if (words === this.#playback) return [];
    this.#playback = words;
    return [{ lane: 'state', words, place }];
  }

  #own({ volume, outputProblem }: Readonly<Record<string, unknown>>): readonly Said[] {
    const said: Said[] = [];
    const loud = volume === undefined ? this.#volume : `says that its volume is ${String(volume)}`;
    if (loud !== this.#volume) said.push({ lane: 'volume', words: loud, place: null });
    this.#volume = loud;
    const healthy =
      outputProblem === undefined
        ? this.#health
        : isRecord(outputProblem)
          ? `says that it cannot be heard (${String(outputProblem['code'])})`
          : 'says that it can be heard';
    if (healthy !== this.#health) said.push({ lane: 'health', words: healthy, place: null });
    this.#health = healthy;
    return said;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
