/**
 * The sound of a replayed speaker: it says what was recorded, at the same instants, in the generations of today's loads.
 * What it is told it only counts.
 */
import type { AudioEngine, EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import type { FlightEntry } from '#protocol/wire/flight-record';

type Recorded = Extract<FlightEntry, { port: 'engine' }>['event'];

export class ScriptedEngine implements AudioEngine {
  readonly #then: number[] = [];
  readonly #now: number[] = [];
  #listener: ((event: EngineEvent) => void) | null = null;

  send(intent: EngineIntent): void {
    if (intent.kind === 'load' || intent.kind === 'seek') this.#now.push(intent.generation);
  }

  listen(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#listener = null;
  }

  /** It was recorded, and happens now. */
  recorded(event: Recorded): void {
    if (event.kind === 'told') {
      const { kind, generation } = event.intent;
      if ((kind === 'load' || kind === 'seek') && typeof generation === 'number') this.#then.push(generation);
      return;
    }
    const { generation } = event.event;
    if (typeof generation !== 'number') this.#listener?.(event.event as EngineEvent);
    else {
      const now = this.#now[this.#then.indexOf(generation)];
      // Of a load that today's speaker has not asked for: nobody could say that.
      if (now !== undefined) this.#listener?.({ ...event.event, generation: now } as EngineEvent);
    }
  }
}
