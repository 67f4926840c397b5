/**
 * Servers that say no: tokens that are not good any more, and too much to do. A token is renewed without a sound; who asks
 * for patience gets it; and a thousand speakers that are sent away together do not come back together.
 */
import { describe, expect, it } from 'vitest';
import { createManifestFetcher } from '#device/core/audio/fetch/manifest-fetcher';
import { type PendingFetch, RETRY_AFTER_CONTEXT } from '#device/core/ports/chunk-source';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { AuditedEngine } from '#sim/speakers/audited-engine';
import { rampTrack } from '#sim/speakers/ramp-track';
import { type EdgeAnswer, ScriptedEdges } from '#sim/speakers/scripted-edges';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { forSeeds } from './with-seeds.ts';

const [NEAR, FAR] = ['http://near', 'http://far'] as const;
const SECONDS = 45;
const SEEDS = { seeds: 5 };
const SPEAKERS = 1_000;
/** Of which each asks for files, with an engine of its own; the figures are the same for more. */
const ENGINES = 100;
const OVERLOAD = ms(300_000);
/** By then everybody has been sent away so often that the longest wait is reached. */
const SPREAD_AFTER_MS = 120_000;
const US_PER_MS = 1_000;
/** What one speaker in a minute's spread asks each second, with room for chance: half a minute between two questions, three times over. */
const SHARE_IN_ANY_SECOND = 3 / 30;
const RIGHT: EdgeAnswer = { kind: 'right' };

const track = rampTrack(1, SECONDS * FRAMES_PER_SECOND, { packetBytes: 400 });

function room(random: SeededRandom, bytesPerSecond = 60_000) {
  return new AuditedEngine([track], {
    edges: (clock) => new ScriptedEdges(clock, [track], { bytesPerSecond }),
    edgeUrls: [NEAR, FAR],
    random,
  });
}

describe('refused tokens', () => {
  it('in mid-track, by every edge: renewed once, silently, and nothing is heard', async () => {
    await forSeeds(async (random) => {
      const here = room(random);
      let good = 'token-of-a-test';
      here.edges.script = ({ token }) => (token === good ? RIGHT : { kind: 'refuses', code: 'content.token-refused' });
      here.load(track);
      await here.clock.advance(ms(random.between(3_000, 12_000)));
      const before = here.content.manifestsAsked.length;
      good = 'a-new-token';
      here.content.changeToken(good);
      expect(await here.until('ended', ms(90_000)), 'to its end').toBeDefined();
      expect(here.problems(), 'every frame once').toEqual([]);
      expect(here.sink.heardFrames, 'all of it').toBe(track.manifest.durationFrames);
      expect(here.eventsOf('starved'), 'silently').toEqual([]);
      expect(here.content.manifestsAsked.length - before, 'manifests asked for').toBe(1);
    }, SEEDS);
  });

  it('fresh ones too: the track fails by name, and the bridge is not asked without end', async () => {
    await forSeeds(async (random) => {
      const here = room(random);
      here.edges.script = () => ({ kind: 'refuses', code: 'content.token-refused' });
      here.load(track);
      const failed = await here.until('failed', ms(30_000));
      expect(failed?.error.code, 'by name').toBe('content.token-refused');
      expect(here.content.manifestsAsked.length, 'manifests asked for').toBeLessThan(6);
    }, SEEDS);
  });
});

