/**
 * What comes is not what was asked for, in every way that networks, caches and disks have found: it is refused, fetched
 * from elsewhere, never heard, and never kept, neither in memory nor on the disk.
 */
import { describe, expect, it } from 'vitest';
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import type { ErrorCode } from '#protocol/vocabulary/errors';
import { FRAMES_PER_SECOND, ms } from '#protocol/vocabulary/units';
import { AuditedEngine } from '#sim/speakers/audited-engine';
import type { StoredTrack } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';
import { type EdgeAnswer, ScriptedEdges } from '#sim/speakers/scripted-edges';
import { type ArchiveDisk, createArchiveDisk, createVirtualChunkArchive } from '#sim/speakers/virtual-chunk-archive';
import type { SeededRandom } from '#sim/world/seeded-random';
import { forSeeds } from './with-seeds.ts';

const [NEAR, FAR] = ['http://near', 'http://far'] as const;
const SECONDS = 20;
const SEEDS = { seeds: 5 };
const WITHIN = ms(60_000);
const RIGHT: EdgeAnswer = { kind: 'right' };
const PORTAL = '<!DOCTYPE html><html><body>Welcome to the hotel. Accept our terms to go on.</body></html>';

const track = rampTrack(1, SECONDS * FRAMES_PER_SECOND, { packetBytes: 120 });
const other = rampTrack(2, SECONDS * FRAMES_PER_SECOND, { packetBytes: 120 });

/** Each of the length that was asked for, as an edge could send it with the right headers. */
const LIES: Readonly<Record<string, (right: Uint8Array, random: SeededRandom) => Uint8Array>> = {
  'one flipped bit': (right, random) => {
    const wrong = right.slice();
    const at = random.between(0, wrong.length - 1);
    wrong[at] = (wrong[at] ?? 0) ^ (1 << random.between(0, 7));
    return wrong;
  },
  'zeros from some byte on': (right, random) => right.slice().fill(0, random.between(0, right.length - 1)),
  'halves swapped': (right) => {
    const middle = right.length >> 1;
    return Uint8Array.from([...right.subarray(middle), ...right.subarray(0, middle)]);
  },
  'a byte too many in a segment': (right, random) => {
    const wrong = right.slice();
    const at = random.between(0, right.length - 2);
    wrong.copyWithin(at + 1, at, right.length - 1);
    wrong[at] = (wrong[at] ?? 0) ^ 0x55;
    return wrong;
  },
  'another file': (right) => other.stored.slice(0, right.length),
  'another range of it': (right, random) => {
    const from = random.between(1, track.stored.length - right.length);
    return track.stored.slice(from, from + right.length);
  },
  'a captive portal': (right) => {
    const page = new TextEncoder().encode(PORTAL);
    return Uint8Array.from({ length: right.length }, (_, place) => page[place % page.length] ?? 0);
  },
};

/** What the HTTP source makes of answers that are wrong by their headers. */
const REFUSALS: readonly (readonly [string, ErrorCode])[] = [
  ['200 for 206, or another Content-Range', 'fetch.range-mismatch'],
  ['a page of HTML with 200, or a 530', 'fetch.unexpected-answer'],
];

function room(random: SeededRandom, disk: ArchiveDisk) {
  return new AuditedEngine([track, other], {
    edges: (clock) => new ScriptedEdges(clock, [track, other]),
    edgeUrls: [NEAR, FAR],
    random,
    ports: () => ({ archive: createVirtualChunkArchive(disk) }),
  });
}

/** Byte for byte, whatever is kept. @returns how many segments are */
function expectOnlyRightOnesKept(here: ReturnType<typeof room>, disk: ArchiveDisk): number {
  const file = track.manifest.files[0];
  if (file === undefined) throw new Error('a ramp has a file');
  let kept = 0;
  track.segments.forEach((right, segment) => {
    const inMemory = here.store.get(file.fileId, segment);
    const onDisk = disk.files.get(file.fileId)?.get(segment);
    for (const [where, held] of Object.entries({ inMemory, onDisk })) {
      if (held === undefined) continue;
      expect(Buffer.compare(held, right), `segment ${segment} ${where}`).toBe(0);
      kept += 1;
    }
  });
  return kept;
}

async function expectPlayed(here: ReturnType<typeof room>, of: StoredTrack): Promise<void> {
  here.load(of);
  expect(await here.until('ended', WITHIN), 'it is played to its end').toBeDefined();
  expect(here.problems(), 'nothing but the music is heard').toEqual([]);
  expect(here.sink.heardFrames, 'and all of it').toBe(of.manifest.durationFrames);
}

