import { describe, expect, it } from 'vitest';
import type { EngineEvent, EngineIntent } from '#device/core/ports/audio-engine';
import { frames, percent, us } from '#protocol/vocabulary/units';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { EMPTY_MEMORY, type EngineMemory, rememberEvent, rememberIntent, replayOf } from './engine-memory.ts';

const [one, two] = [trackIdOf(1), trackIdOf(2)];
const load: EngineIntent = { kind: 'load', generation: 4, trackId: one, startFrames: frames(5), isPlaying: true };
const bridge: EngineIntent = { kind: 'setBridge', url: 'http://b' };
const volume: EngineIntent = { kind: 'setVolume', volume: percent(30) };
const next: EngineIntent = { kind: 'setNext', generation: 4, trackId: two };

function memoryAfter(...told: readonly (EngineIntent | { readonly event: EngineEvent })[]): EngineMemory {
  return told.reduce<EngineMemory>(
    (memory, it) => ('event' in it ? rememberEvent(memory, it.event) : rememberIntent(memory, it)),
    EMPTY_MEMORY,
  );
}

const positionOf = (generation: number, positionFrames: number, trackId = one): { event: EngineEvent } => ({
  event: {
    kind: 'position',
    generation,
    trackId,
    positionFrames: frames(positionFrames),
    atUs: us(0),
    isSounding: true,
  },
});

describe('what a fresh engine is told', () => {
  it('is what still holds, with the last position that was heard', () => {
    expect(replayOf(memoryAfter(load, next, bridge, volume, positionOf(4, 900), positionOf(3, 1)))).toEqual([
      bridge,
      volume,
      { ...load, startFrames: 900 },
      next,
    ]);
  });

  it('follows pause, seek and the join of two tracks', () => {
    expect(memoryAfter(load, { kind: 'pause' }).load?.isPlaying).toBe(false);
    const sought = memoryAfter(load, next, { kind: 'seek', generation: 5, positionFrames: frames(77) });
    expect(sought.load).toMatchObject({ generation: 5, startFrames: 77 });
    expect(sought.next).toMatchObject({ generation: 5, trackId: two });
    const joined = memoryAfter(load, next, {
      event: { kind: 'advanced', generation: 4, trackId: two, durationFrames: frames(9) },
    });
    expect(joined).toMatchObject({ load: { trackId: two, startFrames: 0 }, next: null });
  });

  it('is what is likely to come too, the last word of each reason', () => {
    const hint = (reason: 'queue' | 'shown', ...trackIds: (typeof one)[]): EngineIntent => ({
      kind: 'setHints',
      reason,
      trackIds,
    });
    const memory = memoryAfter(hint('queue', one), load, hint('shown', two), hint('queue', two, one));
    expect(replayOf(memory)).toEqual([load, hint('queue', two, one), hint('shown', two)]);
  });

  it('is nothing to play after a stop, an end, or a failure', () => {
    const ended: EngineEvent = { kind: 'ended', generation: 4, trackId: one };
    expect(replayOf(memoryAfter(load, { kind: 'stop' }))).toEqual([]);
    expect(replayOf(memoryAfter(volume, load, next, { event: ended }))).toEqual([volume]);
  });
});
