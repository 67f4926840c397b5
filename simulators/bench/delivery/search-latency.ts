/**
 * How long a search takes in a catalogue of 100,000 tracks, no two alike: words as they are, as they are being typed, with
 * slips of the fingers, and that are not there at all. Asked of the bridge's own catalogue, on its own thread: as long as
 * a search takes, a speaker's manifest waits.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteCatalogue } from '#bridge/adapters/sqlite/sqlite-catalogue';
import { SqliteCatalogueWriter } from '#bridge/adapters/sqlite/sqlite-catalogue-writer';
import { TrackTables } from '#bridge/adapters/sqlite/track-tables';
import { describeTrack, variousArtists } from '#bridge/core/services/ingest/track-entry';
import { bytes, frames } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const TRACKS = 100_000;
const TRACKS_SMOKE = 500;
const TRACKS_PER_ALBUM = 12;
const ALBUMS_PER_ARTIST = 5;
const ROUNDS = 60;
const ROUNDS_SMOKE = 3;
/** A page of a phone. */
const PAGE = { offset: 0, limit: 20 };
/** A person who types sees no delay; a manifest that has to wait behind it is late, and no more than that. */
const P99_MUST_MS = 50;
const SYLLABLES =
  'ba be bo ca ce da de do fa fe ga go ha he ja jo ka la le lo ma me mi na ne no pa pe ra re ri sa se si ta te to va ve wi ya zo'.split(
    ' ',
  );
const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };

export async function measureSearchLatency({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-search-'));
  const { database, close } = openDatabase(folder);
  try {
    // It is thrown away; a sync of each track would only take time.
    database.exec('PRAGMA synchronous = OFF');
    const tables = new TrackTables({ database, wallMs: () => 1_000 }, variousArtists(digest));
    const writer = new SqliteCatalogueWriter(database, tables, { recipe: 'bench' });
    const random = new SeededRandom(7);
    const titles = await fill(writer, isSmoke ? TRACKS_SMOKE : TRACKS, random);
    const reader = new SqliteCatalogue(database);
    const took: number[] = [];
    let hits = 0;
    for (let round = 0; round < (isSmoke ? ROUNDS_SMOKE : ROUNDS); round += 1) {
      const title = titles[Math.floor(random.fraction() * titles.length)] ?? '';
      for (const query of waysToAsk(title)) {
        const began = performance.now();
        const found = await reader.search(query, PAGE);
        took.push(performance.now() - began);
        hits += found.tracks.total > 0 ? 1 : 0;
      }
    }
    const sorted = [...took].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    say(
      `search of ${titles.length} tracks: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, ${hits} of ${took.length} found something`,
    );
    const figure = (name: string, share: number, bar: { readonly must?: number }): Figure =>
      createFigure({
        key: `search, 100,000 tracks: ${name}`,
        unit: 'ms',
        values: [at(share)],
        better: 'lower',
        ...bar,
      });
    return [figure('p50', 0.5, {}), figure('p99', 0.99, { must: P99_MUST_MS })];
  } finally {
    close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(writer: SqliteCatalogueWriter, count: number, random: SeededRandom): Promise<readonly string[]> {
  const titles: string[] = [];
  let artist = '';
  let album = '';
  for (let number = 0; number < count; number += 1) {
    if (number % (TRACKS_PER_ALBUM * ALBUMS_PER_ARTIST) === 0) artist = nameOf(random, 2);
    if (number % TRACKS_PER_ALBUM === 0) album = nameOf(random, 2);
    const title = nameOf(random, 1 + (number % 3));
    titles.push(title);
    const relativePath = `${Math.floor(number / TRACKS_PER_ALBUM)}/${number}.mp3`;
    const tags = {
      ...{
        title,
        artists: [artist],
        album,
        albumArtists: [],
        discNumber: 1,
        trackNumber: (number % TRACKS_PER_ALBUM) + 1,
      },
      ...{ year: 1960 + (number % 60), genres: ['Test'], isCompilation: false, durationFrames: frames(48_000) },
    };
    const entry = describeTrack(digest, {
      ...{ digest: digest.sha256(relativePath), tags, relativePath, folderName: 'music', pictureKey: null },
    });
    const file = { path: `/music/${relativePath}`, relativePath, sizeBytes: bytes(1), modifiedMs: 1 };
    await writer.putSource({ path: '/music', deviceNumber: 1 }, file, 1, entry);
  }
  return titles;
}

/** Words of two to four syllables: some hundred thousand different ones, a few of them common. */
function nameOf(random: SeededRandom, words: number): string {
  const pick = () => SYLLABLES[Math.floor(random.fraction() ** 2 * SYLLABLES.length)] ?? '';
  const word = () => Array.from({ length: 2 + Math.floor(random.fraction() * 3) }, pick).join('');
  return Array.from({ length: words }, word).join(' ');
}

function waysToAsk(title: string): readonly string[] {
  const [first = ''] = title.split(' ');
  const swapped = `${first.slice(0, 2)}${first.slice(3, 4)}${first.slice(2, 3)}${first.slice(4)}`;
  return [
    title,
    first,
    first.slice(0, 2),
    first.slice(0, 3),
    swapped,
    `x${first.slice(1)}`,
    first.slice(1),
    `${first}qq`,
    'qqxxzz',
  ];
}
