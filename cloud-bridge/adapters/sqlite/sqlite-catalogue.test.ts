import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EncodedTrack, TrackEntry } from '#bridge/core/ports/catalogue-writer';
import type { MusicFolder, SourceFile } from '#bridge/core/ports/folder-scanner';
import type { EncodedFile } from '#bridge/core/ports/track-encoder';
import { packLoudnessBlocks } from '#bridge/core/services/ingest/loudness-blocks';
import { describeTrack, variousArtists } from '#bridge/core/services/ingest/track-entry';
import { TonearmError } from '#protocol/vocabulary/errors';
import { fileId, trackId } from '#protocol/vocabulary/ids';
import { bytes, db, frames, kbps } from '#protocol/vocabulary/units';
import { openDatabase } from './database.ts';
import { SqliteCatalogue } from './sqlite-catalogue.ts';
import { SqliteCatalogueWriter } from './sqlite-catalogue-writer.ts';
import { TrackTables } from './track-tables.ts';

const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };
const FOLDER: MusicFolder = { path: '/music', deviceNumber: 1 };
const ALL = { offset: 0, limit: 100 };
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-catalogue-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function openCatalogue(dataDir = dataFolder(), recipe = 'r1') {
  const opened = openDatabase(dataDir);
  ends.push(() => opened.close());
  const { database } = opened;
  const tables = new TrackTables({ database, wallMs: () => 1_000 }, variousArtists(digest));
  const writer = new SqliteCatalogueWriter(database, tables, { recipe });
  return { reader: new SqliteCatalogue(database), writer, close: () => opened.close(), dataDir };
}

type Writer = ReturnType<typeof openCatalogue>['writer'];

interface Description {
  readonly title?: string;
  readonly artists?: readonly string[];
  readonly album?: string;
  readonly albumArtists?: readonly string[];
  readonly trackNumber?: number;
  readonly year?: number;
  readonly genres?: readonly string[];
  /** What is in the file: the same number is the same music. */
  readonly content?: number;
  readonly isMusic?: boolean;
}

function entryOf(path: string, it: Description): TrackEntry {
  const content = it.content ?? path;
  return describeTrack(digest, {
    digest: digest.sha256(`content ${content}`),
    tags:
      it.isMusic === false
        ? null
        : {
            title: it.title ?? null,
            artists: it.artists ?? [],
            album: it.album ?? null,
            albumArtists: it.albumArtists ?? [],
            discNumber: null,
            trackNumber: it.trackNumber ?? null,
            isCompilation: false,
            year: it.year ?? null,
            genres: it.genres ?? [],
            durationFrames: frames(96_000),
          },
    relativePath: path,
    folderName: 'music',
    pictureKey: null,
  });
}

const fileAt = (path: string): SourceFile => ({
  path: `/music/${path}`,
  relativePath: path,
  sizeBytes: bytes(10),
  modifiedMs: 5,
});

async function put(writer: Writer, path: string, it: Description = {}, scan = 1) {
  const entry = entryOf(path, it);
  await writer.putSource(FOLDER, fileAt(path), scan, entry);
  return entry;
}

const fileAs = (id: string, bitrateKbps: number): EncodedFile => ({
  fileId: fileId(digest.sha256(`${id} ${bitrateKbps}`).toString('hex')),
  bitrateKbps: kbps(bitrateKbps),
  preSkipFrames: frames(960),
  segmentFrames: frames(48_000),
  segmentSizesBytes: [bytes(20_000), bytes(70_000), bytes(3)],
  headSegments: 3,
  key: new Uint8Array(16).fill(7),
});

/** Twenty blocks of one loudness, −14.05 LUFS. */
const BLOCKS = packLoudnessBlocks(Array(20).fill(0.0461), Array(20).fill(0.0461));

const encodedAs = (id: string): EncodedTrack => ({
  files: [fileAs(id, 160)],
  ladderKbps: [24, 160].map(kbps),
  durationFrames: frames(95_999),
  loudness: { integratedLufs: db(-14.5), truePeakDbtp: db(-0.3), rangeLu: db(3) },
  loudnessBlocks: BLOCKS,
});

