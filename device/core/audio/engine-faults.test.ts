import { describe, expect, it } from 'vitest';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { LoneEngine } from '#sim/speakers/lone-engine';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';

const SECOND = 48_000;
const FADE = 480;

function fileIdOf(track: ReturnType<typeof rampTrack>) {
  const file = track.manifest.files[0];
  if (file === undefined) throw new Error('a ramp has a file');
  return file.fileId;
}

describe('the audio engine on a bad day', () => {
  it('plays on from the buffer while the bridge is away for 20 s', async () => {
    const track = rampTrack(1, 120 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(5_000));
    lone.content.setReachable(false);
    await lone.clock.advance(ms(20_000));
    lone.content.setReachable(true);
    await lone.clock.advance(ms(100_000));
    expect(lone.eventsOf('ended')).toHaveLength(1);
    expect(lone.eventsOf('starved')).toHaveLength(0);
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 120 * SECOND }]);
  });

  it('fades out when the data ends, says so, and goes on with the next frame when it is back', async () => {
    const track = rampTrack(1, 150 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(2_000));
    lone.content.setReachable(false);
    const starved = await lone.until('starved', ms(100_000));
    expect(starved).toMatchObject({ generation: 1 });
    expect(lone.eventsOf('position').at(-1)?.isSounding).toBe(false);
    const recorded = lone.sink.recordedFrames();
    await lone.clock.advance(ms(30_000));
    expect(lone.sink.recordedFrames()).toBe(recorded);
    lone.content.setReachable(true);
    await lone.clock.advance(ms(10_000));
    expect(lone.eventsOf('position').at(-1)?.isSounding).toBe(true);
    expect(lone.frames()[recorded + FADE]).toEqual({ track: 1, positionFrames: recorded + FADE });
    expect(lone.eventsOf('health').at(-1)?.underruns).toBe(1);
    expect(lone.eventsOf('failed')).toEqual([]);
    // The last frames before the gap fall to nothing instead of being cut.
    const samples = lone.sink.recording();
    expect(Math.abs(samples[(recorded - 1) * 2] ?? 0)).toBeLessThan(200);
  });

  it('tries at once when it is told where the bridge is', async () => {
    const track = rampTrack(1, 20 * SECOND);
    const lone = new LoneEngine([track]);
    lone.content.setReachable(false);
    lone.load(track);
    await lone.clock.advance(ms(60_000));
    expect(lone.eventsOf('ready')).toEqual([]);
    lone.content.setReachable(true);
    const at = lone.clock.nowUs();
    lone.engine.send({ kind: 'setBridge', url: 'http://bridge:4747' });
    await lone.until('ready');
    expect(lone.content.bridgeUrl).toBe('http://bridge:4747');
    expect((lone.clock.nowUs() - at) / 1000).toBeLessThan(100);
  });

  it('refetches a segment that came corrupt, and never plays it', async () => {
    const track = rampTrack(1, 10 * SECOND);
    const lone = new LoneEngine([track]);
    lone.content.flipSegment(fileIdOf(track), 0, 1);
    lone.content.flipSegment(fileIdOf(track), 5, 3);
    lone.load(track);
    await lone.until('ended', ms(20_000));
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 10 * SECOND }]);
  });

  it('fails the track when a segment stays corrupt, with all before it heard', async () => {
    const track = rampTrack(1, 10 * SECOND);
    const lone = new LoneEngine([track]);
    lone.content.flipSegment(fileIdOf(track), 5, 1_000);
    lone.load(track);
    const failed = await lone.until('failed', ms(20_000));
    expect(failed?.error.code).toBe('fetch.corrupt-segment');
    const [heard] = lone.stretches();
    expect(heard?.toFrames).toBeGreaterThan(4.9 * SECOND);
    expect(heard?.toFrames).toBeLessThanOrEqual(5 * SECOND);
  });

  it('refetches a segment that the store has lost', async () => {
    const track = rampTrack(1, 10 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(1_000));
    for (let segment = 0; segment < 11; segment += 1) lone.store.remove(fileIdOf(track), segment);
    await lone.until('ended', ms(20_000));
    const heard = lone.frames().at(-1);
    expect(heard).toEqual({ track: 1, positionFrames: 10 * SECOND - 1 });
    expect(lone.sink.recordedFrames()).toBe(10 * SECOND);
  });

  it('waits for a track that is being prepared, up to a limit', async () => {
    const [track, other] = [rampTrack(1, 10 * SECOND), rampTrack(2, 10 * SECOND)];
    const lone = new LoneEngine([track, other]);
    lone.content.setPreparing(track.manifest.trackId, true);
    lone.load(track);
    await lone.clock.advance(ms(10_000));
    expect(lone.content.manifestsAsked.length).toBeGreaterThan(10);
    lone.content.setPreparing(track.manifest.trackId, false);
    expect(await lone.until('ready', ms(1_000))).toBeDefined();
    lone.content.setPreparing(other.manifest.trackId, true);
    lone.load(other);
    const failed = await lone.until('failed', ms(70_000));
    expect(failed?.error.code).toBe('content.preparing');
  });

  it('says which track does not exist, and that the armed one does not', async () => {
    const track = rampTrack(1, 5 * SECOND);
    const missing = rampTrack(9, SECOND);
    const lone = new LoneEngine([track]);
    lone.load(missing);
    const failed = await lone.until('failed');
    expect(failed).toMatchObject({ generation: 1, trackId: trackIdOf(9), error: { code: 'catalogue.not-found' } });
    lone.load(track);
    lone.arm(missing);
    expect(await lone.until('nextFailed')).toMatchObject({ generation: 2, error: { code: 'catalogue.not-found' } });
    expect(await lone.until('ended')).toBeDefined();
  });

  it('renews a token that is refused in the middle of a track', async () => {
    const track = rampTrack(1, 150 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(3_000));
    lone.content.changeToken('a-new-token');
    await lone.until('ended', ms(160_000));
    expect(lone.eventsOf('starved')).toEqual([]);
    expect(lone.sink.recordedFrames()).toBe(150 * SECOND);
    expect(lone.content.manifestsAsked.length).toBeLessThan(5);
  });

  it('is not hurt by a clock on the wall that is years ahead', async () => {
    const track = rampTrack(1, 30 * SECOND);
    const lone = new LoneEngine([track]);
    lone.clock.setWallMs(track.manifest.tokenExpiresAtMs + 1);
    lone.load(track);
    await lone.until('ended', ms(40_000));
    expect(lone.sink.recordedFrames()).toBe(30 * SECOND);
    expect(lone.content.manifestsAsked.length).toBeLessThan(4);
  });

  it('puts silence of the same length in the place of a packet that does not decode', async () => {
    const track = rampTrack(1, 3 * SECOND, { corruptPackets: [60, 61] });
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.until('ended');
    expect(lone.sink.recordedFrames()).toBe(3 * SECOND);
    const samples = lone.sink.recording();
    const from = 60 * 960 - 312;
    for (let frame = from; frame < from + 1_920; frame += 1) expect(samples[frame * 2]).toBe(0);
    // No step into the silence, and none out of it.
    for (let frame = from - 300; frame < from + 2_300; frame += 1) {
      const step = Math.abs((samples[frame * 2] ?? 0) - (samples[frame * 2 + 2] ?? 0));
      expect(step).toBeLessThan(250);
    }
    expect(lone.frames()[from + 1_920 + 240]).toEqual({ track: 1, positionFrames: from + 1_920 + 240 });
  });

  it('goes on from the last heard frame when the loudspeaker was unplugged, and says what is wrong meanwhile', async () => {
    const track = rampTrack(1, 60 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(3_000));
    lone.sink.refuse('no such device');
    lone.sink.unplug();
    const heard = lone.sink.recordedFrames();
    await lone.clock.advance(ms(30_000));
    expect(lone.eventsOf('health').at(-1)?.outputProblem).toMatchObject({
      code: 'sink.unavailable',
      message: 'no such device',
    });
    lone.sink.refuse(null);
    await lone.clock.advance(ms(8_000));
    expect(lone.eventsOf('health').at(-1)?.outputProblem).toBeNull();
    expect(lone.eventsOf('ready')).toHaveLength(1);
    const after = lone.stretches().at(-1);
    // To a tick: what the device had played since it was asked last is not known.
    expect(Math.abs((after?.fromFrames ?? 0) - heard)).toBeLessThan(3 * FADE);
  });

  it.each(['no-room', 'takes-nothing'] as const)('goes on after the device ran dry because of: %s', async (how) => {
    const track = rampTrack(1, 10 * SECOND);
    const lone = new LoneEngine([track]);
    lone.load(track);
    await lone.clock.advance(ms(1_000));
    lone.sink.block(how);
    await lone.clock.advance(ms(2_000));
    lone.sink.block(null);
    await lone.until('ended', ms(12_000));
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 10 * SECOND }]);
    expect(lone.eventsOf('health').at(-1)?.underruns).toBe(1);
  });

  it('seeks back into the track that is heard when the next one is only mixed', async () => {
    const [first, second] = [rampTrack(1, 2 * SECOND), rampTrack(2, 5 * SECOND)];
    const lone = new LoneEngine([first, second]);
    lone.load(first);
    lone.arm(second);
    await lone.clock.runUntil(() => lone.sink.recordedFrames() > 2 * SECOND + FADE, ms(5_000));
    expect(lone.eventsOf('advanced')).toEqual([]);
    lone.seek(SECOND);
    await lone.clock.advance(ms(500));
    expect(lone.eventsOf('position').at(-1)).toMatchObject({ generation: 2, trackId: first.manifest.trackId });
    // What was armed is still armed.
    expect(await lone.until('advanced')).toMatchObject({ generation: 2, trackId: second.manifest.trackId });
  });

  it('keeps what it holds bounded, however long it plays', async () => {
    const tracks = Array.from({ length: 6 }, (_, index) => rampTrack(index + 1, 100 * SECOND, { packetBytes: 400 }));
    const storeBytes = 3_000_000;
    const lone = new LoneEngine(tracks, { storeBytes });
    const [first] = tracks;
    if (first === undefined) throw new Error('there are six');
    lone.load(first);
    let largest = 0;
    for (const track of tracks.slice(1)) {
      lone.arm(track);
      expect(await lone.until('advanced', ms(110_000))).toBeDefined();
      largest = Math.max(largest, lone.store.sizeBytes());
      expect(lone.content.pendingRequests()).toBeLessThanOrEqual(4);
      expect(lone.clock.timers().length).toBeLessThan(12);
    }
    expect(largest).toBeLessThanOrEqual(storeBytes);
    expect(lone.eventsOf('starved')).toEqual([]);
  });

  it('begins on a slow link with a small request, and pauses once instead of stuttering', async () => {
    const track = rampTrack(1, 30 * SECOND, { packetBytes: 400 });
    // 20 kB/s is what the track itself needs.
    const lone = new LoneEngine([track], { content: { bytesPerSecond: 30_000, roundTripMs: 100 } });
    lone.load(track);
    await lone.until('ready');
    const [first, second] = lone.content.rangesAsked;
    expect(first?.length).toBeLessThan(45_000);
    // Nothing shares the link with the first two seconds.
    expect(second?.atUs).toBe(lone.clock.nowUs());
    await lone.until('ended', ms(60_000));
    expect(lone.eventsOf('starved').length).toBeLessThanOrEqual(3);
    expect(lone.sink.recordedFrames()).toBe(30 * SECOND);
  });

  it('fails plainly when no decoder can be had', async () => {
    const track = rampTrack(1, 5 * SECOND);
    const create = (): never => {
      throw Object.assign(new Error('no decoder here') as TonearmError);
    };
    const lone = new LoneEngine([track], { ports: { decoders: { name: 'none', create } } });
    lone.load(track);
    expect((await lone.until('failed'))?.error.code).toBe('decode.unavailable');
  });
});
