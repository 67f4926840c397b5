/** Ingest with a folder, readers and encoders that do what the test says, on a real catalogue. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteCatalogue } from '#bridge/adapters/sqlite/sqlite-catalogue';
import { SqliteCatalogueWriter } from '#bridge/adapters/sqlite/sqlite-catalogue-writer';
import { TrackTables } from '#bridge/adapters/sqlite/track-tables';
import type { MusicFolder, ScanEvent } from '#bridge/core/ports/folder-scanner';
import type { EncodeJob, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { fileId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { bytes, frames, ms } from '#protocol/vocabulary/units';
import type { IngestView } from '#protocol/wire/household';
import { VirtualClock } from '#sim/world/virtual-clock';
import { Ingest } from './ingest.ts';
import { variousArtists } from './track-entry.ts';

const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };
const ALL = { offset: 0, limit: 100 };
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

interface PendingEncode {
  readonly path: string;
  finish(result?: Result<EncodeOutcome, TonearmError>): void;
}

/** A house whose disk is a map from path to content. Of what begins with "bad" or "text" nothing can be decoded, and the latter has no tags. */
class IngestRoom {
  readonly clock = new VirtualClock();
  readonly disk = new Map<string, string>();
  readonly inspected: string[] = [];
  readonly encoding: PendingEncode[] = [];
  readonly adopted: string[] = [];
  deviceNumber = 1;
  isDiskFull = false;
  isFolderThere = true;
  /** No scan begins before this is settled. */
  scanGate: Promise<void> = Promise.resolve();
  /** Encodes at once, instead of when the test says so. */
  isQuick = true;
  readonly reader: SqliteCatalogue;
  readonly writer: SqliteCatalogueWriter;
  readonly ingest: Ingest;

  constructor() {
    const dataDir = mkdtempSync(join(tmpdir(), 'tonearm-ingest-'));
    const { database, close } = openDatabase(dataDir);
    ends.push(() => rmSync(dataDir, { recursive: true, force: true }), close);
    const tables = new TrackTables({ database, wallMs: () => 1_000 }, variousArtists(digest));
    this.writer = new SqliteCatalogueWriter(database, tables, { recipe: 'r' });
    this.reader = new SqliteCatalogue(database);
    this.ingest = new Ingest({
      clock: this.clock,
      logger: silentLogger,
      digest,
      catalogue: this.writer,
      scanner: {
        find: async (path) =>
          this.isFolderThere ? ok({ path, deviceNumber: this.deviceNumber }) : refused(notThere(path)),
        scan: (folder) => this.#scan(folder),
        isThere: async (path) => this.disk.has(path),
      },
      inspector: {
        inspect: async ({ path }) => {
          this.inspected.push(path);
          const content = this.disk.get(path) ?? '';
          if (content === 'locked') return refused(new TonearmError('ingest.unreadable-file', 'may not be read'));
          return ok({
            digest: digest.sha256(content),
            tags: content.startsWith('text') ? null : noTags,
            picture: null,
          });
        },
        rest: async () => {},
      },
      encoder: { concurrency: 1, rest: async () => {}, encode: (job) => this.#encode(job) },
      blobs: {
        adopt: async (path) => {
          if (this.isDiskFull) throw new Error('ENOSPC');
          this.adopted.push(path);
        },
        discard: async () => {},
        open: async () => refused(new TonearmError('content.not-found', 'none')),
        sweep: async () => {},
        putPicture: async () => {},
        picture: async () => null,
      },
    });
  }

  put(name: string, content = name): this {
    this.disk.set(`/music/${name}`, content);
    return this;
  }

  async run(folder = '/music'): Promise<IngestView> {
    const begun = await this.ingest.begin(folder);
    if (!begun.ok) throw begun.error;
    await this.ingest.settled();
    return this.ingest.view();
  }

  async titles(): Promise<readonly string[]> {
    return (await this.reader.allTracks(ALL)).items.map((track) => `${track.title} ${track.availability}`);
  }

  /** Lets everything happen that does not wait for the test. */
  async settle(): Promise<void> {
    for (let round = 0; round < 200; round += 1) await Promise.resolve();
  }

  async *#scan(folder: MusicFolder): AsyncGenerator<ScanEvent> {
    await this.scanGate;
    for (const [path, content] of [...this.disk].sort()) {
      if (!path.startsWith(`${folder.path}/`)) continue;
      const relativePath = path.slice(folder.path.length + 1);
      const modifiedMs = digest.sha256(content).readUInt32BE(0);
      yield { kind: 'fileFound', file: { path, relativePath, sizeBytes: bytes(content.length), modifiedMs } };
    }
  }

