import { describe, expect, it } from 'vitest';
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import { ms } from '#protocol/vocabulary/units';
import { LoneEngine, type LoneEngineOptions } from '#sim/speakers/lone-engine';
import { type StoredTrack, trackIdOf } from '#sim/speakers/ogg-segments';
import { RAMP_TRACK_MAX } from '#sim/speakers/ramp-decoder';
import { rampTrack } from '#sim/speakers/ramp-track';
import { createArchiveDisk, createVirtualChunkArchive } from '#sim/speakers/virtual-chunk-archive';
import { createManifestDisk, createVirtualManifestArchive } from '#sim/speakers/virtual-manifest-archive';
import { SeededRandom } from '#sim/world/seeded-random';
import { PREFETCH_BYTES_AT_ONCE, PREFETCH_BYTES_PER_HOUR } from './prefetch/prefetcher.ts';

const SECOND = 48_000;
const FAR = { content: { roundTripMs: 40, bytesPerSecond: 500_000 } };

const idsOf = (tracks: readonly StoredTrack[]) => tracks.map(({ manifest }) => manifest.trackId);
const requests = ({ content }: LoneEngine) => content.rangesAsked.length + content.manifestsAsked.length;

/** A disk that outlives engines, and engines on it. */
function house(tracks: readonly StoredTrack[]) {
  const [segments, manifests] = [createArchiveDisk(), createManifestDisk()];
  const start = (options: LoneEngineOptions = {}): LoneEngine =>
    new LoneEngine(tracks, {
      ...FAR,
      ...options,
      ports: {
        archive: createVirtualChunkArchive(segments),
        manifestArchive: createVirtualManifestArchive(manifests),
        ...options.ports,
      },
    });
  return { segments, manifests, start };
}

/** Segments that came over the network more than once. */
function fetchedTwice(tracks: readonly StoredTrack[], { content }: LoneEngine): number {
  const times = new Map<string, number>();
  for (const { fileId, offset, length } of content.rangesAsked) {
    const file = tracks.flatMap(({ manifest }) => manifest.files).find((it) => it.fileId === fileId);
    let at = 0;
    file?.segmentSizesBytes.forEach((size, segment) => {
      const key = `${fileId}/${segment}`;
      if (at >= offset && at + size <= offset + length) times.set(key, (times.get(key) ?? 0) + 1);
      at += size;
    });
  }
  return [...times.values()].filter((count) => count > 1).length;
}

describe('what was fetched before', () => {
  it('plays after a restart without any edge and without the bridge', async () => {
    const track = rampTrack(1, 20 * SECOND);
    const { start } = house([track]);
    const before = start();
    before.load(track);
    await before.until('ended', ms(30_000));
    await before.engine.close();
    const after = start();
    after.content.setReachable(false);
    after.load(track, { startFrames: 5 * SECOND });
    await after.until('ready', ms(100));
    expect(requests(after)).toBe(0);
    await after.until('ended', ms(20_000));
    expect(requests(after)).toBe(0);
    expect(after.stretches()).toEqual([expect.objectContaining({ track: 1, toFrames: 20 * SECOND })]);
    expect(after.eventsOf('starved')).toEqual([]);
  });

  it('is not heard when the disk has changed it, and is fetched anew', async () => {
    const track = rampTrack(1, 20 * SECOND);
    const { segments, start } = house([track]);
    const before = start();
    before.load(track);
    await before.until('ended', ms(30_000));
    await before.engine.close();
    for (const file of segments.files.values()) {
      for (const [number, sealed] of file) if (number % 3 === 0) sealed[100] = (sealed[100] ?? 0) ^ 1;
    }
    const after = start();
    after.load(track);
    await after.until('ended', ms(30_000));
    expect(after.sink.recordedFrames()).toBe(20 * SECOND);
    expect(after.frames().at(-1)).toEqual({ track: 1, positionFrames: 20 * SECOND - 1 });
    expect(after.eventsOf('failed')).toEqual([]);
    expect(after.content.rangesAsked.length).toBeGreaterThan(0);
    expect(fetchedTwice([track], after)).toBe(0);
  });

  it('goes on from the archive while the bridge is away, and from the bridge when it is back', async () => {
    const track = rampTrack(1, 60 * SECOND);
    const { segments, start } = house([track]);
    const before = start();
    before.content.setTokenLife(10_000);
    before.load(track);
    await before.clock.advance(ms(3_000));
    await before.engine.close();
    for (const file of segments.files.values()) for (const number of file.keys()) if (number >= 20) file.delete(number);
    const after = start();
    // The token that is remembered is over before it is of use, and refused whatever the calendar says.
    after.content.changeToken('fresh');
    after.content.setReachable(false);
    after.load(track);
    await after.clock.advance(ms(15_000));
    expect(after.eventsOf('starved')).toEqual([]);
    after.content.setReachable(true);
    await after.until('ended', ms(60_000));
    expect(after.eventsOf('starved')).toEqual([]);
    expect(after.stretches()).toEqual([expect.objectContaining({ track: 1, toFrames: 60 * SECOND })]);
  });

  it('is of no use when the track was ingested anew meanwhile: the new one is played', async () => {
    const [old, fresh] = [rampTrack(1, 20 * SECOND), rampTrack(2, 20 * SECOND, { trackId: '1'.padStart(22, '0') })];
    const { segments, manifests } = house([old]);
    manifests.texts.set(old.manifest.trackId, JSON.stringify(old.manifest));
    const lone = new LoneEngine([fresh], {
      ports: {
        archive: createVirtualChunkArchive(segments),
        manifestArchive: createVirtualManifestArchive(manifests),
      },
    });
    lone.load(fresh);
    await lone.until('ended', ms(30_000));
    expect(lone.stretches()).toEqual([{ track: 2, fromFrames: expect.any(Number), toFrames: 20 * SECOND }]);
    expect(lone.eventsOf('failed')).toEqual([]);
  });

  it('reads an archive that memory is too small for no faster than it plays', async () => {
    const track = rampTrack(1, 40 * SECOND, { packetBytes: 400 });
    const { segments, start } = house([track]);
    const before = start();
    before.load(track);
    await before.until('ended', ms(60_000));
    await before.engine.close();
    let reads = 0;
    const archive = createVirtualChunkArchive(segments);
    const counted: ChunkArchive = {
      ...archive,
      read: (fileId, segment) => {
        reads += 1;
        return archive.read(fileId, segment);
      },
    };
    const after = start({ storeBytes: 200_000, ports: { archive: counted } });
    after.load(track);
    await after.clock.advance(ms(10_000));
    expect(reads).toBeLessThan(1_500);
    await after.engine.close();
  });
});