describe('the catalogue', () => {
  it('lists tracks by artist, album, disc and number', async () => {
    const { reader, writer } = openCatalogue();
    await put(writer, 'b/2.mp3', { artists: ['Beta'], album: 'Late', trackNumber: 2, title: 'four' });
    await put(writer, 'b/1.mp3', { artists: ['Beta'], album: 'Late', trackNumber: 1, title: 'three' });
    await put(writer, 'a/1.mp3', { artists: ['The Alpha'], album: 'Zenith', trackNumber: 1, title: 'two' });
    await put(writer, 'c/1.mp3', { artists: ['The Alpha'], album: 'Early', trackNumber: 9, title: 'one' });
    const page = await reader.allTracks(ALL);
    expect(page.items.map((track) => track.title)).toEqual(['one', 'two', 'three', 'four']);
    expect(page.total).toBe(4);
    expect((await reader.allTracks({ offset: 1, limit: 2 })).items.map((track) => track.title)).toEqual([
      'two',
      'three',
    ]);
  });

  it('gives tracks in the order asked and leaves out those it does not have', async () => {
    const { reader, writer } = openCatalogue();
    const [one, two] = [await put(writer, '1.mp3'), await put(writer, '2.mp3')];
    const found = await reader.tracks([two.id, trackId('z'.repeat(22)), one.id]);
    expect(found.map((track) => track.id)).toEqual([two.id, one.id]);
  });

  it('makes one album of a folder of several artists, and says so', async () => {
    const { reader, writer } = openCatalogue();
    await put(writer, 'Hits/1.mp3', { artists: ['X'], album: 'Hits', year: 1999, genres: ['Rock'] });
    const alone = (await reader.albums(ALL)).items[0];
    expect(alone?.artists.map((it) => it.name)).toEqual(['X']);
    await put(writer, 'Hits/2.mp3', { artists: ['Y'], album: 'Hits', year: 1998, genres: ['Pop', 'Rock'] });
    const album = (await reader.albums(ALL)).items[0];
    expect(album).toMatchObject({ title: 'Hits', trackCount: 2, year: 1998, genres: ['Rock', 'Pop'] });
    expect(album?.artists.map((it) => it.name)).toEqual(['Various artists']);
    const artists = (await reader.artists(ALL)).items;
    expect(artists.map((it) => [it.name, it.albumCount])).toEqual([
      ['Various artists', 1],
      ['X', 1],
      ['Y', 1],
    ]);
  });

  it('forgets albums and artists with their last track', async () => {
    const { reader, writer } = openCatalogue();
    await put(writer, 'Hits/1.mp3', { artists: ['X'], album: 'Hits' }, 1);
    await put(writer, 'Hits/2.mp3', { artists: ['Y'], album: 'Hits' }, 1);
    await writer.sourceSeen('/music/Hits/1.mp3', 2);
    expect(await writer.forgetUnseen(FOLDER, 2, [])).toMatchObject({ count: 1 });
    expect((await reader.artists(ALL)).items.map((it) => it.name)).toEqual(['X']);
    expect((await reader.albums(ALL)).items[0]?.artists.map((it) => it.name)).toEqual(['X']);
    await writer.forgetUnseen(FOLDER, 3, []);
    expect((await reader.albums(ALL)).total + (await reader.artists(ALL)).total).toBe(0);
    expect((await reader.search('hits', ALL)).albums.total).toBe(0);
    expect((await reader.search('x', ALL)).artists.total).toBe(0);
  });

  it('keeps what lies below a folder that could not be read', async () => {
    const { reader, writer } = openCatalogue();
    await put(writer, 'away/1.mp3');
    await put(writer, 'here/1.mp3');
    expect(await writer.forgetUnseen(FOLDER, 2, ['/music/away/'])).toMatchObject({ count: 1 });
    expect((await reader.allTracks(ALL)).total).toBe(1);
  });

  it('counts the same music at two paths once, until both are gone', async () => {
    const { reader, writer } = openCatalogue();
    await put(writer, 'a.mp3', { content: 1 });
    await put(writer, 'b.mp3', { content: 1 });
    expect((await reader.allTracks(ALL)).total).toBe(1);
    await writer.sourceSeen('/music/b.mp3', 2);
    await writer.forgetUnseen(FOLDER, 2, []);
    expect((await reader.allTracks(ALL)).total).toBe(1);
    await writer.forgetUnseen(FOLDER, 3, []);
    expect((await reader.allTracks(ALL)).total).toBe(0);
  });

  it('keeps the music of a track that went away and came back', async () => {
    const { writer } = openCatalogue();
    const entry = await put(writer, 'a.mp3', { content: 1 });
    await writer.trackEncoded(entry.id, encodedAs('f'));
    await writer.forgetUnseen(FOLDER, 2, []);
    expect(await writer.putSource(FOLDER, fileAt('moved.mp3'), 3, entryOf('moved.mp3', { content: 1 }))).toBe('ready');
  });

  it('gives back what was stored of a file', async () => {
    const { reader, writer } = openCatalogue();
    const entry = await put(writer, 'a.mp3');
    expect(await writer.storedTrack(entry.id)).toBeNull();
    await writer.trackEncoded(entry.id, encodedAs('f'));
    expect(await writer.storedTrack(entry.id)).toMatchObject({
      files: [fileAs('f', 160)],
      durationFrames: 95_999,
      loudness: { integratedLufs: -14.5, truePeakDbtp: -0.3, rangeLu: 3 },
    });
    expect((await reader.tracks([entry.id]))[0]).toMatchObject({ availability: 'ready', durationFrames: 95_999 });
  });

  it('hides tracks that only their name says are music, and what cannot be read', async () => {
    const { reader, writer } = openCatalogue();
    const letter = await put(writer, 'letter.mp3', { isMusic: false });
    expect((await reader.allTracks(ALL)).total + (await reader.albums(ALL)).total).toBe(0);
    expect((await reader.track(letter.id)).ok).toBe(false);
    await writer.trackUnreadable(letter.id, new TonearmError('ingest.unreadable-file', 'a letter'));
    expect((await reader.allTracks(ALL)).total).toBe(0);
    expect(await reader.track(letter.id)).toMatchObject({ ok: true, value: { availability: 'unreadable' } });
    expect((await writer.source('/music/letter.mp3'))?.failure).toMatchObject({ message: 'a letter' });
    expect(await writer.nextWaiting([], new Set())).toBeNull();
  });

  it('shows what only its name said was music once it was decoded', async () => {
    const { reader, writer } = openCatalogue();
    const entry = await put(writer, 'odd.mp3', { isMusic: false });
    await writer.trackEncoded(entry.id, encodedAs('f'));
    expect((await reader.albums(ALL)).items.map((it) => it.trackCount)).toEqual([1]);
    expect((await reader.search('odd', ALL)).tracks.total).toBe(1);
  });

  it('hands out what waits in order, the wanted first, and nothing twice', async () => {
    const { writer } = openCatalogue();
    const ids = [];
    for (const name of ['1.mp3', '2.mp3', '3.mp3']) ids.push((await put(writer, name)).id);
    const [one, two, three] = ids;
    if (one === undefined || two === undefined || three === undefined) throw new Error('three were put');
    expect((await writer.nextWaiting([], new Set()))?.id).toBe(one);
    expect((await writer.nextWaiting([], new Set([one])))?.id).toBe(two);
    expect(await writer.nextWaiting([three], new Set([one]))).toEqual({ id: three, sourcePath: '/music/3.mp3' });
    expect(await writer.nextWaiting([three], new Set(ids))).toBeNull();
  });

  it('plays with the first quality, and remembers which are missing until they come', async () => {
    const { writer } = openCatalogue();
    const entry = await put(writer, 'a.mp3');
    expect(await writer.nextUnfinished(new Set())).toBeNull();
    await writer.trackEncoded(entry.id, encodedAs('f'));
    const unfinished = await writer.nextUnfinished(new Set());
    expect(unfinished).toEqual({ id: entry.id, sourcePath: '/music/a.mp3', missingKbps: [24] });
    expect(await writer.nextUnfinished(new Set([entry.id]))).toBeNull();
    await writer.trackEncoded(entry.id, {
      ...encodedAs('f'),
      files: [fileAs('f', 24)],
      loudness: null,
      loudnessBlocks: null,
    });
    expect(await writer.nextUnfinished(new Set())).toBeNull();
    const stored = await writer.storedTrack(entry.id);
    expect(stored?.files).toEqual([fileAs('f', 24), fileAs('f', 160)]);
    expect(stored?.loudness).toEqual(encodedAs('f').loudness);
  });

  it('knows how loud an album is when all of its tracks have been measured', async () => {
    const { writer } = openCatalogue();
    const one = await put(writer, 'a/1.mp3', { album: 'A' });
    const other = await put(writer, 'a/2.mp3', { album: 'A' });
    await writer.trackEncoded(one.id, encodedAs('one'));
    expect((await writer.storedTrack(one.id))?.albumLoudness).toBeNull();
    await writer.trackEncoded(other.id, { ...encodedAs('other'), loudness: null });
    const loudness = (await writer.storedTrack(one.id))?.albumLoudness;
    expect(loudness?.integratedLufs).toBeCloseTo(-14.05, 1);
    expect(loudness?.truePeakDbtp).toBe(-0.3);
  });

  it('encodes anew what another recipe made', async () => {
    const { writer, close, dataDir } = openCatalogue();
    const entry = await put(writer, 'a.mp3');
    await writer.trackEncoded(entry.id, encodedAs('f'));
    close();
    const later = openCatalogue(dataDir, 'r2');
    await later.writer.sweepFiles();
    expect(await later.writer.storedTrack(entry.id)).toBeNull();
    expect((await later.writer.nextWaiting([], new Set()))?.id).toBe(entry.id);
  });

  it('refuses pages out of bounds, naming the field', async () => {
    const { reader } = openCatalogue();
    await expect(reader.allTracks({ offset: 0, limit: 101 })).rejects.toMatchObject({ field: 'limit' });
    await expect(reader.albums({ offset: -1, limit: 1 })).rejects.toMatchObject({ field: 'offset' });
  });

  it('says what it does not have', async () => {
    const { reader } = openCatalogue();
    const id = 'z'.repeat(22);
    const answers = [
      await reader.track(trackId(id)),
      await reader.album(id as never),
      await reader.albumTracks(id as never),
      await reader.artist(id as never),
      await reader.artistTracks(id as never),
      await reader.artistAlbums(id as never, ALL),
    ];
    expect(answers.map((it) => (it.ok ? 'found' : it.error.code))).toEqual(answers.map(() => 'catalogue.not-found'));
  });
});

