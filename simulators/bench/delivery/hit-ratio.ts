/**
 * How many requests an edge answers from what it has: 10,000 plays over a catalogue eight times as large as its cache, against
 * the real core and the real stores, with an origin made up on the spot.
 *
 * Everything is a 32nd of its real size (segments, slices, cache alike), which changes no ratio and saves writing 10 GB.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLruSliceMemory } from '#bridge/adapters/edge-cache/lru-slice-memory';
import { openSlotSliceStore } from '#bridge/adapters/edge-cache/slot-slice-store';
import type { Origin } from '#bridge/core/ports/origin';
import { EdgeContent } from '#bridge/core/services/edge/edge-content';
import { EdgeCounts } from '#bridge/core/services/edge/edge-counts';
import { EdgeHeads } from '#bridge/core/services/edge/edge-heads';
import { HEAD_SLICE_BYTES, planSlices, SLICE_BYTES } from '#bridge/core/services/edge/slice-plan';
import { silentLogger } from '#protocol/kit/silent-logger';
import { type FileId, fileId } from '#protocol/vocabulary/ids';
import { ok } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const SCALE = 32;
/** 160 kbit/s. */
const SECOND_BYTES = 20_000 / SCALE;
const TRACKS = 800;
const TRACK_SECONDS = { min: 120, max: 300 } as const;
/** What the catalogue is larger than the cache by. */
const CATALOGUE_OVER_CACHE = 8;
const HEADS_PART = 1 / 8;
const PLAYS = 10_000;
const PLAYS_SMOKE = 1_000;
/** Listeners at the same time. */
const LISTENERS = 50;
/** Popularity of the n-th track is n to the power of minus this: the usual fit for music. */
const ZIPF_EXPONENT = 1;
/** What a speaker asks for: the head, then so much at a time, so far ahead of where it plays. */
const HEAD_SECONDS = 3;
const REQUEST_SECONDS = 8;
const AHEAD_SECONDS = 60;

interface Track {
  readonly fileId: FileId;
  readonly sizeBytes: number;
}

interface Tally {
  requests: number;
  hits: number;
}

export async function measureHitRatio({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-hits-'));
  const random = new SeededRandom(1);
  const tracks = createCatalogue(random);
  const cacheBytes = tracks.reduce((sum, track) => sum + track.sizeBytes, 0) / CATALOGUE_OVER_CACHE;
  const storeOf = (name: string, sliceBytes: number, part: number) =>
    openSlotSliceStore(
      { folder, name, sliceBytes: bytes(sliceBytes), limitBytes: bytes(Math.floor(cacheBytes * part)) },
      silentLogger,
    );
  const store = await storeOf('files', SLICE_BYTES / SCALE, 1 - HEADS_PART);
  const headStore = await storeOf('heads', HEAD_SLICE_BYTES / SCALE, HEADS_PART);
  const counts = new EdgeCounts();
  const origin = createInstantOrigin(tracks);
  const memoryOf = (part: number) => createLruSliceMemory(bytes(Math.floor((cacheBytes / 8) * part)));
  const content = new EdgeContent({ memory: memoryOf(1 - HEADS_PART), store, origin, counts });
  const heads = new EdgeHeads({ memory: memoryOf(HEADS_PART), store: headStore, origin, counts });
  const tally: Tally = { requests: 0, hits: 0 };
  const chooseTrack = createZipf(tracks, random);
  let left = isSmoke ? PLAYS_SMOKE : PLAYS;
  const listen = async () => {
    while (left > 0) {
      left -= 1;
      await play(chooseTrack(), heardPart(random), { content, heads, counts, tally });
    }
  };
  try {
    await Promise.all(Array.from({ length: LISTENERS }, listen));
  } finally {
    await store.close();
    await headStore.close();
    await rm(folder, { recursive: true, force: true });
  }
  const requests = tally.requests + counts.hits + counts.misses;
  const hits = tally.hits + counts.hits;
  say(`hit ratio: ${requests} requests, ${counts.originRequests} questions to the origin`);
  const ratio = (100 * hits) / requests;
  return [
    createFigure({
      ...{ key: 'edge, requests answered from its cache', unit: '%', values: [ratio], better: 'higher' },
      // A smoke run plays too little to fill the cache.
      ...(isSmoke ? {} : { must: 90, reach: 95 }),
    }),
  ];
}

/** A quarter of plays is skipped within 5 s, half before the end. @returns part of the track, or seconds when it is a skip */
function heardPart(random: SeededRandom): (seconds: number) => number {
  const kind = random.fraction();
  const part = random.fraction();
  if (kind < 0.25) return () => 5 * part;
  return (seconds) => (kind < 0.5 ? 5 + (seconds - 5) * part : seconds);
}

async function play(
  track: Track,
  heard: (seconds: number) => number,
  edge: { content: EdgeContent; heads: EdgeHeads; counts: EdgeCounts; tally: Tally },
): Promise<void> {
  const { content, heads, tally } = edge;
  await heads.head(track.fileId, 'token');
  const seconds = track.sizeBytes / SECOND_BYTES;
  const until = Math.min(seconds, heard(seconds) + AHEAD_SECONDS);
  for (let from = HEAD_SECONDS; from < until; from += REQUEST_SECONDS) {
    const offset = Math.floor(from * SECOND_BYTES);
    const length = Math.min(REQUEST_SECONDS * SECOND_BYTES, track.sizeBytes - offset);
    const span = planSlices({ offset, length }, content.sliceBytes);
    tally.requests += 1;
    if (content.isHere(track.fileId, span.first) && content.isHere(track.fileId, span.last)) tally.hits += 1;
    await content.size(track.fileId, span.first, 'token');
    for (let index = span.first; index <= span.last; index += 1) await content.slice(track.fileId, index, 'token');
    content.follow(track.fileId, span.last, 'token');
    // Time passes between two requests of a speaker: what was begun meanwhile has come.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function createCatalogue(random: SeededRandom): readonly Track[] {
  return Array.from({ length: TRACKS }, (_, number) => {
    const seconds = TRACK_SECONDS.min + random.fraction() * (TRACK_SECONDS.max - TRACK_SECONDS.min);
    return { fileId: fileId(number.toString(16).padStart(64, '0')), sizeBytes: Math.round(seconds * SECOND_BYTES) };
  });
}

/** Draws tracks by popularity. */
function createZipf(tracks: readonly Track[], random: SeededRandom): () => Track {
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= tracks.length; rank += 1) {
    sum += rank ** -ZIPF_EXPONENT;
    sums.push(sum);
  }
  return () => {
    const drawn = random.fraction() * sum;
    const track = tracks[sums.findIndex((upTo) => drawn < upTo)] ?? tracks[0];
    if (track === undefined) throw new Error('an empty catalogue');
    return track;
  };
}

/** Answers as asked, at once. */
function createInstantOrigin(tracks: readonly Track[]): Origin {
  const sizes = new Map(tracks.map((track) => [track.fileId, track.sizeBytes]));
  return {
    ask: async (question) => {
      const size = sizes.get(question.fileId) ?? 0;
      if (question.kind === 'head') {
        return ok({ status: 200, contentRange: undefined, body: new Uint8Array(HEAD_SECONDS * SECOND_BYTES) });
      }
      const last = Math.min(question.to, size - 1);
      const body = new Uint8Array(last - question.from + 1);
      return ok({ status: 206, contentRange: `bytes ${question.from}-${last}/${size}`, body });
    },
  };
}
