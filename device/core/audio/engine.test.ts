import { describe, expect, it } from 'vitest';
import { ms, percent } from '#protocol/vocabulary/units';
import { LONE_ENGINE_LATENCY, LoneEngine } from '#sim/speakers/lone-engine';
import { RAMP_SPAN_FRAMES } from '#sim/speakers/ramp-decoder';
import { rampTrack } from '#sim/speakers/ramp-track';

const SECOND = 48_000;
/** A fade's frames are scaled and cannot be read back. */
const FADE = 480;

describe('the audio engine', () => {
  it('plays a track from its first frame to its last, and says so', async () => {
    const track = rampTrack(1, 3 * SECOND + 777);
    const lone = new LoneEngine([track]);
    lone.load(track);
    const ended = await lone.until('ended');
    expect(ended).toMatchObject({ generation: 1, trackId: track.manifest.trackId });
    expect(lone.sink.recordedFrames()).toBe(3 * SECOND + 777);
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 3 * SECOND + 777 }]);
    expect(lone.sink.underruns()).toBe(0);
    expect(lone.events.map((event) => event.kind).filter((kind) => kind === 'ready')).toHaveLength(1);
  });

  it('joins two tracks without a lost, repeated or silent frame', async () => {
    const [first, second] = [rampTrack(1, 2 * SECOND + 123), rampTrack(2, 2 * SECOND + 45)];
    const lone = new LoneEngine([first, second]);
    lone.load(first);
    lone.arm(second);
    const advanced = await lone.until('advanced');
    expect(advanced).toMatchObject({
      generation: 1,
      trackId: second.manifest.trackId,
      durationFrames: 2 * SECOND + 45,
    });
    // Told when it is heard, not when it is mixed.
    const playedUs = lone.clock.nowUs() - (lone.sink.runs()[0]?.startedAtUs ?? 0);
    expect((playedUs * 48) / 1000).toBeGreaterThanOrEqual(2 * SECOND + 123);
    await lone.until('ended');
    const heard = lone.frames();
    expect(heard).toHaveLength(4 * SECOND + 168);
    expect(heard[2 * SECOND + 122]).toEqual({ track: 1, positionFrames: 2 * SECOND + 122 });
    expect(heard[2 * SECOND + 123]).toEqual({ track: 2, positionFrames: 0 });
    expect(lone.sink.runs()).toHaveLength(1);
  });

  it('seeks to the very frame, with the old place sounding until then', async () => {
    const track = rampTrack(1, 60 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(1_500));
    lone.seek(30 * SECOND + 11);
    const ready = await lone.until('ready');
    expect(ready).toMatchObject({ generation: 2 });
    await lone.clock.advance(ms(1_000));
    const [before, after] = lone.stretches();
    // A cross-fade of the same length on both sides: the first exact frame comes where the old one has left.
    expect(after?.fromFrames).toBe(30 * SECOND + 11 + FADE - 1);
    expect(lone.sink.runs()).toHaveLength(1);
    const total = (before?.toFrames ?? 0) + (30 * SECOND + 11 - 30 * SECOND - 11) + FADE - 1;
    expect(lone.frames()[total]).toEqual({ track: 1, positionFrames: 30 * SECOND + 11 + FADE - 1 });
  });

  it('goes on after a pause with exactly the next frame', async () => {
    const track = rampTrack(1, 20 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(1_000));
    lone.engine.send({ kind: 'pause' });
    await lone.clock.advance(ms(5_000));
    const paused = lone.eventsOf('position').at(-1);
    expect(paused?.isSounding).toBe(false);
    const recordedAtPause = lone.sink.recordedFrames();
    expect(paused?.positionFrames).toBe(recordedAtPause);
    lone.engine.send({ kind: 'play' });
    await lone.clock.advance(ms(1_000));
    // Both fades' frames are in the recording, none twice: frame n of the recording is position n throughout.
    const heard = lone.frames();
    expect(heard[recordedAtPause + FADE]).toEqual({ track: 1, positionFrames: recordedAtPause + FADE });
    expect(lone.sink.runs()).toHaveLength(2);
    expect(lone.sink.underruns()).toBe(0);
  });

  it('is silent within the latency after a pause', async () => {
    const track = rampTrack(1, 20 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(1_000));
    const at = lone.clock.nowUs();
    lone.engine.send({ kind: 'pause' });
    await lone.clock.runUntil(() => lone.eventsOf('position').at(-1)?.isSounding === false, ms(1_000));
    expect((lone.clock.nowUs() - at) / 1000).toBeLessThanOrEqual(LONE_ENGINE_LATENCY + 30);
  });

  it('skips with the old track sounding until the new one can', async () => {
    const [first, second] = [rampTrack(1, 30 * SECOND), rampTrack(2, 30 * SECOND)];
    const lone = new LoneEngine([first, second], { content: { roundTripMs: 400 } });
    lone.load(first);
    await lone.clock.advance(ms(3_000));
    lone.load(second);
    await lone.clock.advance(ms(3_000));
    const [old, fresh] = lone.stretches();
    // Two round trips (manifest, first segments) of music that goes on.
    expect(old?.toFrames).toBeGreaterThan((3_000 - 800 + 800 - 100) * 48);
    expect(fresh).toMatchObject({ track: 2, fromFrames: FADE - 1 });
    expect(lone.sink.runs()).toHaveLength(1);
    expect(lone.sink.underruns()).toBe(0);
  });

  it('loads without playing, and plays at once when told to', async () => {
    const track = rampTrack(1, 5 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track, { isPlaying: false, startFrames: 2 * SECOND });
    const ready = await lone.until('ready');
    expect(ready?.durationFrames).toBe(5 * SECOND);
    await lone.clock.advance(ms(2_000));
    expect(lone.sink.recordedFrames()).toBe(0);
    expect(lone.eventsOf('position').at(-1)).toMatchObject({ positionFrames: 2 * SECOND, isSounding: false });
    lone.engine.send({ kind: 'play' });
    await lone.clock.advance(ms(500));
    expect(lone.stretches()[0]).toMatchObject({ track: 1, fromFrames: 2 * SECOND + FADE - 1 });
  });

  it('does not sound again while paused and another track is loaded to play', async () => {
    const [first, second] = [rampTrack(1, 30 * SECOND), rampTrack(2, 30 * SECOND)];
    const lone = new LoneEngine([first, second], { content: { roundTripMs: 300 } });
    lone.load(first);
    await lone.clock.advance(ms(2_000));
    lone.engine.send({ kind: 'pause' });
    await lone.clock.advance(ms(1_000));
    const recorded = lone.sink.recordedFrames();
    lone.load(second);
    await lone.clock.advance(ms(3_000));
    const later = lone.frames().slice(recorded + FADE);
    expect(later.filter((frame) => frame?.track === 1)).toEqual([]);
    expect(later.some((frame) => frame?.track === 2)).toBe(true);
  });

  it('tells the position of the loudspeaker at least once a second', async () => {
    const track = rampTrack(1, 30 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(10_500));
    const positions = lone.eventsOf('position').filter((event) => event.isSounding);
    expect(positions.length).toBeGreaterThanOrEqual(10);
    const startedAtUs = lone.sink.runs()[0]?.startedAtUs ?? 0;
    for (const { positionFrames, atUs } of positions) {
      const heardFrames = ((atUs - startedAtUs) * 48) / 1000;
      // As old as the last tick at most.
      expect(Math.abs(heardFrames - positionFrames)).toBeLessThanOrEqual(FADE + 1);
    }
  });

  it('changes volume without a step', async () => {
    const track = rampTrack(1, 10 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(1_100));
    lone.engine.send({ kind: 'setVolume', volume: percent(50) });
    await lone.clock.advance(ms(1_000));
    const samples = lone.sink.recording();
    const gainAt = (frame: number): number => (samples[frame * 2] ?? 0) / (frame % RAMP_SPAN_FRAMES);
    expect([gainAt(52_000), gainAt(60_000)]).toEqual([1, expect.closeTo(0.125, 2)]);
    for (let frame = 50_000; frame < 65_000; frame += 1) {
      expect(Math.abs(gainAt(frame + 1) - gainAt(frame))).toBeLessThan(0.01);
    }
  });

  it('stops with a fade, lets the device go, and plays again', async () => {
    const track = rampTrack(1, 10 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(1_000));
    lone.engine.send({ kind: 'stop' });
    await lone.clock.advance(ms(500));
    expect(lone.clock.timers()).toEqual([]);
    const recorded = lone.sink.recordedFrames();
    expect(recorded).toBeLessThan(1.2 * SECOND);
    lone.load(track);
    await lone.clock.advance(ms(1_000));
    expect(lone.sink.openings).toBe(2);
    expect(lone.sink.recordedFrames()).toBeGreaterThan(recorded + SECOND / 2);
  });

  it('leaves no timer and tells nothing after close, in the middle of anything', async () => {
    const [first, second] = [rampTrack(1, 10 * SECOND), rampTrack(2, 10 * SECOND)];
    const lone = new LoneEngine([first, second], { content: { roundTripMs: 200 } });
    lone.load(first);
    await lone.clock.advance(ms(1_000));
    lone.load(second);
    await lone.clock.advance(ms(50));
    await lone.engine.close();
    const count = lone.events.length;
    await lone.clock.advance(ms(60_000));
    expect(lone.clock.timers()).toEqual([]);
    expect(lone.events).toHaveLength(count);
  });
});
