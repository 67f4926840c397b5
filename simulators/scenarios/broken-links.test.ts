/**
 * Connections that are refused, break, stall or trickle in the middle of a track: what has come is never fetched again,
 * and as long as the buffer lasts nothing is heard of it. When it does not last, that is said, and counted.
 */
import { describe, expect, it } from 'vitest';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import { AuditedEngine } from '#sim/speakers/audited-engine';
import { rampTrack } from '#sim/speakers/ramp-track';
import {
  type EdgeAnswer,
  type EdgeQuestion,
  ScriptedEdges,
  type ScriptedEdgesOptions,
} from '#sim/speakers/scripted-edges';
import type { SeededRandom } from '#sim/world/seeded-random';
import { forSeeds } from './with-seeds.ts';

const [NEAR, FAR] = ['http://near', 'http://far'] as const;
const SECONDS = 45;
/** Each costs a quarter of a second for every fault. */
const SEEDS = { seeds: 5 };
/** Twice what the music needs: after eight seconds some eight more are held, and the track is not. */
const TIGHT = { bytesPerSecond: 45_000 };
const BUFFERED_AFTER = ms(8_000);
const WHOLE_TRACK_WITHIN = ms(150_000);
const RIGHT: EdgeAnswer = { kind: 'right' };

const track = rampTrack(1, SECONDS * FRAMES_PER_SECOND, { packetBytes: 400 });
const largestSegment = Math.max(...track.segments.map(({ length }) => length));

type Room = AuditedEngine<ScriptedEdges>;

function room(
  random: SeededRandom,
  options: Partial<ScriptedEdgesOptions> = {},
  edgeUrls: readonly string[] = [NEAR, FAR],
): Room {
  return new AuditedEngine([track], {
    edges: (clock) => new ScriptedEdges(clock, [track], options),
    edgeUrls,
    random,
    canRewind: random.chance(0.5),
  });
}

/** To its end, every frame once. */
async function playOut(room: Room): Promise<void> {
  expect(await room.until('ended', WHOLE_TRACK_WITHIN), 'it is played to its end').toBeDefined();
  expect(room.problems(), 'every frame is heard once').toEqual([]);
  expect(room.sink.heardFrames, 'all of it is heard').toBe(track.manifest.durationFrames);
}

/** Whoever asks next within what broke asks from the first segment that had not come whole. */
function expectResumed(edges: ScriptedEdges, broken: EdgeQuestion): void {
  const after = edges.asked.slice(edges.asked.indexOf(broken) + 1);
  const next = after.find(({ offset }) => offset >= broken.offset && offset < broken.offset + broken.length);
  const whole = broken.offset + broken.sentBytes;
  const label = `resumed after ${broken.sentBytes} of ${broken.length} bytes`;
  expect(next?.offset, label).toBeGreaterThan(whole - largestSegment);
  expect(next?.offset, `${label}, nothing left out`).toBeLessThanOrEqual(whole);
}