describe('search', () => {
  async function library() {
    const catalogue = openCatalogue();
    const { writer } = catalogue;
    await put(writer, 'a/1.mp3', { title: 'Für Elise', artists: ['Ludwig van Beethoven'], album: 'Piano' });
    await put(writer, 'a/2.mp3', { title: 'Sonata', artists: ['Ludwig van Beethoven'], album: 'Piano' });
    await put(writer, 'b/1.mp3', { title: 'Elision', artists: ['Somebody'], album: 'Für alle' });
    return catalogue.reader;
  }
  const titles = async (query: string) =>
    (await (await library()).search(query, ALL)).tracks.items.map((track) => track.title);

  it('finds words by their beginnings, without accents and case', async () => {
    expect((await titles('fur eli')).sort()).toEqual(['Elision', 'Für Elise']);
    expect(await titles('BEETH son')).toEqual(['Sonata']);
    expect(await titles('ise')).toEqual([]);
  });

  it('puts a word of the title before the same word of the album', async () => {
    expect(await titles('für')).toEqual(['Für Elise', 'Elision']);
  });

  it('finds albums and artists too', async () => {
    const found = await (await library()).search('lud', ALL);
    expect(found.artists.items.map((it) => it.name)).toEqual(['Ludwig van Beethoven']);
    expect(found.albums.items.map((it) => it.title)).toEqual(['Piano']);
    expect(found.tracks.total).toBe(2);
  });

  it.each(['', '   ', '"', '*', 'AND OR NOT', '(x', 'a"b*', 'NEAR(', '%', '-', '☃'])('survives %s', async (query) => {
    expect((await (await library()).search(query, ALL)).artists.items).toEqual([]);
  });

  it('gives pages with the whole count', async () => {
    const found = await (await library()).search('piano', { offset: 1, limit: 1 });
    expect(found.tracks.total).toBe(2);
    expect(found.tracks.items).toHaveLength(1);
  });
});

describe('the data folder', () => {
  it('belongs to one bridge at a time, and is free when it stopped', () => {
    const folder = dataFolder();
    const first = openDatabase(folder);
    expect(() => openDatabase(folder)).toThrow(expect.objectContaining({ code: 'config.data-locked' }));
    first.close();
    openDatabase(folder).close();
  });

  it('is for its owner’s eyes only', () => {
    const folder = join(dataFolder(), 'new');
    openDatabase(folder).close();
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, 'tonearm.db')).mode & 0o077).toBe(0);
  });

  it('is refused when it cannot be one', () => {
    expect(() => openDatabase('/dev/null/x')).toThrow(
      expect.objectContaining({ code: 'config.invalid', field: 'data' }),
    );
  });

  it('is refused when a newer bridge wrote it', () => {
    const folder = dataFolder();
    const opened = openDatabase(folder);
    opened.database.exec('PRAGMA user_version = 99');
    opened.close();
    expect(() => openDatabase(folder)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
