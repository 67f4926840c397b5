/**
 * What an audio engine must be told so that a fresh one goes on where the last one died: the intents that still hold, and
 * the last position that was heard.
 */
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import { unreachable } from '#protocol/vocabulary/result';
import { frames } from '#protocol/vocabulary/units';

const START = frames(0);

type Load = Extract<EngineIntent, { kind: 'load' }>;
type Hints = Extract<EngineIntent, { kind: 'setHints' }>;

export interface EngineMemory {
  readonly bridge: Extract<EngineIntent, { kind: 'setBridge' }> | null;
  readonly volume: Extract<EngineIntent, { kind: 'setVolume' }> | null;
  /** What is loaded, at the position heard last. */
  readonly load: Load | null;
  readonly next: Extract<EngineIntent, { kind: 'setNext' }> | null;
  readonly hints: { readonly queue: Hints | null; readonly shown: Hints | null };
  readonly isReadyTold: boolean;
}

export const EMPTY_MEMORY: EngineMemory = {
  bridge: null,
  volume: null,
  load: null,
  next: null,
  hints: { queue: null, shown: null },
  isReadyTold: false,
};

export function rememberIntent(memory: EngineMemory, intent: EngineIntent): EngineMemory {
  const { load } = memory;
  switch (intent.kind) {
    case 'setBridge':
      return { ...memory, bridge: intent };
    case 'setVolume':
      return { ...memory, volume: intent };
    case 'load':
      return { ...memory, load: intent, next: null, isReadyTold: false };
    case 'seek':
      if (load === null) return memory;
      return {
        ...memory,
        load: { ...load, generation: intent.generation, startFrames: intent.positionFrames },
        next: memory.next === null ? null : { ...memory.next, generation: intent.generation },
        isReadyTold: false,
      };
    case 'setNext':
      return load?.generation === intent.generation ? { ...memory, next: intent } : memory;
    case 'play':
    case 'pause':
      return load === null ? memory : { ...memory, load: { ...load, isPlaying: intent.kind === 'play' } };
    case 'setHints':
      return { ...memory, hints: { ...memory.hints, [intent.reason]: intent } };
    case 'say':
      return memory;
    case 'stop':
      return { ...memory, load: null, next: null };
    default:
      return unreachable(intent);
  }
}

export function rememberEvent(memory: EngineMemory, event: EngineEvent): EngineMemory {
  const { load } = memory;
  if (load === null || event.kind === 'health' || event.generation !== load.generation) return memory;
  switch (event.kind) {
    case 'ready':
      return { ...memory, isReadyTold: true };
    case 'position':
      if (event.trackId !== load.trackId) return memory;
      return { ...memory, load: { ...load, startFrames: event.positionFrames } };
    case 'advanced':
      return { ...memory, load: { ...load, trackId: event.trackId, startFrames: START }, next: null };
    case 'ended':
    case 'failed':
      return { ...memory, load: null, next: null };
    case 'nextFailed':
      return { ...memory, next: null };
    case 'starved':
      return memory;
    default:
      return unreachable(event);
  }
}

/** What to tell a fresh engine, in order. */
export function replayOf(memory: EngineMemory): EngineIntent[] {
  const { bridge, volume, load, next, hints } = memory;
  return [bridge, volume, load, next, hints.queue, hints.shown].filter((intent) => intent !== null);
}
