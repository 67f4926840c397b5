/**
 * Media that was made badly, or with intent, and then sealed properly: no checksum of ours protects from it. Each is an
 * error with a name, soon; or it plays. Either way nothing crashes, nothing grows, and the next track plays.
 */
import { describe, expect, it } from 'vitest';
import { oggCrc } from '#device/core/audio/demux/ogg-crc';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import { AuditedEngine } from '#sim/speakers/audited-engine';
import { type StoredTrack, sealSegments } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';
import { ScriptedEdges } from '#sim/speakers/scripted-edges';
import type { SeededRandom } from '#sim/world/seeded-random';
import { forSeeds } from './with-seeds.ts';

const EDGE = 'http://edge';
const SECONDS = 6;
const SEEDS = { seeds: 15 };
const STORE_BYTES = 400_000;
const TIMERS_MAX = 20;
/** Bytes of a page's header before its lacing table, and where in it its checksum stands. */
const PAGE_HEADER_BYTES = 27;
const CRC_AT = 22;

const good = rampTrack(1, SECONDS * FRAMES_PER_SECOND);
const next = rampTrack(2, SECONDS * FRAMES_PER_SECOND);

type Mutation = (plain: Uint8Array, random: SeededRandom) => Uint8Array;

/** What fuzzers of media do. `mend`: with page checksums that are right again, so that it is read further. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'bytes changed, checksums right': (plain, random) => mend(changed(plain, random)),
  'bytes changed, checksums wrong': changed,
  'a lacing value changed': (plain, random) => {
    const wrong = plain.slice();
    const page = random.pick(pagesOf(wrong));
    wrong[page.at + PAGE_HEADER_BYTES + random.between(0, Math.max(0, page.lacing - 1))] = random.pick([
      0, 1, 254, 255,
    ]);
    return mend(wrong);
  },
  'an impossible granule': (plain, random) => {
    const wrong = plain.slice();
    const page = random.pick(pagesOf(wrong));
    wrong.fill(random.pick([0, 0x7f, 0x80, 0xff]), page.at + 6, page.at + 14);
    return mend(wrong);
  },
  'cut anywhere': (plain, random) => plain.slice(0, random.between(0, plain.length - 1)),
  'nothing at all': () => new Uint8Array(0),
  'itself twice': (plain) => Uint8Array.from([...plain, ...plain]),
  'pages in another order': (plain, random) => {
    const pages = pagesOf(plain).map((page) => ({ ...page, place: random.fraction() }));
    const mixed = pages.toSorted((one, other) => one.place - other.place);
    return Uint8Array.from(mixed.flatMap(({ at, sizeBytes }) => [...plain.subarray(at, at + sizeBytes)]));
  },
  'another stream': (plain) => {
    const wrong = plain.slice();
    for (const { at } of pagesOf(wrong).slice(1)) wrong.set([1, 2, 3, 4], at + 14);
    return mend(wrong);
  },
  noise: (plain, random) => Uint8Array.from({ length: plain.length }, () => random.between(0, 255)),
};

const CHANGES_PACKETS: ReadonlySet<string> = new Set([
  'bytes changed, checksums right',
  'bytes changed, checksums wrong',
  'a lacing value changed',
]);

function changed(plain: Uint8Array, random: SeededRandom): Uint8Array {
  const wrong = plain.slice();
  for (let count = random.between(1, 8); count > 0; count -= 1) {
    wrong[random.between(0, wrong.length - 1)] = random.between(0, 255);
  }
  return wrong;
}

interface PagePlace {
  readonly at: number;
  readonly lacing: number;
  readonly sizeBytes: number;
}

/** Where pages stand, by their own word; as far as it can be followed. */
function pagesOf(data: Uint8Array): PagePlace[] {
  const pages: PagePlace[] = [];
  for (let at = 0; at + PAGE_HEADER_BYTES <= data.length; ) {
    const lacing = data[at + 26] ?? 0;
    const body = data
      .subarray(at + PAGE_HEADER_BYTES, at + PAGE_HEADER_BYTES + lacing)
      .reduce((sum, it) => sum + it, 0);
    const sizeBytes = Math.min(data.length - at, PAGE_HEADER_BYTES + lacing + body);
    pages.push({ at, lacing, sizeBytes });
    at += sizeBytes;
  }
  return pages;
}

function mend(data: Uint8Array): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (const { at, sizeBytes } of pagesOf(data)) {
    view.setUint32(at + CRC_AT, 0, true);
    view.setUint32(at + CRC_AT, oggCrc(data, at, sizeBytes), true);
  }
  return data;
}

/** The good track with some of its segments mutated, and sealed as a bridge would. */
function malformed(mutation: Mutation, random: SeededRandom): StoredTrack {
  const hurt = random.between(0, good.plainSegments.length - 1);
  const plain = good.plainSegments.map((segment, place) => (place === hurt ? mutation(segment, random) : segment));
  return sealSegments(good.manifest, plain);
}

describe('malformed media, sealed properly', () => {
  it.each(Object.entries(MUTATIONS))(
    '%s: an error by name or music, and the next track plays',
    async (name, mutation) => {
      await forSeeds(async (random) => {
        const bad = malformed(mutation, random);
        const here = new AuditedEngine([bad, next], {
          edges: (clock) => new ScriptedEdges(clock, [bad, next]),
          edgeUrls: [EDGE],
          random,
          storeBytes: STORE_BYTES,
        });
        const isArmed = random.chance(0.5);
        if (isArmed) {
          here.load(next);
          here.arm(bad);
        } else {
          here.load(bad);
        }
        const isOver = (): boolean =>
          here.events.some(({ kind }) => kind === 'failed' || kind === 'ended' || kind === 'nextFailed');
        expect(await here.clock.runUntil(isOver, ms(4 * SECONDS * 1_000)), 'it comes to an end').toBe(true);
        for (const { error } of here.eventsOf('failed')) {
          expect(error.code, error.message).toMatch(/^(demux\.malformed|fetch\.corrupt-segment|decode\.)/);
          expect(error.message.length, 'in words').toBeGreaterThan(10);
        }
        expect(here.clock.timers().length, 'timers').toBeLessThan(TIMERS_MAX);
        expect(here.store.sizeBytes(), 'memory').toBeLessThanOrEqual(STORE_BYTES);
        const heardBefore = here.audit.certainFrames;
        here.load(next);
        expect(await here.until('ended', ms(3 * SECONDS * 1_000)), 'the next track plays').toBeDefined();
        expect(here.audit.certainFrames - heardBefore, 'all of it').toBeGreaterThan(
          (SECONDS - 0.1) * FRAMES_PER_SECOND,
        );
        // Whose packets are as they were: what of them is heard is in its place.
        if (!CHANGES_PACKETS.has(name)) expect(here.problems(), 'nothing is heard out of its place').toEqual([]);
        expect(await here.close(), 'timers left').toEqual([]);
      }, SEEDS);
    },
  );

  it('says so within a second of coming to it', async () => {
    await forSeeds(async (random) => {
      const bad = sealSegments(
        good.manifest,
        good.plainSegments.map(() => Uint8Array.from({ length: 600 }, () => random.between(0, 255))),
      );
      const here = new AuditedEngine([bad], {
        edges: (clock) => new ScriptedEdges(clock, [bad]),
        edgeUrls: [EDGE],
        random,
      });
      here.load(bad);
      const failed = await here.until('failed', ms(1_000));
      expect(failed?.error.code, 'by name').toBe('demux.malformed');
    }, SEEDS);
  });
});
