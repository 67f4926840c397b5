import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { NodeSegmentOpener } from '#bridge/adapters/node-crypto/node-segment-opener';
import { NodeSegmentSealer } from '#bridge/adapters/node-crypto/node-segment-sealer';
import type { ObjectVerifier } from '#bridge/core/ports/object-verifier';
import type { IndexedFile } from '#bridge/core/ports/stored-file-index';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes, frames, kbps } from '#protocol/vocabulary/units';
import { storeCheckViewSchema } from '#protocol/wire/store-check';
import { createBlobDisk, VirtualBlobStore } from '#sim/content/memory-blob-store';
import { StoreCheck } from './store-check.ts';
import { verifyObject } from './verify-object.ts';

const HEAD_SEGMENTS = 2;
const ORPHAN = fileId('0f'.repeat(32));

/** A store of three files of four segments each, whose catalogue is a map. */
class Room {
  readonly disk = createBlobDisk();
  readonly blobs = new VirtualBlobStore(this.disk);
  readonly indexed = new Map<FileId, IndexedFile>();
  readonly sources = new Set<string>();
  readonly broughtForward: TrackId[] = [];
  isIngesting = false;
  isStoreAway = false;
  readonly check: StoreCheck;

  constructor() {
    const verifyPorts = { blobs: this.blobs, opener: new NodeSegmentOpener(), alive: () => {} };
    const verifier: ObjectVerifier = {
      verify: async (file) =>
        this.isStoreAway
          ? refused(new TonearmError('storage.failed', 'away'))
          : ok(await verifyObject(verifyPorts, file)),
      rest: async () => {},
    };
    this.check = new StoreCheck({
      index: {
        count: async () => this.indexed.size,
        page: async (after) =>
          [...this.indexed.values()]
            .filter((it) => it.file.fileId > (after ?? ''))
            .sort(byId)
            .slice(0, 2),
        has: async (id) => this.indexed.has(id),
        forget: async (id) => void this.indexed.delete(id),
      },
      verifier,
      blobs: this.blobs,
      scanner: { isThere: async (path) => this.sources.has(path) },
      ingest: { view: () => ({ isRunning: this.isIngesting }), bringForward: (id) => this.broughtForward.push(id) },
      logger: silentLogger,
    });
  }

  async store(name: string): Promise<FileId> {
    const sealer = new NodeSegmentSealer();
    const segments = [0, 1, 2, 3].map((number) => Buffer.from(`${name} ${number}`.repeat(40 + number)));
    const id = fileId(createHash('sha256').update(Buffer.concat(segments)).digest('hex'));
    const key = sealer.newKey();
    const sealed = segments.map((plaintext, segment) =>
      sealer.seal({ key, fileId: id, segment, isLast: segment === 3, plaintext }),
    );
    this.disk.scratch.set(name, new Uint8Array(Buffer.concat(sealed)));
    const headBytes = sealed.slice(0, HEAD_SEGMENTS).reduce((sum, it) => sum + it.length, 0);
    await this.blobs.adopt(name, id, bytes(headBytes));
    const file = {
      fileId: id,
      bitrateKbps: kbps(160),
      preSkipFrames: frames(312),
      segmentFrames: frames(48_000),
      segmentSizesBytes: sealed.map((it) => bytes(it.length)),
      headSegments: HEAD_SEGMENTS,
      key,
    };
    this.indexed.set(id, { file, trackId: trackId(name.padStart(22, '0')), sourcePath: `/music/${name}` });
    this.sources.add(`/music/${name}`);
    return id;
  }

  async run(isRepairing: boolean) {
    expect(this.check.begin({ isRepairing }).ok).toBe(true);
    await this.check.settled();
    return storeCheckViewSchema.parse(this.check.view());
  }

  content(id: FileId): Uint8Array {
    const content = this.disk.object.get(id);
    if (content === undefined) throw new Error('no such object');
    return content;
  }
}

function byId(a: IndexedFile, b: IndexedFile): number {
  return a.file.fileId < b.file.fileId ? -1 : 1;
}

const HURTS: readonly (readonly [string, string, string, (room: Room, id: FileId) => void])[] = [
  ['a missing object', 'missing', 'content.not-found', (room, id) => void room.disk.object.delete(id)],
  [
    'a cut object',
    'wrong-length',
    'content.corrupt',
    (room, id) => void room.disk.object.set(id, room.content(id).slice(1)),
  ],
  ['one flipped bit', 'broken-seal', 'content.corrupt', (room, id) => flip(room.content(id), 300)],
  ['a segment over another', 'broken-seal', 'content.corrupt', (room, id) => room.content(id).copyWithin(0, 140, 270)],
];
const HEAD_HURTS: readonly (readonly [string, (room: Room, id: FileId) => void])[] = [
  ['a missing head', (room, id) => void room.disk.head.delete(id)],
  ['a cut head', (room, id) => void room.disk.head.set(id, room.content(id).slice(0, 5))],
  ['a head with a flipped bit', (room, id) => flip(room.disk.head.get(id) ?? new Uint8Array(0), 3)],
];

