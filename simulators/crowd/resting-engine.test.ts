import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '#device/core/ports/audio-engine';
import { trackId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND, frames, ms, percent, us } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { CrowdTally } from './crowd-tally.ts';
import { RestingEngine } from './resting-engine.ts';
import { lengthInCrowd } from './track-length.ts';

const TRACK = trackId('0123456789012345678901');
const PACE = 10;

describe('a resting engine', () => {
  it('has no timer while nothing is loaded, plays as fast as it is told, and rests again', async () => {
    const clock = new VirtualClock(us(0));
    const tally = new CrowdTally();
    const engine = new RestingEngine(clock, PACE, tally);
    const events: EngineEvent[] = [];
    engine.listen((event) => events.push(event));
    engine.send({ kind: 'setVolume', volume: percent(30) });
    engine.send({ kind: 'setBridge', url: null });
    expect(clock.timers()).toEqual([]);

    engine.send({ kind: 'load', generation: 1, trackId: TRACK, startFrames: frames(0), isPlaying: true });
    await clock.advance(ms(1_000 + (lengthInCrowd(TRACK) * 1_000) / PACE));
    const ready = events.find((event) => event.kind === 'ready');
    expect(ready?.durationFrames).toBe(Math.round((lengthInCrowd(TRACK) * FRAMES_PER_SECOND) / PACE));
    expect(events.at(-1)).toMatchObject({ kind: 'ended', generation: 1 });
    expect(tally.obeyed).toBe(2);

    engine.send({ kind: 'stop' });
    expect(clock.timers()).toEqual([]);
  });
});