  #encode(job: EncodeJob): Promise<Result<EncodeOutcome, TonearmError>> {
    const content = this.disk.get(job.sourcePath) ?? 'gone';
    const usual = content.startsWith('bad')
      ? refused(new TonearmError('ingest.unreadable-file', 'is no music'))
      : content.startsWith('text')
        ? refused(new TonearmError('ingest.unreadable-file', 'is a letter'))
        : content.startsWith('exotic')
          ? refused(new TonearmError('ingest.unsupported-format', 'needs ffmpeg'))
          : content === 'gone'
            ? refused(new TonearmError('ingest.unreadable-file', 'no such file'))
            : ok(outcomeOf(job, content));
    return new Promise((resolve) => {
      this.encoding.push({ path: job.sourcePath, finish: (result) => resolve(result ?? usual) });
      if (this.isQuick) resolve(usual);
    });
  }
}

const noTags = {
  title: null,
  artists: [],
  album: null,
  albumArtists: [],
  discNumber: null,
  trackNumber: null,
  year: null,
  genres: [],
  durationFrames: frames(48_000),
};

function outcomeOf(job: EncodeJob, content: string): EncodeOutcome {
  return {
    file: {
      fileId: fileId(digest.sha256(`file ${content}`).toString('hex')),
      bitrateKbps: job.bitrateKbps,
      preSkipFrames: frames(960),
      segmentFrames: frames(48_000),
      segmentSizesBytes: [bytes(9)],
      key: new Uint8Array(16),
    },
    durationFrames: frames(47_000),
    loudness: null,
    scratchPath: `scratch of ${content}`,
  };
}

function notThere(path: string): TonearmError {
  return new TonearmError('ingest.folder-not-found', `${path} is away`, { field: 'folder' });
}