function flip(content: Uint8Array, place: number): void {
  content[place] = (content[place] ?? 0) ^ 1;
}

describe('a check of the store', () => {
  let room: Room;
  let hurt: FileId;
  beforeEach(async () => {
    room = new Room();
    await room.store('a');
    hurt = await room.store('b');
    await room.store('c');
  });

  it('finds nothing where nothing is wrong, and changes nothing', async () => {
    const before = JSON.stringify([[...room.disk.object], [...room.disk.head]]);
    expect(await room.run(true)).toMatchObject({ isRunning: false, total: 3, checked: 3, found: 0, failure: null });
    expect(JSON.stringify([[...room.disk.object], [...room.disk.head]])).toBe(before);
  });

  it.each(HURTS)('names %s, and has it encoded anew', async (_name, kind, code, damage) => {
    damage(room, hurt);
    const problem = { kind, fileId: hurt, source: '/music/b', error: { code } };
    expect(await room.run(false)).toMatchObject({
      checked: 3,
      found: 1,
      problems: [{ ...problem, isRepaired: false }],
    });
    expect(room.indexed.has(hurt)).toBe(true);
    expect(await room.run(true)).toMatchObject({ repaired: 1, problems: [{ ...problem, isRepaired: true }] });
    expect(room.indexed.has(hurt)).toBe(false);
    expect(room.broughtForward).toEqual([trackId('b'.padStart(22, '0'))]);
  });

  it('leaves what it cannot mend, since its source is gone', async () => {
    flip(room.content(hurt), 9);
    room.sources.clear();
    expect(await room.run(true)).toMatchObject({ found: 1, repaired: 0, problems: [{ isRepaired: false }] });
    expect(room.indexed.has(hurt)).toBe(true);
    expect(room.disk.object.has(hurt)).toBe(true);
  });

  it.each(HEAD_HURTS)('names %s, and writes it anew from the object', async (_name, damage) => {
    damage(room, hurt);
    expect(await room.run(false)).toMatchObject({
      problems: [{ kind: 'wrong-head', error: { code: 'content.corrupt' } }],
    });
    expect(await room.run(true)).toMatchObject({ found: 1, repaired: 1 });
    expect(await room.run(false)).toMatchObject({ found: 0 });
    expect(room.broughtForward).toEqual([]);
  });

  it('names a sound file under another’s name', async () => {
    const [own, other] = [room.indexed.get(hurt), fileId('ab'.repeat(32))];
    if (own === undefined) throw new Error('it was stored');
    const sealer = new NodeSegmentSealer();
    const plaintext = Buffer.from('not what was promised');
    const sealed = sealer.seal({ key: own.file.key, fileId: other, segment: 0, isLast: true, plaintext });
    room.disk.scratch.set('other', sealed);
    await room.blobs.adopt('other', other, bytes(sealed.length));
    const file = { ...own.file, fileId: other, segmentSizesBytes: [bytes(sealed.length)], headSegments: 1 };
    room.indexed.set(other, { ...own, file });
    expect(await room.run(false)).toMatchObject({ found: 1, problems: [{ kind: 'wrong-content', fileId: other }] });
  });

  it('names what no track has, and drops it, but not while an ingest may be about to tell', async () => {
    room.disk.scratch.set('orphan', Uint8Array.of(1, 2));
    await room.blobs.adopt('orphan', ORPHAN, bytes(1));
    const orphan = { kind: 'orphan', fileId: ORPHAN, source: null };
    expect(await room.run(false)).toMatchObject({ found: 2, problems: [orphan, orphan] });
    room.isIngesting = true;
    expect(await room.run(true)).toMatchObject({ found: 0 });
    expect(room.disk.object.has(ORPHAN)).toBe(true);
    room.isIngesting = false;
    expect(await room.run(true)).toMatchObject({ found: 2, repaired: 2 });
    expect([room.disk.object.has(ORPHAN), room.disk.head.has(ORPHAN), room.disk.object.size]).toEqual([
      false,
      false,
      3,
    ]);
  });

  it('ends when it is the store that cannot be read, and gives up no file for it', async () => {
    room.isStoreAway = true;
    const view = await room.run(true);
    expect(view).toMatchObject({ failure: { code: 'storage.failed' }, found: 3, repaired: 0 });
    expect(room.indexed.size).toBe(3);
    expect(room.broughtForward).toEqual([]);
  });

  it('runs once at a time, and not after it was stopped', async () => {
    expect(room.check.begin({ isRepairing: false }).ok).toBe(true);
    expect(room.check.begin({ isRepairing: false })).toMatchObject({ ok: false, error: { code: 'ingest.busy' } });
    await room.check.stop();
    expect(room.check.view()).toMatchObject({ isRunning: false });
    expect(room.check.begin({ isRepairing: false }).ok).toBe(false);
  });
});