describe('broken links', () => {
  it('resets at any byte: goes on from the segment that broke, fetches nothing twice, and nothing is heard', async () => {
    await forSeeds(async (random) => {
      const here = room(random, { roundTripMs: random.between(2, 120) });
      const { edges } = here;
      const breaks = new Map([[random.between(0, 3), random.between(0, largestSegment)]]);
      for (let count = random.between(0, 5); count > 0; count -= 1) {
        breaks.set(random.between(0, 7), random.between(0, 8 * largestSegment));
      }
      edges.script = ({ number, length }) => {
        const afterBytes = breaks.get(number);
        return afterBytes === undefined ? RIGHT : { kind: 'breaks', afterBytes: afterBytes % length };
      };
      here.load(track);
      await playOut(here);
      expect(here.eventsOf('starved'), 'the buffer outlives a reset').toEqual([]);
      const broken = edges.asked.filter(({ outcome }) => outcome === 'fetch.unreachable');
      expect(broken.length, 'something broke').toBeGreaterThan(0);
      const again = edges.sentBytes() - track.stored.length;
      expect(again, 'a reset costs at most the segment that it cut').toBeLessThanOrEqual(
        broken.length * largestSegment,
      );
      for (const question of broken) if (question.sentBytes < question.length) expectResumed(edges, question);
    }, SEEDS);
  });

  it('resets of every answer, with nobody else to ask: what brings something is asked again at once, and plays on', async () => {
    await forSeeds(async (random) => {
      const here = room(random, { roundTripMs: 40, bytesPerSecond: 3 * TIGHT.bytesPerSecond }, []);
      here.edges.script = ({ length }) =>
        length <= largestSegment
          ? RIGHT
          : { kind: 'breaks', afterBytes: Math.min(length - 1, Math.floor(largestSegment * (1 + random.fraction()))) };
      here.load(track);
      await playOut(here);
      expect(here.edges.asked.filter(({ outcome }) => outcome === 'fetch.unreachable').length).toBeGreaterThan(10);
      expect(here.eventsOf('starved'), 'a broken answer is no reason to wait').toEqual([]);
    }, SEEDS);
  });

  it('refused connections, for less than the buffer: nobody hears it, and there is no storm of tries', async () => {
    await forSeeds(async (random) => {
      const here = room(random);
      const { edges } = here;
      here.load(track);
      await here.clock.advance(ms(random.between(2_000, 5_000)));
      const outageMs = random.between(1_000, 20_000);
      const before = edges.asked.length;
      edges.script = () => ({ kind: 'refuses', code: 'fetch.unreachable' });
      here.seek(random.between(0, SECONDS - 30) * FRAMES_PER_SECOND);
      await here.clock.advance(ms(outageMs));
      const tries = edges.asked.length - before;
      edges.script = () => RIGHT;
      expect(await here.until('ended', WHOLE_TRACK_WITHIN), 'to its end').toBeDefined();
      expect(here.problems(), 'every frame is heard once').toEqual([]);
      expect(here.eventsOf('starved'), 'the buffer outlives the outage').toEqual([]);
      // Three edges at each try, with pauses that grow to 5 s.
      expect(tries, `tries in ${outageMs} ms`).toBeLessThanOrEqual(3 * (10 + outageMs / 1_000));
    }, SEEDS);
  });

  it('an outage longer than the buffer: told and counted once, never given up, and it goes on with the next frame', async () => {
    await forSeeds(async (random) => {
      const here = room(random, TIGHT);
      here.load(track);
      await here.clock.advance(BUFFERED_AFTER);
      here.edges.script = () => ({ kind: 'refuses', code: 'fetch.unreachable' });
      expect(await here.until('starved', ms(60_000)), 'running dry is told').toBeDefined();
      await here.clock.advance(ms(random.between(2_000, 60_000)));
      expect(here.eventsOf('health').at(-1)?.underruns, 'and counted').toBe(1);
      expect(here.eventsOf('failed'), 'an outage is no reason to give up').toEqual([]);
      here.edges.script = () => RIGHT;
      await playOut(here);
    }, SEEDS);
  });

  it.each([
    ['never answers', (): EdgeAnswer => ({ kind: 'stalls', afterBytes: 0 })],
    ['sends one byte a second', (): EdgeAnswer => ({ kind: 'trickles', afterBytes: 0 })],
    ['stalls at 90 %', (length: number): EdgeAnswer => ({ kind: 'stalls', afterBytes: Math.floor(length * 0.9) })],
    [
      'trickles from 90 % on',
      (length: number): EdgeAnswer => ({ kind: 'trickles', afterBytes: Math.floor(length * 0.9) }),
    ],
    ['keeps the connection open behind the last byte', (): EdgeAnswer => ({ kind: 'lingers' })],
  ])('an edge that %s is left for the next one, at a start and in the middle', async (_, fault) => {
    await forSeeds(async (random) => {
      const here = room(random, { roundTripMs: random.between(2, 80) });
      const { edges } = here;
      const faultyFrom = random.pick([0, 0, random.between(1, 6)]);
      edges.script = ({ url, number, length }) => (url === NEAR && number >= faultyFrom ? fault(length) : RIGHT);
      here.load(track);
      expect(await here.until('ready', ms(3_000)), 'sound begins although one edge is of no use').toBeDefined();
      await playOut(here);
      // An edge that was never asked before may have the first second and keep the rest: then it is heard, once.
      expect(here.eventsOf('starved').length, 'pauses').toBeLessThanOrEqual(faultyFrom === 0 ? 1 : 0);
      const again = edges.sentBytes() - track.stored.length;
      expect(again, 'what had come is not fetched again').toBeLessThan(track.stored.length / 2);
    }, SEEDS);
  });

  it('when every edge is of no use: an underrun is told, and the first that mends is enough', async () => {
    await forSeeds(async (random) => {
      const here = room(random, TIGHT);
      here.load(track);
      await here.clock.advance(BUFFERED_AFTER);
      here.edges.script = () => ({ kind: random.pick(['stalls', 'trickles'] as const), afterBytes: 0 });
      expect(await here.until('starved', ms(60_000)), 'running dry is told').toBeDefined();
      const mended = random.pick([NEAR, FAR, '']);
      here.edges.script = ({ url }) => (url === mended ? RIGHT : { kind: 'stalls', afterBytes: 0 });
      const mendedUs = here.clock.nowUs();
      const isBack = (): boolean => here.eventsOf('position').at(-1)?.isSounding === true;
      expect(await here.clock.runUntil(isBack, ms(60_000)), `music is back from "${mended}"`).toBe(true);
      // A time-out at each edge, the longest pause between tries, and the request itself.
      expect((here.clock.nowUs() - mendedUs) / 1_000, 'soon').toBeLessThan(30_000);
    }, SEEDS);
  });
});
