/**
 * An audio engine with somebody looking over its shoulder: everything it is told and everything it says passes through
 * unchanged, and what it says of positions is held to the port's promise that within a track they only grow.
 */
import type { AudioEngine, EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';

interface Place {
  readonly generation: number;
  readonly trackId: string;
  readonly positionFrames: number;
}

export interface ObservedEngine extends AudioEngine {
  /** Promises broken so far, in words. */
  problems(): readonly string[];
}

/** @param observer told of every intent before it is passed on, and of every event after */
export function observeEngine(
  engine: AudioEngine,
  observer: { told(intent: EngineIntent): void; said(event: EngineEvent): void },
): ObservedEngine {
  const problems: string[] = [];
  let last: Place | null = null;
  let newestGeneration = 0;
  let isStopped = false;

  function check(event: EngineEvent): void {
    if (event.kind === 'advanced') last = null;
    if (event.kind !== 'position') return;
    const { generation, trackId, positionFrames } = event;
    // Of a generation that was replaced: the receiver drops it, and what it says of a join that was cut off is nobody's.
    if (generation < newestGeneration) return;
    if (isStopped) return;
    const isSamePlace = last !== null && last.generation === generation && last.trackId === trackId;
    if (isSamePlace && last !== null && positionFrames < last.positionFrames) {
      problems.push(`the position of ${trackId} went back from ${last.positionFrames} to ${positionFrames}`);
    }
    if (generation > newestGeneration) {
      problems.push(`an event of generation ${generation} although only ${newestGeneration} was asked for`);
    }
    last = { generation, trackId, positionFrames };
  }

  return {
    send: (intent) => {
      if (intent.kind === 'load' || intent.kind === 'seek') {
        if (intent.generation <= newestGeneration) problems.push(`generation ${intent.generation} was used before`);
        newestGeneration = Math.max(newestGeneration, intent.generation);
      }
      // What is still in the loudspeaker after a stop is heard out, and is nobody's position any more.
      isStopped = intent.kind === 'stop' || (isStopped && intent.kind !== 'load');
      observer.told(intent);
      engine.send(intent);
    },
    listen: (listener) =>
      engine.listen((event) => {
        check(event);
        listener(event);
        observer.said(event);
      }),
    close: () => engine.close(),
    problems: () => problems,
  };
}
