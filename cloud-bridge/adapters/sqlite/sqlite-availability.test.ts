import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AVAILABLE_EVERYWHERE } from '#bridge/core/services/catalogue/availability';
import { describeTrack, variousArtists } from '#bridge/core/services/ingest/track-entry';
import { type AlbumId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';
import { type OpenDatabase, openDatabase } from './database.ts';
import { SqliteAvailability } from './sqlite-availability.ts';
import { SqliteCatalogueWriter } from './sqlite-catalogue-writer.ts';
import { SqliteLyrics } from './sqlite-lyrics.ts';
import { TrackTables } from './track-tables.ts';

const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };
const FOLDER = { path: '/music', deviceNumber: 1 };
const NOBODY = trackId('0'.repeat(22));
let opened: OpenDatabase;
let dataDir = '';
let writer: SqliteCatalogueWriter;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tonearm-rules-'));
  opened = openDatabase(dataDir);
  const tables = new TrackTables({ database: opened.database, wallMs: () => 1_000 }, variousArtists(digest));
  writer = new SqliteCatalogueWriter(opened.database, tables, { recipe: 'r' });
});
afterEach(() => {
  opened.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function put(name: string): Promise<{ readonly track: TrackId; readonly album: AlbumId }> {
  const entry = describeTrack(digest, {
    digest: digest.sha256(name),
    tags: null,
    relativePath: name,
    folderName: 'music',
    pictureKey: null,
  });
  const file = { path: `/music/${name}`, relativePath: name, sizeBytes: bytes(1), modifiedMs: 1 };
  await writer.putSource(FOLDER, file, 1, entry);
  return { track: entry.id, album: entry.album.id };
}

describe('rules of availability', () => {
  const austria = { countries: ['AT'], fromMs: null, untilMs: null };
  const soon = { countries: null, fromMs: 10, untilMs: 20 };

  it('are those of the track and of its album, and of no other', async () => {
    const rules = new SqliteAvailability(opened.database);
    const { track, album } = await put('a/1.mp3');
    const other = await put('b/1.mp3');
    expect(await rules.rulesFor(track)).toEqual([]);
    expect(await rules.setTrackRules(track, austria)).toEqual({ ok: true, value: undefined });
    await rules.setAlbumRules(album, soon);
    expect(await rules.rulesFor(track)).toEqual([austria, soon]);
    expect(await rules.rulesFor(other.track)).toEqual([]);
    expect(await rules.trackRules(track)).toEqual({ ok: true, value: austria });
    expect(await rules.albumRules(other.album)).toEqual({ ok: true, value: AVAILABLE_EVERYWHERE });
  });

  it('are gone when nothing is restricted any more, and outlive a track that comes back', async () => {
    const rules = new SqliteAvailability(opened.database);
    const { track, album } = await put('a/1.mp3');
    await rules.setTrackRules(track, austria);
    await rules.setAlbumRules(album, soon);
    await rules.setAlbumRules(album, AVAILABLE_EVERYWHERE);
    expect(await rules.rulesFor(track)).toEqual([austria]);
    await writer.forgetUnseen(FOLDER, 2, []);
    expect(await rules.trackRules(track)).toMatchObject({ ok: false, error: { code: 'catalogue.not-found' } });
    await put('a/1.mp3');
    expect(await rules.rulesFor(track)).toEqual([austria]);
  });

  it('are not laid down for what is not there', async () => {
    const rules = new SqliteAvailability(opened.database);
    expect(await rules.setTrackRules(NOBODY, austria)).toMatchObject({ error: { code: 'catalogue.not-found' } });
  });
});

describe('stored lyrics', () => {
  it('are had back, replaced, and gone with their track', async () => {
    const lyrics = new SqliteLyrics(opened.database);
    const { track } = await put('a/1.mp3');
    expect(await lyrics.lyrics(track)).toMatchObject({ error: { message: expect.stringContaining('no lyrics') } });
    const timed = { kind: 'timed', lines: [{ startMs: 1, text: 'La' }] } as const;
    await lyrics.putLyrics(track, { kind: 'plain', lines: ['Lo'] });
    await lyrics.putLyrics(track, timed);
    expect(await lyrics.lyrics(track)).toEqual({ ok: true, value: timed });
    await lyrics.putLyrics(track, null);
    expect((await lyrics.lyrics(track)).ok).toBe(false);
    await lyrics.putLyrics(track, timed);
    await writer.forgetUnseen(FOLDER, 2, []);
    expect(await lyrics.lyrics(track)).toMatchObject({ error: { message: expect.stringContaining('no track') } });
  });
});
