/** The real engine before edges of every mood, in virtual time: music goes on as long as one of them has it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kbps, ms } from '#protocol/vocabulary/units';
import { LoneEngine } from '#sim/speakers/lone-engine';
import { EDGE_MOODS, type EdgeMood, MoodyEdges, type MoodyEdgesOptions } from '#sim/speakers/moody-edges';
import type { StoredTrack } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';
import { REQUESTS_IN_FLIGHT_MAX } from './fetch/fetch-plan.ts';
import { HEDGES_MAX } from './fetch/span-fetch.ts';

const SECOND = 48_000;
const FADE = 480;
const [NEAR, FAR] = ['http://near', 'http://far'] as const;

function withHeads(track: StoredTrack, headSegments = 3): StoredTrack {
  const files = track.manifest.files.map((file) => ({ ...file, headSegments }));
  return { ...track, manifest: { ...track.manifest, files } };
}

function room(tracks: readonly StoredTrack[], options: Partial<MoodyEdgesOptions> = {}, seed = 1) {
  let edges: MoodyEdges | undefined;
  const lone = new LoneEngine(tracks, {
    seed,
    chunks: (clock) => {
      edges = new MoodyEdges(clock, tracks, options);
      return edges;
    },
  });
  if (edges === undefined) throw new Error('the engine asks for its chunks');
  lone.content.listEdges(NEAR, FAR);
  return { lone, edges };
}

describe('the audio engine and its edges', () => {
  it('plays from the first edge alone while that is well, its head first, nothing twice', async () => {
    const track = withHeads(rampTrack(1, 100 * SECOND));
    const { lone, edges } = room([track]);
    lone.load(track);
    await lone.until('ended', ms(110_000));
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 100 * SECOND }]);
    expect(new Set(edges.asked.map(({ url }) => url))).toEqual(new Set([NEAR]));
    expect(edges.asked[0]).toMatchObject({ kind: 'head', offset: 0 });
    expect(edges.asked.slice(1).every(({ kind }) => kind === 'range')).toBe(true);
    const fetched = edges.asked.reduce((sum, { length }) => sum + length, 0);
    expect(fetched).toBe(track.stored.length);
    expect(edges.openMax).toBeLessThanOrEqual(REQUESTS_IN_FLIGHT_MAX);
  });

  it('asks the same edge for the range where it keeps no heads, and does not hold it against it', async () => {
    const track = withHeads(rampTrack(1, 5 * SECOND));
    const { lone, edges } = room([track]);
    edges.setMood(NEAR, 'headless');
    lone.load(track);
    await lone.until('ended');
    expect(edges.asked.map(({ url, kind }) => `${url} ${kind}`).slice(0, 3)).toEqual([
      `${NEAR} head`,
      `${NEAR} range`,
      `${NEAR} range`,
    ]);
    expect(edges.askedOf(FAR)).toEqual([]);
  });

  it('goes to the other edge at once when the first dies, for what is missing, and nothing is heard of it', async () => {
    const track = rampTrack(1, 120 * SECOND, { packetBytes: 400 });
    const { lone, edges } = room([track], { bytesPerSecond: 60_000 });
    lone.load(track);
    await lone.clock.advance(ms(5_000));
    const open = edges.askedOf(NEAR).filter(({ outcome }) => outcome === 'open');
    expect(open.length).toBeGreaterThan(0);
    const diedUs = lone.clock.nowUs();
    edges.setMood(NEAR, 'dead');
    await lone.clock.runUntil(() => edges.askedOf(FAR).length > 0, ms(1_000));
    const [first] = edges.askedOf(FAR);
    expect((first?.atUs ?? Number.NaN) - diedUs).toBeLessThan(1_000);
    // What had come is not asked for again: the question begins within the one that broke.
    const broken = open.find(
      ({ offset, length }) => (first?.offset ?? -1) >= offset && (first?.offset ?? 0) < offset + length,
    );
    expect(broken?.offset).toBeLessThan(first?.offset ?? Number.NaN);
    await lone.until('ended', ms(125_000));
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 120 * SECOND }]);
    expect(lone.eventsOf('starved')).toEqual([]);
    // It is left alone but for probes.
    expect(edges.askedOf(NEAR).filter(({ atUs }) => atUs > diedUs).length).toBeLessThan(8);
    expect(lone.content.edgeReports.length).toBeGreaterThan(0);
    expect(lone.content.edgeReports.length).toBeLessThan(8);
    const failures = lone.content.edgeReports.flat().filter(({ url }) => url === NEAR);
    expect(failures.some((edge) => edge.failures > 0)).toBe(true);
  });

  it('returns to the first edge when that is back', async () => {
    const track = rampTrack(1, 150 * SECOND);
    const { lone, edges } = room([track]);
    edges.setMood(NEAR, 'dead');
    lone.load(track);
    await lone.clock.advance(ms(20_000));
    edges.setMood(NEAR, 'good');
    await lone.until('ended', ms(160_000));
    expect(edges.askedOf(NEAR).filter(({ outcome }) => outcome === 'answered').length).toBeGreaterThan(3);
    expect(edges.asked.at(-1)?.url).toBe(NEAR);
  });

  it('asks one more edge when the sound is needed soon and the first keeps silent', async () => {
    const track = rampTrack(1, 30 * SECOND);
    const { lone, edges } = room([track]);
    edges.setMood(NEAR, 'silent');
    lone.load(track);
    await lone.until('ready', ms(1_000));
    expect(lone.eventsOf('ready')).toHaveLength(1);
    expect(edges.askedOf(FAR)[0]?.atUs).toBe(300_000 + (edges.askedOf(NEAR)[0]?.atUs ?? Number.NaN));
    expect(edges.askedOf('')).toEqual([]);
    await lone.until('ended', ms(40_000));
    expect(lone.eventsOf('starved')).toEqual([]);
  });

  it.each(['stalling', 'trickling'] as const)('does not run dry before an edge that is %s', async (mood) => {
    const track = rampTrack(1, 100 * SECOND);
    const { lone, edges } = room([track]);
    lone.load(track);
    await lone.clock.advance(ms(3_000));
    edges.setMood(NEAR, mood);
    lone.seek(80 * SECOND);
    await lone.until('ended', ms(40_000));
    expect(lone.eventsOf('starved')).toEqual([]);
    expect(lone.eventsOf('ready')).toHaveLength(2);
  });

  it('does as an overloaded edge asks', async () => {
    const track = rampTrack(1, 30 * SECOND);
    const { lone, edges } = room([track]);
    for (const url of [NEAR, FAR, '']) edges.setMood(url, 'shedding');
    lone.load(track);
    await lone.clock.advance(ms(6_900));
    expect(edges.asked).toHaveLength(3);
    for (const url of [NEAR, FAR, '']) edges.setMood(url, 'good');
    await lone.until('ready', ms(1_000));
    expect(lone.eventsOf('ready')).toHaveLength(1);
  });

  it('asks the bridge when every edge fails, and says what failed when that does too', async () => {
    const track = rampTrack(1, 10 * SECOND);
    const { lone, edges } = room([track]);
    edges.setMood(NEAR, 'portal');
    edges.setMood(FAR, 'lying');
    lone.load(track);
    await lone.until('ended', ms(20_000));
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 10 * SECOND }]);
    expect(edges.askedOf('').some(({ outcome }) => outcome === 'answered')).toBe(true);
  });

  it('never keeps a corrupt segment: it comes from another edge, and the liar is left alone', async () => {
    const track = rampTrack(1, 60 * SECOND);
    const { lone, edges } = room([track]);
    edges.setMood(NEAR, 'corrupt');
    lone.load(track);
    await lone.until('ended', ms(70_000));
    expect(lone.stretches()).toEqual([{ track: 1, fromFrames: FADE - 1, toFrames: 60 * SECOND }]);
    const times = edges.askedOf(NEAR).length;
    expect(times).toBeGreaterThan(0);
    expect(edges.askedOf(FAR).length).toBeGreaterThan(times);
  });

  it('renews a refused token once, silently, and mistrusts the edge that refuses the fresh one too', async () => {
    const track = rampTrack(1, 20 * SECOND);
    const { lone, edges } = room([track]);
    edges.setMood(NEAR, 'refusing-tokens');
    lone.load(track);
    await lone.until('ended', ms(30_000));
    expect(lone.content.manifestsAsked).toHaveLength(2);
    expect(lone.eventsOf('failed')).toEqual([]);
    expect(edges.askedOf(FAR).length).toBeGreaterThan(0);
  });

  it('renews a token before it ends while there is more to fetch, also after a long pause, and not otherwise', async () => {
    const track = rampTrack(1, 150 * SECOND);
    const { lone } = room([track]);
    lone.content.setTokenLife(100_000);
    lone.load(track);
    await lone.clock.advance(ms(60_000));
    expect(lone.content.manifestsAsked).toHaveLength(1);
    await lone.clock.advance(ms(20_000));
    expect(lone.content.manifestsAsked).toHaveLength(2);
    lone.engine.send({ kind: 'pause' });
    await lone.clock.advance(ms(3_600_000));
    expect(lone.content.manifestsAsked.length).toBeLessThanOrEqual(3);
    lone.engine.send({ kind: 'play' });
    await lone.until('ended', ms(90_000));
    expect(lone.eventsOf('starved')).toEqual([]);
    expect(lone.sink.recordedFrames()).toBeGreaterThanOrEqual(150 * SECOND);
  });

  it.each([-1, 1])('is not hurt by a calendar that steps by a day (%i) in the middle of a track', async (direction) => {
    const track = rampTrack(1, 150 * SECOND);
    const { lone } = room([track]);
    lone.content.setTokenLife(210_000);
    lone.load(track);
    await lone.clock.advance(ms(20_000));
    lone.clock.setWallMs(lone.clock.wallMs() + direction * 86_400_000);
    await lone.until('ended', ms(140_000));
    expect(lone.eventsOf('starved')).toEqual([]);
    expect(lone.content.manifestsAsked.length).toBeLessThan(6);
  });

  it('has the head of the next track while the current one is still filling up', async () => {
    const [first, second] = [
      withHeads(rampTrack(1, 100 * SECOND, { packetBytes: 400 })),
      withHeads(rampTrack(2, 50 * SECOND)),
    ];
    const { lone, edges } = room([first, second], { bytesPerSecond: 100_000 });
    lone.load(first);
    lone.arm(second);
    const isHead = ({ kind, length }: { kind: string; length: number }) => kind === 'head' && length < 20_000;
    await lone.clock.runUntil(() => edges.asked.some(isHead), ms(10_000));
    const at = edges.asked.findIndex(isHead);
    expect(at).toBeGreaterThan(0);
    // 13 s of 160 kbit/s at five times their speed: well before the first track's minute of read-ahead is there.
    expect(lone.clock.nowUs()).toBeLessThan(5_000_000);
  });

  it('is not stuck with an edge that trickles when the one asked beside it fails', async () => {
    const track = rampTrack(1, 5 * SECOND);
    const { lone, edges } = room([track]);
    edges.setMood(NEAR, 'trickling');
    edges.setMood(FAR, 'dead');
    lone.load(track);
    await lone.until('ready', ms(3_000));
    expect(lone.eventsOf('ready')).toHaveLength(1);
    expect(edges.askedOf('').length).toBeGreaterThan(0);
  });

  it('gives up an edge that trickles when nobody waits for it, and those that all do', async () => {
    const track = rampTrack(1, 5 * SECOND);
    const { lone, edges } = room([track]);
    for (const url of [NEAR, FAR, '']) edges.setMood(url, 'trickling');
    lone.load(track);
    await lone.clock.advance(ms(5_000));
    for (const url of [NEAR, FAR, '']) edges.setMood(url, 'good');
    await lone.until('ended', ms(40_000));
    expect(lone.eventsOf('ended')).toHaveLength(1);
  });

  it('gives up what the old track asked for at a skip', async () => {
    const [first, second] = [rampTrack(1, 100 * SECOND, { packetBytes: 400 }), rampTrack(2, 10 * SECOND)];
    const { lone, edges } = room([first, second], { bytesPerSecond: 60_000 });
    lone.load(first);
    await lone.clock.advance(ms(4_000));
    const open = edges.asked.filter(({ outcome }) => outcome === 'open');
    expect(open.length).toBeGreaterThan(0);
    lone.load(second);
    await lone.clock.advance(ms(1));
    expect(open.map(({ outcome }) => outcome)).toEqual(open.map(() => 'fetch.cancelled'));
    await lone.until('ended', ms(20_000));
    expect(lone.stretches().at(-1)).toMatchObject({ track: 2, toFrames: 10 * SECOND });
  });

  it('plays every track to its end as long as one edge is well, and fetches nothing twice but for failures', async () => {
    const track = withHeads(rampTrack(1, 12 * SECOND));
    const mood = fc.constantFrom<EdgeMood>(...EDGE_MOODS);
    const changes = fc.array(fc.record({ atMs: fc.nat(12_000), url: fc.constantFrom(NEAR, FAR), mood }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(1_000), async (all, seed) => {
        const { lone, edges } = room([track], { bytesPerSecond: 200_000 }, seed);
        for (const { atMs, url, mood: next } of all) {
          lone.clock.setTimer('mood', ms(atMs), () => edges.setMood(url, next));
        }
        lone.load(track);
        await lone.until('ended', ms(120_000));
        expect(lone.eventsOf('ended')).toHaveLength(1);
        expect(lone.sink.recordedFrames()).toBeGreaterThanOrEqual(12 * SECOND);
        expect(edges.openMax).toBeLessThanOrEqual(REQUESTS_IN_FLIGHT_MAX * (1 + HEDGES_MAX));
        // Only what broke off before a segment's end, or was corrupt, is asked for again.
        const answered = edges.asked.filter(({ outcome }) => outcome === 'answered');
        expect(answered.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(track.stored.length);
        expect(lone.store.sizeBytes()).toBeGreaterThanOrEqual(track.stored.length);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['24', { kind: 'cap', kbps: 24 }, 24],
    ['the best', { kind: 'best' }, 320],
  ] as const)('plays the file that was asked for: %s', async (_, quality, expected) => {
    const low = rampTrack(1, 5 * SECOND, { packetBytes: 60 });
    const high = rampTrack(2, 5 * SECOND, { packetBytes: 90, trackId: low.manifest.trackId });
    const files = [
      ...high.manifest.files.map((file) => ({ ...file, bitrateKbps: kbps(320) })),
      ...low.manifest.files.map((file) => ({ ...file, bitrateKbps: kbps(24) })),
    ];
    const both = { ...low, manifest: { ...low.manifest, files } };
    const lone = new LoneEngine([both], { quality, chunks: (clock) => new MoodyEdges(clock, [low, high]) });
    lone.load(both);
    await lone.until('ended');
    expect(lone.stretches()[0]?.track).toBe(expected === 24 ? 1 : 2);
  });
});
