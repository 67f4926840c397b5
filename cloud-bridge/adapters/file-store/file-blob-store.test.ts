import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes } from '#protocol/vocabulary/units';
import { DiskScratchFiles } from './disk-scratch-files.ts';
import { FileBlobStore, scratchFolder } from './file-blob-store.ts';

const ID = fileId('ab'.repeat(32));
const OTHER = fileId('cd'.repeat(32));
let dataDir = '';
let store = new FileBlobStore({ dataDir });
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tonearm-blobs-'));
  store = new FileBlobStore({ dataDir });
  await store.sweep(async () => false);
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function adopt(id: typeof ID, content: Uint8Array): Promise<void> {
  const scratch = new DiskScratchFiles(scratchFolder(dataDir), () => `n${Math.floor(content.length)}`).create();
  scratch.append(content);
  scratch.finish();
  await store.adopt(scratch.path, id, bytes(Math.min(2, content.length)));
}

async function readAll(id: typeof ID, offset: number, length: number): Promise<Uint8Array> {
  const opened = await store.open(id);
  if (!opened.ok) throw opened.error;
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.value.read(bytes(offset), bytes(length))) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('stored files', () => {
  it('give exactly the range that is asked for', async () => {
    const content = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
    await adopt(ID, content);
    const opened = await store.open(ID);
    expect(opened.ok && opened.value.sizeBytes).toBe(200_000);
    expect(await readAll(ID, 0, 200_000)).toEqual(Buffer.from(content));
    expect(await readAll(ID, 65_500, 70_001)).toEqual(Buffer.from(content.subarray(65_500, 135_501)));
    expect((await readAll(ID, 10, 0)).length).toBe(0);
  });

  it('are whole or not there: nothing of them is left in the scratch folder', async () => {
    await adopt(ID, new Uint8Array(10));
    expect(readdirSync(scratchFolder(dataDir))).toEqual([]);
    expect(readdirSync(join(dataDir, 'objects', 'ab'))).toEqual(['ab'.repeat(31)]);
    expect(statSync(join(dataDir, 'objects', 'ab', 'ab'.repeat(31))).mode & 0o077).toBe(0);
  });

  it('have their start kept apart, the same bytes', async () => {
    await adopt(ID, Uint8Array.of(7, 8, 9));
    const head = await store.openHead(ID);
    if (!head.ok) throw head.error;
    const pieces: Uint8Array[] = [];
    for await (const piece of head.value.read(bytes(0), head.value.sizeBytes)) pieces.push(piece);
    expect([...Buffer.concat(pieces)]).toEqual([7, 8]);
    expect(readdirSync(join(dataDir, 'heads', 'ab'))).toEqual(['ab'.repeat(31)]);
  });

  it('can be stopped reading, and fail when they became shorter', async () => {
    await adopt(ID, new Uint8Array(200_000));
    const opened = await store.open(ID);
    if (!opened.ok) throw opened.error;
    for await (const piece of opened.value.read(bytes(0), bytes(200_000))) {
      expect(piece.length).toBeLessThanOrEqual(65_536);
      break;
    }
    await expect(readAll(ID, 199_999, 2)).rejects.toMatchObject({ code: 'storage.failed' });
  });

  it('are not found when they are not there', async () => {
    expect(await store.open(OTHER)).toMatchObject({ ok: false, error: { code: 'content.not-found' } });
  });

  it('are swept when nobody wants them, with all that a killed ingest left', async () => {
    await adopt(ID, new Uint8Array(3));
    await adopt(OTHER, new Uint8Array(4));
    writeFileSync(join(scratchFolder(dataDir), 'left'), 'x');
    writeFileSync(join(dataDir, 'objects', 'ab', 'not-a-hash'), 'x');
    mkdirSync(join(dataDir, 'objects', 'zz'));
    await store.sweep(async (id) => id === ID);
    expect((await store.open(ID)).ok).toBe(true);
    expect((await store.open(OTHER)).ok).toBe(false);
    expect(readdirSync(scratchFolder(dataDir))).toEqual([]);
    expect(readdirSync(join(dataDir, 'objects', 'ab'))).toEqual(['ab'.repeat(31)]);
  });
});

describe('a kill in the middle of keeping a file', () => {
  const NEW = Uint8Array.of(4, 5, 6, 7);
  const name = 'ab'.repeat(31);
  const steps: readonly (readonly [string, () => void])[] = [
    ['the head half written', () => writeFileSync(join(scratchFolder(dataDir), `head-${ID}`), NEW.slice(0, 1))],
    ['the head written', () => writeFileSync(join(scratchFolder(dataDir), `head-${ID}`), NEW.slice(0, 2))],
    [
      'the head in its place',
      () => {
        mkdirSync(join(dataDir, 'heads', 'ab'), { recursive: true });
        writeFileSync(join(dataDir, 'heads', 'ab', name), NEW.slice(0, 2));
      },
    ],
    [
      'the object in its place, and nobody told',
      () => {
        for (const [folder, length] of [
          ['heads', 2],
          ['objects', 4],
        ] as const) {
          mkdirSync(join(dataDir, folder, 'ab'), { recursive: true });
          writeFileSync(join(dataDir, folder, 'ab', name), NEW.slice(0, length));
        }
      },
    ],
  ];

  it.each(steps)(
    'leaves nothing that is half there after the next start, and the next try works: %s',
    async (_name, leave) => {
      await adopt(OTHER, new Uint8Array(9));
      writeFileSync(join(scratchFolder(dataDir), 'sealed'), NEW);
      leave();
      const next = new FileBlobStore({ dataDir });
      await next.sweep(async (id) => id === OTHER);
      const found: string[] = [];
      for await (const item of next.list()) found.push(`${item.kind} ${item.fileId}`);
      expect(found.sort()).toEqual([`head ${OTHER}`, `object ${OTHER}`]);
      expect(readdirSync(scratchFolder(dataDir))).toEqual([]);
      await adopt(ID, NEW);
      expect([...(await readAll(ID, 0, 4))]).toEqual([...NEW]);
    },
  );

  it('leaves no scratch file when the store cannot be written to', async () => {
    writeFileSync(join(dataDir, 'heads'), 'a file where a folder should be');
    await expect(adopt(ID, NEW)).rejects.toMatchObject({ code: 'storage.failed' });
    expect(readdirSync(scratchFolder(dataDir))).toEqual([]);
    expect((await store.open(ID)).ok).toBe(false);
  });
});

describe('pictures', () => {
  it('come back as they went in, however often they are brought', async () => {
    const picture = Uint8Array.of(1, 2, 3);
    await Promise.all([store.putPicture('1'.repeat(32), picture), store.putPicture('1'.repeat(32), picture)]);
    await store.putPicture('1'.repeat(32), picture);
    expect([...((await store.picture('1'.repeat(32))) ?? [])]).toEqual([1, 2, 3]);
    expect(await store.picture('2'.repeat(32))).toBeNull();
  });

  it('have names that cannot lead out of their folder', async () => {
    await expect(store.picture('../../../etc/passwd')).rejects.toMatchObject({ code: 'content.not-found' });
  });
});
