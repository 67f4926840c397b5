import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EncodedFile } from '#bridge/core/ports/track-encoder';
import { describeTrack, variousArtists } from '#bridge/core/services/ingest/track-entry';
import { fileId, type TrackId } from '#protocol/vocabulary/ids';
import { bytes, frames, kbps } from '#protocol/vocabulary/units';
import { type OpenDatabase, openDatabase } from './database.ts';
import { SqliteCatalogueWriter } from './sqlite-catalogue-writer.ts';
import { SqliteStoredFiles } from './sqlite-stored-files.ts';
import { TrackTables } from './track-tables.ts';

const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };
const LOW = fileId('1'.repeat(64));
const HIGH = fileId('2'.repeat(64));
const FOLDER = { path: '/music', deviceNumber: 1 };
const SOURCE = { path: '/music/a.wav', relativePath: 'a.wav', sizeBytes: bytes(9), modifiedMs: 1 };
let folder = '';
let opened: OpenDatabase;
let writer: SqliteCatalogueWriter;
let files: SqliteStoredFiles;
let track: TrackId;

function encoded(id: typeof LOW, bitrate: number): EncodedFile {
  return {
    fileId: id,
    bitrateKbps: kbps(bitrate),
    preSkipFrames: frames(312),
    segmentFrames: frames(48_000),
    segmentSizesBytes: [bytes(100), bytes(50)],
    headSegments: 2,
    key: new Uint8Array(16),
  };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-stored-'));
  opened = openDatabase(folder);
  const { database } = opened;
  const tables = new TrackTables({ database, wallMs: () => 1_000 }, variousArtists(digest));
  writer = new SqliteCatalogueWriter(database, tables, { recipe: 'r' });
  files = new SqliteStoredFiles(database, tables);
  const entry = describeTrack(digest, {
    digest: digest.sha256('a'),
    tags: null,
    relativePath: SOURCE.relativePath,
    folderName: 'music',
    pictureKey: null,
  });
  track = entry.id;
  await writer.putSource(FOLDER, SOURCE, 1, entry);
  const music = { durationFrames: frames(70_000), loudness: null, loudnessBlocks: null };
  const ladderKbps = [kbps(24), kbps(160)];
  await writer.trackEncoded(track, { ...music, ladderKbps, files: [encoded(LOW, 24), encoded(HIGH, 160)] });
});
afterEach(() => {
  opened.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the index of stored files', () => {
  it('gives each file with its track and source, page by page', async () => {
    expect(await files.count()).toBe(2);
    const page = await files.page(null);
    expect(page.map((it) => [it.file.fileId, it.trackId, it.sourcePath])).toEqual([
      [LOW, track, SOURCE.path],
      [HIGH, track, SOURCE.path],
    ]);
    expect(page[0]?.file).toEqual(encoded(LOW, 24));
    expect((await files.page(LOW)).map((it) => it.file.fileId)).toEqual([HIGH]);
    expect(await files.page(HIGH)).toEqual([]);
  });

  it('forgets one quality, which is encoded anew while the track plays in the other', async () => {
    await files.forget(HIGH);
    expect([await files.has(LOW), await files.has(HIGH)]).toEqual([true, false]);
    expect(await writer.nextWaiting([], new Set())).toBeNull();
    expect(await writer.nextUnfinished(new Set())).toMatchObject({ id: track, missingKbps: [160] });
  });

  it('has the whole track prepared again when its last is forgotten, and twice is harmless', async () => {
    for (const id of [HIGH, LOW, LOW]) await files.forget(id);
    expect(await writer.storedTrack(track)).toBeNull();
    expect(await writer.nextWaiting([], new Set())).toMatchObject({ id: track, sourcePath: SOURCE.path });
    expect(await writer.nextUnfinished(new Set())).toBeNull();
  });
});