describe('what was fetched ahead of being asked for', () => {
  const tracks = [1, 2, 3, 4, 5].map((number) => rampTrack(number, 90 * SECOND));
  const [one, two, three, four, five] = tracks as [StoredTrack, StoredTrack, StoredTrack, StoredTrack, StoredTrack];

  it('makes sound without asking anybody: the next tracks in the queue, and what a phone shows', async () => {
    const lone = new LoneEngine(tracks, FAR);
    lone.load(one);
    lone.arm(two);
    lone.engine.send({ kind: 'setHints', reason: 'queue', trackIds: idsOf([two, three]) });
    lone.engine.send({ kind: 'setHints', reason: 'shown', trackIds: idsOf([five, four]) });
    await lone.clock.advance(ms(10_000));
    for (const track of [two, three, four, five]) {
      const before = requests(lone);
      lone.load(track);
      expect(await lone.until('ready', ms(1)), track.manifest.trackId).toBeDefined();
      expect(requests(lone) - before).toBeLessThanOrEqual(2);
      expect(lone.content.manifestsAsked.filter((it) => it === track.manifest.trackId)).toHaveLength(1);
    }
    expect(fetchedTwice(tracks, lone)).toBe(0);
  });

  it('waits until what plays is safe, and lets go when it is not', async () => {
    const lone = new LoneEngine(tracks, { content: { roundTripMs: 40, bytesPerSecond: 3_600 } });
    lone.load(one);
    lone.engine.send({ kind: 'setHints', reason: 'shown', trackIds: idsOf([four]) });
    await lone.until('ready', ms(5_000));
    expect(lone.content.manifestsAsked).toEqual(idsOf([one]));
    // 3,600 bytes a second are a little more than what plays takes.
    await lone.clock.advance(ms(20_000));
    expect(lone.content.manifestsAsked).toEqual(idsOf([one]));
  });

  it('is let go at a load, with all that the old track had asked for', async () => {
    const lone = new LoneEngine(tracks, { content: { roundTripMs: 400, bytesPerSecond: 5_000 } });
    lone.engine.send({ kind: 'setHints', reason: 'shown', trackIds: idsOf([four, five]) });
    await lone.clock.advance(ms(600));
    expect(lone.content.pendingRequests()).toBe(1);
    lone.load(one);
    await lone.clock.advance(ms(0));
    expect(lone.content.pendingRequests()).toBe(1);
    expect(lone.content.manifestsAsked).toEqual(idsOf([four, one]));
    await lone.clock.advance(ms(900));
    lone.load(two);
    await lone.clock.advance(ms(0));
    expect(lone.content.pendingRequests()).toBe(1);
    expect(lone.content.manifestsAsked.at(-1)).toBe(two.manifest.trackId);
  });

  it('is finished while a finger scrolls, and gives way to the queue', async () => {
    const lone = new LoneEngine(tracks, { content: { roundTripMs: 200, bytesPerSecond: 20_000 } });
    const show = async (...shown: readonly StoredTrack[]) => {
      lone.engine.send({ kind: 'setHints', reason: 'shown', trackIds: idsOf(shown) });
      await lone.clock.advance(ms(100));
    };
    await show(four, five);
    await show(five, four);
    await show(three, five, four);
    expect(lone.content.manifestsAsked).toEqual(idsOf([four]));
    lone.engine.send({ kind: 'setHints', reason: 'queue', trackIds: idsOf([two]) });
    await lone.clock.advance(ms(50));
    expect(lone.content.manifestsAsked).toEqual(idsOf([four, two]));
    await show(one);
    await lone.clock.advance(ms(5_000));
    expect(lone.content.manifestsAsked).toEqual(idsOf([four, two, one]));
  });

  it('is nothing, once what is fetched on suspicion has used up its hour', async () => {
    const many = Array.from({ length: 108 }, (_, place) => rampTrackOf(place));
    const lone = new LoneEngine(many);
    let fetched = 0;
    for (let round = 0; round < 4; round += 1) {
      const shown = many.slice(round * 27, round * 27 + 27);
      lone.engine.send({ kind: 'setHints', reason: 'shown', trackIds: idsOf(shown) });
      await lone.clock.advance(ms(60_000));
    }
    for (const { length } of lone.content.rangesAsked) fetched += length;
    expect(fetched).toBeGreaterThan(PREFETCH_BYTES_AT_ONCE * 0.9);
    expect(fetched).toBeLessThan(PREFETCH_BYTES_AT_ONCE + PREFETCH_BYTES_PER_HOUR / 10);
  });

  it('is counted as not heard until it is', async () => {
    const lone = new LoneEngine(tracks, FAR);
    lone.engine.send({ kind: 'setHints', reason: 'shown', trackIds: idsOf([four, five]) });
    await lone.clock.advance(ms(2_000));
    const asked = lone.content.rangesAsked.reduce((sum, { length }) => sum + length, 0);
    lone.load(four);
    await lone.clock.advance(ms(40_000));
    const health = lone.eventsOf('health');
    const [first, last] = [health[0]?.delivery, health.at(-1)?.delivery];
    expect(first?.prefetchedBytes).toBe(asked);
    expect(last?.prefetchedBytes).toBe(asked);
    // Track five's beginning, and what lies ahead of what is heard of track four.
    expect(last?.unheardBytes).toBeGreaterThan(asked / 2);
    lone.load(five);
    await lone.until('ended', ms(120_000));
    lone.load(four, { startFrames: 30 * SECOND });
    await lone.until('ended', ms(120_000));
    expect(lone.eventsOf('health').at(-1)?.delivery?.unheardBytes).toBe(0);
  });

  it('does not come for a track that cannot be had, and the others do', async () => {
    const lone = new LoneEngine([one, three], FAR);
    lone.engine.send({ kind: 'setHints', reason: 'queue', trackIds: idsOf([two, three]) });
    await lone.clock.advance(ms(5_000));
    expect(lone.content.manifestsAsked).toEqual(idsOf([two, three]));
    const [file] = three.manifest.files;
    expect(new Set(lone.content.rangesAsked.map(({ fileId }) => fileId))).toEqual(new Set([file?.fileId]));
  });
});