describe('too much to do', () => {
  it('says when to come again: nobody asks before, the rest comes from elsewhere, and nothing is heard', async () => {
    await forSeeds(async (random) => {
      // Near enough to be the first choice.
      const here = room(random, 1_000_000);
      const retryAfterMs = random.between(1, 20) * 1_000;
      let toldUs: number | null = null;
      here.edges.script = ({ url, atUs, number }) => {
        if (url !== NEAR || number < 1) return RIGHT;
        if (toldUs !== null && atUs >= toldUs + retryAfterMs * US_PER_MS) return RIGHT;
        toldUs ??= atUs;
        return { kind: 'refuses', code: 'content.overloaded', retryAfterMs };
      };
      here.load(track);
      expect(await here.until('ended', ms(90_000)), 'to its end').toBeDefined();
      expect(here.problems(), 'every frame once').toEqual([]);
      expect(here.eventsOf('starved'), 'nobody hears of it').toEqual([]);
      const sentAway = here.edges.asked.filter(({ outcome }) => outcome === 'content.overloaded');
      // Two requests are under way at a time: the second may have been asked before the first was answered.
      expect(sentAway.length, `asked within ${retryAfterMs} ms`).toBeGreaterThan(0);
      expect(sentAway.length, `asked within ${retryAfterMs} ms`).toBeLessThanOrEqual(2);
    }, SEEDS);
  });

  it('everywhere, in mid-track: the buffer plays on, and music is back soon after they are', async () => {
    await forSeeds(async (random) => {
      const here = room(random, 45_000);
      here.load(track);
      await here.clock.advance(ms(6_000));
      const hint = random.pick([{}, { retryAfterMs: 5_000 }]);
      here.edges.script = () => ({ kind: 'refuses', code: 'content.overloaded', ...hint });
      await here.clock.advance(ms(random.between(1_000, 60_000)));
      here.edges.script = () => RIGHT;
      expect(await here.until('ended', ms(180_000)), 'to its end').toBeDefined();
      expect(here.problems(), 'every frame once').toEqual([]);
      expect(here.sink.heardFrames, 'all of it').toBe(track.manifest.durationFrames);
      expect(here.eventsOf('failed'), 'never given up').toEqual([]);
    }, SEEDS);
  });

  it.each([
    ['that says when to come again', 10_000],
    ['that does not say', null],
  ])(
    'a bridge %s, and 1,000 speakers: they spread over a minute and more, and ask ever less',
    async (_, retryAfterMs) => {
      const times: number[][] = [];
      for (let speaker = 0; speaker < SPEAKERS; speaker += 1)
        times.push(await timesOfManifestQuestions(speaker, retryAfterMs));
      expectSpread(times, SPEAKERS);
      const firstReturns = times.map(([, second]) => second ?? Number.NaN);
      expect(Math.min(...firstReturns), 'nobody comes before it is time').toBeGreaterThanOrEqual(retryAfterMs ?? 0);
    },
  );

  it.each([
    ['that say when to come again', 10_000],
    ['that do not say', null],
  ])('edges %s, and speakers that want files: the same', async (_, retryAfterMs) => {
    const times: number[][] = [];
    for (let speaker = 0; speaker < ENGINES; speaker += 1) {
      const here = room(new SeededRandom(speaker));
      const hint = retryAfterMs === null ? {} : { retryAfterMs };
      here.edges.script = () => ({ kind: 'refuses', code: 'content.overloaded', ...hint });
      here.load(track, { isPlaying: false });
      await here.clock.advance(OVERLOAD);
      times.push(here.edges.asked.filter(({ url }) => url === '').map(({ atUs }) => atUs / US_PER_MS));
      await here.engine.close();
    }
    expectSpread(times, ENGINES);
  });
});

/** @returns when one speaker asked a bridge that has too much to do, in milliseconds */
async function timesOfManifestQuestions(speaker: number, retryAfterMs: number | null): Promise<number[]> {
  const clock = new VirtualClock();
  const times: number[] = [];
  const context = retryAfterMs === null ? {} : { [RETRY_AFTER_CONTEXT]: retryAfterMs };
  const fetchManifest = (): PendingFetch<Manifest> => {
    times.push(clock.nowUs() / US_PER_MS);
    const error = new TonearmError('content.overloaded', 'too much to do', { context });
    return { outcome: Promise.resolve(refused(error)), cancel: () => {} };
  };
  const manifests = { fetchManifest, recallManifest: async () => undefined };
  const ports = { clock, random: new SeededRandom(speaker), logger: silentLogger, manifests };
  const fetcher = createManifestFetcher(ports, track.manifest.trackId, { arrived: () => {}, failed: () => {} });
  fetcher.ask();
  for (let told = 0; told < 5; told += 1) {
    await clock.advance(ms(OVERLOAD / 5));
    // As after each welcome: who was told to wait waits all the same.
    fetcher.nudge();
  }
  fetcher.close();
  return times;
}

/** All are sent away at time zero; from some time on no second has more than its share, and no speaker is left out. */
function expectSpread(times: readonly (readonly number[])[], speakers: number): void {
  const perSecond = new Map<number, number>();
  for (const asked of times) {
    for (const atMs of asked)
      perSecond.set(Math.floor(atMs / 1_000), (perSecond.get(Math.floor(atMs / 1_000)) ?? 0) + 1);
    const late = asked.filter((atMs) => atMs > SPREAD_AFTER_MS);
    expect(late.length, 'each asks now and then').toBeGreaterThan(0);
    expect(late.length, 'and no oftener').toBeLessThan(40);
  }
  const late = [...perSecond].filter(([second]) => second * 1_000 >= SPREAD_AFTER_MS);
  const most = Math.max(...late.map(([, count]) => count));
  expect(most, 'in the worst second').toBeLessThanOrEqual(Math.max(10, speakers * SHARE_IN_ANY_SECOND));
  const next = times.map((asked) => asked.find((atMs) => atMs > SPREAD_AFTER_MS) ?? Number.NaN);
  expect(Math.max(...next) - Math.min(...next), 'from the first to come back to the last').toBeGreaterThanOrEqual(
    55_000,
  );
}