describe('corrupt content', () => {
  it.each(Object.entries(LIES))('%s: refused, fetched elsewhere, never heard, never kept', async (_, lie) => {
    await forSeeds(async (random) => {
      const disk = createArchiveDisk();
      const here = room(random, disk);
      const share = random.pick([0.3, 1]);
      here.edges.script = ({ url }) =>
        url === NEAR && random.chance(share) ? { kind: 'lies', change: (right) => lie(right, random) } : RIGHT;
      await expectPlayed(here, track);
      expect(expectOnlyRightOnesKept(here, disk), 'kept, in memory and on the disk').toBeGreaterThan(SECONDS);
      const lies = here.edges.asked.filter(({ answer }) => answer === 'lies');
      expect(lies.length, 'somebody lied').toBeGreaterThan(0);
    }, SEEDS);
  });

  it.each(REFUSALS)('%s: the same', async (_, code) => {
    await forSeeds(async (random) => {
      const disk = createArchiveDisk();
      const here = room(random, disk);
      here.edges.script = ({ url }) => (url === NEAR ? { kind: 'refuses', code } : RIGHT);
      await expectPlayed(here, track);
      expectOnlyRightOnesKept(here, disk);
      const fromFar = here.edges.asked.filter(({ url, outcome }) => url === FAR && outcome === 'answered');
      expect(fromFar.length, 'fetched elsewhere').toBeGreaterThan(0);
    }, SEEDS);
  });

  it('a segment that is corrupt everywhere: the track fails by name after a few tries, and the next one plays', async () => {
    await forSeeds(async (random) => {
      const disk = createArchiveDisk();
      const here = room(random, disk);
      const at = random.between(1, track.stored.length - 1);
      const file = track.manifest.files[0];
      here.edges.script = ({ fileId, offset, length }) => {
        if (fileId !== file?.fileId || at < offset || at >= offset + length) return RIGHT;
        const change = (right: Uint8Array): Uint8Array => {
          const wrong = right.slice();
          wrong[at - offset] = (wrong[at - offset] ?? 0) ^ 1;
          return wrong;
        };
        return { kind: 'lies', change };
      };
      here.load(track);
      const failed = await here.until('failed', WITHIN);
      expect(failed?.error.code, 'by name').toBe('fetch.corrupt-segment');
      expect(here.edges.asked.length, 'after a few tries').toBeLessThan(40);
      expectOnlyRightOnesKept(here, disk);
      here.load(other);
      expect(await here.until('ended', WITHIN), 'the next one plays').toBeDefined();
      expect(here.problems(), 'nothing but music was heard').toEqual([]);
    }, SEEDS);
  });

  it('a cache that was changed on the disk, emptied, or lost: dropped, fetched anew, never heard', async () => {
    await forSeeds(async (random) => {
      const disk = createArchiveDisk();
      const before = room(random, disk);
      await expectPlayed(before, track);
      await before.close();
      const harm = random.pick(['one byte flipped', 'zero length', 'lost', 'reads fail'] as const);
      spoil(disk, harm, random);
      const archive = createVirtualChunkArchive(disk);
      const failing: ChunkArchive = { ...archive, read: async () => undefined };
      const after = new AuditedEngine([track], {
        edges: (clock) => new ScriptedEdges(clock, [track]),
        edgeUrls: [NEAR],
        random,
        ports: () => ({ archive: harm === 'reads fail' ? failing : archive }),
      });
      await expectPlayed(after, track);
      expect(after.edges.asked.length, `${harm}: what is missing is fetched`).toBeGreaterThan(0);
      expectOnlyRightOnesKept(after, disk);
    }, SEEDS);
  });
});

function spoil(
  disk: ArchiveDisk,
  harm: 'one byte flipped' | 'zero length' | 'lost' | 'reads fail',
  random: SeededRandom,
): void {
  for (const file of disk.files.values()) {
    for (const [segment, sealed] of [...file]) {
      if (!random.chance(0.4) && segment !== 3) continue;
      if (harm === 'lost') file.delete(segment);
      if (harm === 'zero length') file.set(segment, new Uint8Array(0));
      if (harm !== 'one byte flipped') continue;
      const wrong = sealed.slice();
      const at = random.between(0, wrong.length - 1);
      wrong[at] = (wrong[at] ?? 0) ^ 0xff;
      file.set(segment, wrong);
    }
  }
}