/** As many different tracks as one likes, though a ramp has only so many numbers. */
function rampTrackOf(place: number): StoredTrack {
  const [number, packetBytes] = [(place % RAMP_TRACK_MAX) + 1, 1_000 + Math.floor(place / RAMP_TRACK_MAX)];
  return rampTrack(number, 4 * SECOND, { packetBytes, trackId: trackIdOf(place + 1) });
}

describe('whatever is asked for in whatever order', () => {
  it.each([1, 2, 3, 4, 5, 6])('nothing comes twice: seed %i', async (seed) => {
    const random = new SeededRandom(seed);
    const tracks = [1, 2, 3, 4, 5].map((number) => rampTrack(number, 45 * SECOND));
    const { start } = house(tracks);
    const lone = start({ seed });
    lone.load(random.pick(tracks));
    for (let step = 0; step < 30; step += 1) {
      const [track, other, third] = [random.pick(tracks), random.pick(tracks), random.pick(tracks)];
      const act = random.between(0, 5);
      if (act === 0) lone.load(track, { startFrames: random.between(0, 40) * SECOND });
      if (act === 1) lone.seek(random.between(0, 40) * SECOND);
      if (act === 2) lone.arm(random.chance(0.2) ? null : track);
      if (act === 3) lone.engine.send({ kind: random.chance(0.5) ? 'play' : 'pause' });
      if (act >= 4) {
        const reason = random.chance(0.5) ? 'queue' : 'shown';
        lone.engine.send({ kind: 'setHints', reason, trackIds: [...new Set(idsOf([track, other, third]))] });
      }
      // Long enough for what is under way: what is cut off in its middle must come again.
      await lone.clock.advance(ms(random.between(500, 4_000)));
    }
    expect(fetchedTwice(tracks, lone), `seed ${seed}`).toBe(0);
    expect(lone.eventsOf('failed')).toEqual([]);
    await lone.engine.close();
  });
});
