/**
 * Ingest with a disk that is a map, and readers and encoders that do what a test says, on a real catalogue: what would
 * take minutes of decoding takes milliseconds, and every order of events can be had.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#bridge/adapters/sqlite/database';
import { SqliteCatalogue } from '#bridge/adapters/sqlite/sqlite-catalogue';
import { SqliteCatalogueWriter } from '#bridge/adapters/sqlite/sqlite-catalogue-writer';
import { SqliteLyrics } from '#bridge/adapters/sqlite/sqlite-lyrics';
import { TrackTables } from '#bridge/adapters/sqlite/track-tables';
import type { MusicFolder, ScanEvent } from '#bridge/core/ports/folder-scanner';
import type { EncodeJob, EncodeOutcome } from '#bridge/core/ports/track-encoder';
import { Ingest } from '#bridge/core/services/ingest/ingest';
import { variousArtists } from '#bridge/core/services/ingest/track-entry';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { fileId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { bytes, frames, type Kbps } from '#protocol/vocabulary/units';
import type { IngestView } from '#protocol/wire/household';
import { VirtualClock } from '#sim/world/virtual-clock';

const digest = { sha256: (text: string) => createHash('sha256').update(text).digest() };
const ALL = { offset: 0, limit: 100 };

export interface PendingEncode {
  readonly path: string;
  readonly rungsKbps: readonly Kbps[];
  finish(result?: Result<EncodeOutcome, TonearmError>): void;
}

/** A house whose disk is a map from path to content. Of what begins with "bad" or "text" nothing can be decoded, and the latter has no tags. */
export class IngestRoom {
  readonly clock = new VirtualClock();
  readonly disk = new Map<string, string>();
  readonly inspected: string[] = [];
  readonly encoding: PendingEncode[] = [];
  readonly adopted: string[] = [];
  readonly discarded: string[] = [];
  deviceNumber = 1;
  isDiskFull = false;
  isFolderThere = true;
  /** No scan begins before this is settled. */
  scanGate: Promise<void> = Promise.resolve();
  /** What its sources are good for; null: no more than a job asks for, so that none is left unfinished. */
  ladderKbps: readonly Kbps[] | null = null;
  /** Encodes at once, instead of when the test says so. */
  isQuick = true;
  readonly reader: SqliteCatalogue;
  readonly writer: SqliteCatalogueWriter;
  readonly ingest: Ingest;
  /** Gives up the catalogue and its folder. */
  readonly close: () => void;

  constructor() {
    const dataDir = mkdtempSync(join(tmpdir(), 'tonearm-ingest-'));
    const { database, close } = openDatabase(dataDir);
    this.close = () => {
      close();
      rmSync(dataDir, { recursive: true, force: true });
    };
    const tables = new TrackTables({ database, wallMs: () => 1_000 }, variousArtists(digest));
    this.writer = new SqliteCatalogueWriter(database, tables, { recipe: 'r' });
    this.reader = new SqliteCatalogue(database);
    this.ingest = new Ingest({
      clock: this.clock,
      logger: silentLogger,
      digest,
      catalogue: this.writer,
      lyrics: new SqliteLyrics(database),
      scanner: {
        find: async (path) =>
          this.isFolderThere ? ok({ path, deviceNumber: this.deviceNumber }) : refused(notThere(path)),
        scan: (folder, below) => this.#scan(folder, below),
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
            pictureProblem: null,
            lyrics: null,
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
        discard: async (path) => {
          this.discarded.push(path);
        },
        open: async () => refused(new TonearmError('content.not-found', 'none')),
        openHead: async () => refused(new TonearmError('content.not-found', 'none')),
        list: async function* () {},
        putHead: async () => {},
        remove: async () => {},
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

  async *#scan(folder: MusicFolder, below = ''): AsyncGenerator<ScanEvent> {
    await this.scanGate;
    for (const [path, content] of [...this.disk].sort()) {
      if (!path.startsWith(`${folder.path}/${below === '' ? '' : `${below}/`}`)) continue;
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
            : ok({ ...outcomeOf(job, content), ladderKbps: this.ladderKbps ?? job.bitratesKbps });
    return new Promise((resolve) => {
      this.encoding.push({
        path: job.sourcePath,
        rungsKbps: job.bitratesKbps,
        finish: (result) => resolve(result ?? usual),
      });
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
  isCompilation: false,
  durationFrames: frames(48_000),
};

function outcomeOf(job: EncodeJob, content: string): EncodeOutcome {
  return {
    files: job.bitratesKbps.map((bitrateKbps) => ({
      file: {
        fileId: fileId(digest.sha256(`file ${content} ${bitrateKbps}`).toString('hex')),
        bitrateKbps,
        preSkipFrames: frames(960),
        segmentFrames: frames(48_000),
        segmentSizesBytes: [bytes(9)],
        headSegments: 1,
        key: new Uint8Array(16),
      },
      scratchPath: `scratch of ${content}`,
    })),
    ladderKbps: job.bitratesKbps,
    durationFrames: frames(47_000),
    loudness: null,
    loudnessBlocks: null,
  };
}

function notThere(path: string): TonearmError {
  return new TonearmError('ingest.folder-not-found', `${path} is away`, { field: 'folder' });
}
