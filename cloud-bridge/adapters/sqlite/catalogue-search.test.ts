import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ListSort } from '#bridge/core/ports/catalogue';
import type { SourceTags } from '#bridge/core/ports/source-inspector';
import { describeTrack, variousArtists } from '#bridge/core/services/ingest/track-entry';
import { bytes, frames } from '#protocol/vocabulary/units';
import { openDatabase } from './database.ts';
import { SqliteCatalogue } from './sqlite-catalogue.ts';
import { SqliteCatalogueWriter } from './sqlite-catalogue-writer.ts';
import { TrackTables } from './track-tables.ts';

const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };
const ALL = { offset: 0, limit: 100 };
const noTags: SourceTags = {
  title: null,
  artists: [],
  album: null,
  albumArtists: [],
  discNumber: null,
  trackNumber: null,
  year: null,
  genres: [],
  isCompilation: false,
  durationFrames: frames(48_000),
};
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function open() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tonearm-search-'));
  const { database, close } = openDatabase(dataDir);
  ends.push(() => {
    close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const tables = new TrackTables({ database, wallMs: () => 1_000 }, variousArtists(digest));
  return {
    reader: new SqliteCatalogue(database),
    writer: new SqliteCatalogueWriter(database, tables, { recipe: 'r' }),
  };
}

async function put(writer: SqliteCatalogueWriter, relativePath: string, tags: Partial<SourceTags>): Promise<void> {
  const entry = describeTrack(digest, {
    digest: digest.sha256(relativePath),
    tags: { ...noTags, ...tags },
    relativePath,
    folderName: 'music',
    pictureKey: null,
  });
  const file = { path: `/music/${relativePath}`, relativePath, sizeBytes: bytes(1), modifiedMs: 1 };
  await writer.putSource({ path: '/music', deviceNumber: 1 }, file, 1, entry);
}

describe('lists in other orders', () => {
  it('are sorted and kept to a genre', async () => {
    const { reader, writer } = open();
    await put(writer, 'a/1.mp3', { title: 'The Zoo', artists: ['A'], album: 'One', year: 1999, genres: ['Hip-Hop'] });
    await put(writer, 'b/1.mp3', {
      title: 'Älbum',
      artists: ['B'],
      album: 'Two',
      year: 1960,
      genres: ['hip hop', 'Jazz'],
    });
    await put(writer, 'c/1.mp3', { title: 'Middle', artists: ['C'], album: 'The Three', year: 1980, genres: [] });
    const titles = async (sort: ListSort, genre: string | null = null) =>
      (await reader.allTracks(ALL, { sort, genre })).items.map((track) => track.title);
    expect(await titles('title')).toEqual(['Älbum', 'Middle', 'The Zoo']);
    expect(await titles('year')).toEqual(['Älbum', 'Middle', 'The Zoo']);
    expect(await titles('artist')).toEqual(['The Zoo', 'Älbum', 'Middle']);
    expect(await titles('added')).toEqual(['Middle', 'Älbum', 'The Zoo']);
    expect(await titles('title', 'HIP HOP')).toEqual(['Älbum', 'The Zoo']);
    const albums = async (sort: ListSort, genre: string | null = null) =>
      (await reader.albums(ALL, { sort, genre })).items.map((album) => album.title);
    expect(await albums('title')).toEqual(['One', 'The Three', 'Two']);
    expect(await albums('year', 'Hip-Hop')).toEqual(['Two', 'One']);
    expect(await reader.albums(ALL, { sort: 'added', genre: 'polka' })).toEqual({ items: [], total: 0 });
    expect(await reader.genres(ALL)).toEqual({
      items: [
        { name: 'Hip-Hop', trackCount: 2 },
        { name: 'Jazz', trackCount: 1 },
      ],
      total: 2,
    });
  });
});

describe('a search', () => {
  it('finds whole words first, then beginnings, then what was meant', async () => {
    const { reader, writer } = open();
    for (const [index, title] of ['Backwards', 'Back', 'Bark'].entries()) {
      await put(writer, `a/${index}.mp3`, { title, artists: ['X'], album: 'Y' });
    }
    const found = await reader.search('back', ALL);
    expect(found.tracks.items.map((track) => track.title)).toEqual(['Back', 'Backwards', 'Bark']);
  });

  it.each(['beatels', 'baetles', 'Beetles', 'ebatles', 'the beatels', 'beat'])(
    'finds the Beatles by %s',
    async (query) => {
      const { reader, writer } = open();
      await put(writer, 'a/1.mp3', { title: 'Help!', artists: ['The Beatles'], album: 'Help!' });
      await put(writer, 'b/1.mp3', { title: 'Other', artists: ['Nobody'], album: 'Nothing' });
      const found = await reader.search(query, ALL);
      expect(found.artists.items.map((artist) => artist.name)).toEqual(['The Beatles']);
      expect(found.tracks.items.map((track) => track.title)).toEqual(['Help!']);
    },
  );

  it.each(['vowie', 'owie', 'xbowie', 'Bowei'])(
    'forgives a first letter that is wrong, missing or too many: %s',
    async (query) => {
      const { reader, writer } = open();
      await put(writer, 'a/1.mp3', { title: 'Heroes', artists: ['David Bowie'], album: 'Heroes' });
      await put(writer, 'b/1.mp3', { title: 'Прощай', artists: ['Žižek'], album: 'Élan' });
      const found = await reader.search(query, ALL);
      expect(found.artists.items.map((artist) => artist.name)).toEqual(['David Bowie']);
      const cyrillic = await reader.search('крощай', ALL);
      expect(cyrillic.tracks.items.map((track) => track.title)).toEqual(['Прощай']);
    },
  );

  it('finds all that one artist did, however each file spells the name', async () => {
    const { reader, writer } = open();
    await put(writer, 'a/1.mp3', { title: 'One', artists: ['Beyonce\u0301'], album: 'A' });
    await put(writer, 'b/1.mp3', { title: 'Two', artists: ['BEYONCÉ'], album: 'B' });
    const found = await reader.search('beyonce', ALL);
    expect(found.artists.total).toBe(1);
    expect(found.tracks.total).toBe(2);
  });

  it('forgives nothing in short words', async () => {
    const { reader, writer } = open();
    await put(writer, 'a/1.mp3', { title: 'Sun', artists: ['X'], album: 'Y' });
    expect((await reader.search('son', ALL)).tracks.total).toBe(0);
  });
});