describe('ingest', () => {
  it('shows tracks before they are encoded, and encodes them in order', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3').put('3.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    expect(await room.titles()).toEqual(['1 preparing', '2 preparing', '3 preparing']);
    expect(room.ingest.view()).toMatchObject({ isRunning: true, found: 3, done: 0, folder: '/music' });
    for (const [index, name] of ['1', '2', '3'].entries()) {
      expect(room.encoding[index]?.path).toBe(`/music/${name}.mp3`);
      room.encoding[index]?.finish();
      await room.settle();
    }
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 ready', '2 ready', '3 ready']);
    expect(room.ingest.view()).toEqual({
      isRunning: false,
      folder: '/music',
      found: 3,
      done: 3,
      failed: 0,
      failures: [],
    });
  });

  it('encodes next what someone wants to hear', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3').put('3.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    const third = (await room.reader.allTracks(ALL)).items[2];
    if (third === undefined) throw new Error('three were put');
    room.ingest.bringForward(third.id);
    room.encoding[0]?.finish();
    await room.settle();
    expect(room.encoding.map((it) => it.path)).toEqual(['/music/1.mp3', '/music/3.mp3']);
    room.isQuick = true;
    room.encoding[1]?.finish();
    await room.ingest.settled();
  });

  it('opens only what changed', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3');
    await room.run();
    room.put('2.mp3', 'other music');
    expect(await room.run()).toMatchObject({ found: 2, done: 2 });
    expect(room.inspected).toEqual(['/music/1.mp3', '/music/2.mp3', '/music/2.mp3']);
    expect(room.encoding).toHaveLength(3);
  });

  it('knows a renamed file again, and does not encode it', async () => {
    const room = new IngestRoom().put('old.mp3', 'music');
    await room.run();
    const [before] = (await room.reader.allTracks(ALL)).items;
    room.disk.clear();
    room.put('new.mp3', 'music');
    expect(await room.run()).toMatchObject({ found: 1, done: 1 });
    const [after] = (await room.reader.allTracks(ALL)).items;
    expect(after).toMatchObject({ id: before?.id, title: 'new', availability: 'ready' });
    expect(room.encoding).toHaveLength(1);
  });

  it('forgets what vanished', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3');
    await room.run();
    room.disk.delete('/music/1.mp3');
    await room.run();
    expect(await room.titles()).toEqual(['2 ready']);
    room.disk.clear();
    await room.run();
    expect(await room.titles()).toEqual([]);
  });

  it('keeps all of a folder that is away, or whose disk is', async () => {
    const room = new IngestRoom().put('1.mp3');
    await room.run();
    room.disk.clear();
    room.isFolderThere = false;
    expect(await room.ingest.begin('/music')).toMatchObject({
      ok: false,
      error: { code: 'ingest.folder-not-found', field: 'folder' },
    });
    room.isFolderThere = true;
    room.deviceNumber = 2;
    await room.run();
    expect(await room.titles()).toEqual(['1 ready']);
  });

  it('names bad files and goes on, and does not try them again until they change', async () => {
    const room = new IngestRoom().put('1.mp3', 'bad').put('2.mp3').put('3.mp3', 'locked').put('4.mp3', 'text');
    const first = await room.run();
    expect(first).toMatchObject({ found: 4, done: 1, failed: 3 });
    expect(first.failures.map((it) => `${it.path}: ${it.error.code}, ${it.error.message}`).sort()).toEqual([
      '1.mp3: ingest.unreadable-file, is no music',
      '3.mp3: ingest.unreadable-file, may not be read',
      '4.mp3: ingest.unreadable-file, is a letter',
    ]);
    const opened = room.inspected.length;
    const encoded = room.encoding.length;
    expect(await room.run()).toMatchObject({ found: 4, done: 1, failed: 3 });
    expect([room.inspected.length, room.encoding.length]).toEqual([opened, encoded]);
    room.put('1.mp3', 'mended');
    expect(await room.run()).toMatchObject({ found: 4, done: 2, failed: 2 });
    expect(await room.titles()).toEqual(['1 ready', '2 ready']);
  });

  it('tries a file again that only wanted another decoder', async () => {
    const room = new IngestRoom().put('1.m4a', 'exotic');
    expect(await room.run()).toMatchObject({ failed: 1 });
    expect(await room.run()).toMatchObject({ failed: 1 });
    expect(room.encoding).toHaveLength(2);
  });

  it('does not blame a file that went away before it was encoded', async () => {
    const room = new IngestRoom().put('1.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    room.disk.clear();
    room.encoding[0]?.finish(refused(new TonearmError('ingest.unreadable-file', 'no such file')));
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 preparing']);
  });

  it('does not blame a file for a full disk', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    room.encoding[0]?.finish(refused(new TonearmError('storage.failed', 'the disk is full')));
    await room.settle();
    room.encoding[1]?.finish();
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 preparing', '2 ready']);
    room.isQuick = true;
    await room.run();
    expect(await room.titles()).toEqual(['1 ready', '2 ready']);
  });

  it('gives up for now when nothing can be stored, and goes on later', async () => {
    const room = new IngestRoom();
    for (let song = 1; song <= 6; song += 1) room.put(`${song}.mp3`);
    room.isDiskFull = true;
    expect(await room.run()).toMatchObject({ isRunning: false, found: 6, done: 0, failed: 3 });
    expect(room.encoding).toHaveLength(3);
    room.isDiskFull = false;
    expect(await room.run()).toMatchObject({ done: 6, failed: 0 });
  });

  it('counts a file once when its folder is given again while it is read', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3');
    const gate = Promise.withResolvers<void>();
    room.scanGate = gate.promise;
    await room.ingest.begin('/music');
    await room.settle();
    await room.ingest.begin('/music');
    gate.resolve();
    await room.ingest.settled();
    expect(room.ingest.view()).toMatchObject({ found: 2, done: 2, failed: 0 });
  });

  it('counts the same music at two paths as two files and one track', async () => {
    const room = new IngestRoom().put('1.mp3', 'same').put('2.mp3', 'same');
    expect(await room.run()).toMatchObject({ found: 2, done: 2, failed: 0 });
    expect(room.encoding).toHaveLength(1);
    expect(await room.titles()).toEqual(['2 ready']);
  });

  it('reads one folder after the other, and refuses too many', async () => {
    const room = new IngestRoom().put('1.mp3');
    room.disk.set('/other/2.mp3', 'more');
    await Promise.all([room.ingest.begin('/music'), room.ingest.begin('/other')]);
    await room.ingest.settled();
    expect(await room.titles()).toHaveLength(2);
    const gate = Promise.withResolvers<void>();
    room.scanGate = gate.promise;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => room.ingest.begin(`/folder-${index}`)));
    const refusals = answers.flatMap((it) => (it.ok ? [] : it.error.code));
    expect(new Set(refusals)).toEqual(new Set(['ingest.busy']));
    gate.resolve();
    await room.ingest.settled();
  });

  it('reads every folder again after a restart', async () => {
    const room = new IngestRoom().put('1.mp3');
    await room.run();
    room.put('2.mp3');
    await room.ingest.resume();
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 ready', '2 ready']);
  });

  it('tells its listeners at most every 200 ms, and of the end', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3').put('3.mp3');
    const seen: IngestView[] = [];
    const stop = room.ingest.listen((view) => seen.push(view));
    await room.run();
    expect(seen).toEqual([]);
    await room.clock.advance(ms(200));
    expect(seen).toEqual([room.ingest.view()]);
    await room.clock.advance(ms(10_000));
    expect(seen).toHaveLength(1);
    stop();
    await room.run();
    await room.clock.advance(ms(200));
    expect(seen).toHaveLength(1);
  });

  it('stops in the middle, leaves no timer, and can be asked nothing more', async () => {
    const room = new IngestRoom().put('1.mp3').put('2.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    const stopped = room.ingest.stop();
    room.encoding[0]?.finish(refused(new TonearmError('ingest.busy', 'stopping')));
    await stopped;
    expect(room.encoding).toHaveLength(1);
    expect(room.clock.timers()).toEqual([]);
    expect(await room.ingest.begin('/music')).toMatchObject({ ok: false, error: { code: 'ingest.busy' } });
    expect(await room.titles()).toEqual(['1 preparing', '2 preparing']);
  });
});
