/** Two tracks that fade into one another, through the whole engine: where, how long, who is heard, and what people may press meanwhile. */
import { describe, expect, it } from 'vitest';
import { albumId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { LoneEngine, type LoneEngineOptions } from '#sim/speakers/lone-engine';
import type { StoredTrack } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';

const SECOND = 48_000;
const FADE = 480;
/** The loudspeaker is looked at each 40 ms. */
const LOOK = 1_920;
const LENGTH = 3 * SECOND;
const [first, second] = [rampTrack(1, 20 * SECOND + 123), rampTrack(2, 25 * SECOND + 45)];
const START = 17 * SECOND + 123;

/** Up to `beforeEndMs` before the end of the first track, with the second one armed. */
async function nearTheEnd(beforeEndMs: number, options: LoneEngineOptions = {}, tracks = [first, second]) {
  const lone = new LoneEngine(tracks, { crossfade: ms(3_000), ...options });
  const [one, two] = tracks as [StoredTrack, StoredTrack];
  lone.load(one);
  lone.arm(two);
  const until = 20 * SECOND + 123 - beforeEndMs * 48;
  await lone.clock.runUntil(() => lone.heardFrames() >= until, ms(30_000));
  return lone;
}

function placed(track: StoredTrack, number: number): StoredTrack {
  const album = { id: albumId('7'.repeat(22)), disc: 1, track: number };
  return { ...track, manifest: { ...track.manifest, album } };
}

describe('a crossfade', () => {
  it('joins two tracks to the frame; the new one is the one that plays from the middle on', async () => {
    const lone = await nearTheEnd(1_600);
    expect(lone.eventsOf('advanced')).toEqual([]);
    expect(lone.eventsOf('position').at(-1)?.trackId).toBe(first.manifest.trackId);
    const advanced = await lone.until('advanced', ms(200));
    expect(advanced).toMatchObject({
      generation: 1,
      trackId: second.manifest.trackId,
      durationFrames: 25 * SECOND + 45,
    });
    expect(Math.abs(lone.heardFrames() - START - LENGTH / 2)).toBeLessThanOrEqual(LOOK + 1);
    const place = lone.eventsOf('position').at(-1);
    expect(place?.trackId).toBe(second.manifest.trackId);
    expect((place?.positionFrames ?? 0) - LENGTH / 2).toBeLessThanOrEqual(LOOK + 1);
    await lone.until('ended', ms(30_000));
    const heard = lone.frames();
    expect(heard).toHaveLength(START + 25 * SECOND + 45);
    expect(heard[START - 1]).toEqual({ track: 1, positionFrames: START - 1 });
    expect(heard[START + LENGTH]).toEqual({ track: 2, positionFrames: LENGTH });
    expect(heard.at(-1)).toEqual({ track: 2, positionFrames: 25 * SECOND + 44 });
    expect([lone.sink.runs().length, lone.sink.underruns()]).toEqual([1, 0]);
  });

  it('is none between tracks that follow each other on an album, and is one when they are shuffled', async () => {
    const following = await nearTheEnd(100, {}, [placed(first, 3), placed(second, 4)]);
    await following.until('ended', ms(30_000));
    expect(following.sink.recordedFrames()).toBe(45 * SECOND + 168);
    const shuffled = await nearTheEnd(100, {}, [placed(first, 4), placed(second, 3)]);
    await shuffled.until('ended', ms(30_000));
    expect(shuffled.sink.recordedFrames()).toBe(45 * SECOND + 168 - LENGTH);
  });

  it('is shorter when the next track comes late, and none when it comes too late', async () => {
    const lone = new LoneEngine([first, second], { crossfade: ms(3_000) });
    lone.load(first);
    await lone.clock.runUntil(() => lone.heardFrames() >= START + SECOND, ms(30_000));
    lone.arm(second);
    await lone.until('ended', ms(40_000));
    const eaten = 45 * SECOND + 168 - lone.sink.recordedFrames();
    expect(eaten).toBeLessThan(2 * SECOND);
    expect(eaten).toBeGreaterThan(1.8 * SECOND);
    expect(lone.sink.runs()).toHaveLength(1);
  });

  it('ends a track at its end where nothing follows', async () => {
    const lone = new LoneEngine([first], { crossfade: ms(3_000) });
    lone.load(first);
    await lone.until('ended', ms(30_000));
    expect(lone.frames().at(-1)).toEqual({ track: 1, positionFrames: 20 * SECOND + 122 });
  });

  it.each([
    ['first', 2_500],
    ['second', 700],
  ])('is held by a pause in its %s half, and goes on exactly', async (_, beforeEndMs) => {
    const lone = await nearTheEnd(beforeEndMs);
    lone.engine.send({ kind: 'pause' });
    await lone.clock.advance(ms(2_000));
    expect(lone.sink.delay().delayFrames).toBe(0);
    const inSecond = beforeEndMs < 1_500;
    expect(lone.eventsOf('position').at(-1)).toMatchObject({
      trackId: (inSecond ? second : first).manifest.trackId,
      positionFrames: lone.heardFrames() - (inSecond ? START : 0),
      isSounding: false,
    });
    lone.engine.send({ kind: 'play' });
    await lone.until('ended', ms(40_000));
    expect(lone.frames()).toHaveLength(START + 25 * SECOND + 45);
    expect(lone.frames()[START + LENGTH + FADE]).toEqual({ track: 2, positionFrames: LENGTH + FADE });
    expect(lone.eventsOf('advanced')).toHaveLength(1);
  });

  it('a seek in its first half is one in the track that is heard, and the crossfade comes again', async () => {
    const lone = await nearTheEnd(2_500);
    lone.seek(5 * SECOND);
    await lone.clock.advance(ms(200));
    const at = lone.heardFrames() - 1_000;
    expect(lone.frames()[at]?.track).toBe(1);
    expect(lone.frames()[at]?.positionFrames).toBeLessThan(5.3 * SECOND);
    await lone.until('ended', ms(60_000));
    expect(lone.eventsOf('advanced')).toHaveLength(1);
    expect(lone.frames().at(-1)).toEqual({ track: 2, positionFrames: 25 * SECOND + 44 });
  });

  it('a seek in its second half is one in the new track', async () => {
    const lone = await nearTheEnd(700);
    lone.seek(20 * SECOND);
    await lone.clock.advance(ms(200));
    expect(lone.frames()[lone.heardFrames() - 1_000]).toMatchObject({ track: 2 });
    await lone.until('ended', ms(20_000));
    expect(lone.eventsOf('ended')).toHaveLength(1);
  });

  it('a skip in its first half goes to the track that is only just coming, from its beginning', async () => {
    const lone = await nearTheEnd(2_500);
    const asked = lone.content.manifestsAsked.length;
    const before = lone.heardFrames();
    lone.load(second);
    await lone.clock.advance(ms(500));
    const begun =
      lone.frames().findIndex((it, at) => at >= before && it?.track === 2 && it.positionFrames === FADE) - FADE;
    expect((begun - before) / 48).toBeLessThanOrEqual(15);
    expect(lone.content.manifestsAsked).toHaveLength(asked);
    expect([lone.sink.runs().length, lone.sink.underruns()]).toEqual([1, 0]);
  });

  it('goes on from where it was heard when the device is lost in its midst', async () => {
    const lone = await nearTheEnd(2_500);
    lone.sink.unplug();
    await lone.until('ended', ms(60_000));
    expect(lone.frames().at(-1)).toEqual({ track: 2, positionFrames: 25 * SECOND + 44 });
    expect(lone.eventsOf('advanced')).toHaveLength(1);
  });
});
