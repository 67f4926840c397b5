import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { type FileId, fileId } from '#protocol/vocabulary/ids';
import { bytes, us } from '#protocol/vocabulary/units';
import { failingArchiveFiles } from '#sim/speakers/failing-archive-files';
import { type ArchiveFiles, createArchiveFiles } from './archive-files.ts';
import { ARCHIVE_PAUSE_MS, createDiskChunkArchive } from './disk-chunk-archive.ts';

const FILES = [fileId('a'.repeat(64)), fileId('b'.repeat(64)), fileId('c'.repeat(64))] as const;
const [ONE] = FILES;
const LIMIT = bytes(10_000);
const SEGMENTS = 4;

let parent: string;
let lines: string[];
let nowUs: number;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tonearm-archive-'));
  lines = [];
  nowUs = 0;
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const folder = () => join(parent, 'cache');

function open(files?: ArchiveFiles, limitBytes = LIMIT) {
  const clock = {
    nowUs: () => us(nowUs),
    wallMs: () => 1_700_000_000_000 + nowUs / 1000,
    setTimer: () => {
      throw new Error('an archive needs no timer');
    },
  };
  const logger = createJsonLogger((line) => lines.push(line), clock, 'debug');
  const ports = files === undefined ? { clock, logger } : { clock, logger, files };
  return createDiskChunkArchive(ports, { folder: folder(), limitBytes });
}

/** So that what comes out is known to be what went in, and of which place. */
function contentOf(file: FileId, segment: number): Uint8Array {
  return new Uint8Array(1_400 + segment * 10).fill(FILES.indexOf(file) * 16 + segment);
}

async function bytesOnDisk(path: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) size += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return size;
}

/** A first process fills it, a second goes on in it, writes too much, reads, and forgets. */
async function useIt(files: ArchiveFiles): Promise<void> {
  const archive = open(files);
  await archive.ready();
  for (const file of FILES) {
    for (let segment = 0; segment < SEGMENTS; segment += 1) archive.put(file, segment, contentOf(file, segment));
    await archive.read(ONE, 0);
    expect(archive.sizeBytes()).toBeLessThanOrEqual(LIMIT);
  }
  archive.remove(ONE, 1);
  await archive.close();
  expect(archive.sizeBytes()).toBeLessThanOrEqual(LIMIT);
  expect(await bytesOnDisk(folder()).catch(() => 0)).toBeLessThanOrEqual(LIMIT);
}

async function expectAllRight(archive: ReturnType<typeof open>): Promise<number> {
  let held = 0;
  for (const file of FILES) {
    for (let segment = 0; segment < SEGMENTS; segment += 1) {
      if (!archive.has(file, segment)) continue;
      expect(await archive.read(file, segment)).toEqual(contentOf(file, segment));
      held += 1;
    }
  }
  return held;
}

describe('segments on a disk that fails', () => {
  it.each(['ENOSPC', 'EIO', 'EROFS', 'EMFILE'])('with %s at any operation are whole or not there', async (code) => {
    let wrong = 0;
    for (let number = 1; ; number += 1) {
      const failing = failingArchiveFiles(number, code);
      await useIt(failing.files);
      await useIt(createArchiveFiles());
      const later = open();
      await later.ready();
      wrong = Math.max(wrong, await bytesOnDisk(folder()));
      expect(await expectAllRight(later)).toBeGreaterThanOrEqual(SEGMENTS);
      await later.close();
      await rm(folder(), { recursive: true });
      // Beyond the last operation nothing failed: every one of them has had its turn.
      if (failing.counted() < number) break;
      expect(lines.join('')).toContain(code);
      lines = [];
    }
    expect(wrong).toBeLessThanOrEqual(LIMIT);
  });

  it('writes again a while after it could not, and says both when and why not', async () => {
    const archive = open(failingArchiveFiles(4, 'ENOSPC').files);
    archive.put(ONE, 0, contentOf(ONE, 0));
    await archive.ready();
    // Let it come to the write that fails.
    while (!lines.join('').includes('archive.writing-off')) await new Promise((resolve) => setImmediate(resolve));
    expect(lines.join('')).toContain('"reason":"ENOSPC"');
    archive.put(ONE, 1, contentOf(ONE, 1));
    expect([archive.has(ONE, 0), archive.has(ONE, 1)]).toEqual([false, false]);
    nowUs += ARCHIVE_PAUSE_MS * 1000;
    archive.put(ONE, 1, contentOf(ONE, 1));
    await archive.close();
    const later = open();
    await later.ready();
    expect([later.has(ONE, 0), later.has(ONE, 1)]).toEqual([false, true]);
    expect(await readdir(folder())).toEqual([ONE]);
    await later.close();
  });

  it('leaves room to others once the disk was full', async () => {
    const size = 250_000;
    const real = createArchiveFiles();
    let isFull = false;
    const files: ArchiveFiles = {
      ...real,
      write: (path, content) =>
        isFull ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : real.write(path, content),
    };
    const archive = open(files, bytes(20 * size));
    for (let segment = 0; segment < 12; segment += 1) archive.put(FILES[0], segment, new Uint8Array(size));
    while (archive.sizeBytes() < 12 * size) await new Promise((resolve) => setImmediate(resolve));
    isFull = true;
    archive.put(FILES[1], 0, new Uint8Array(size));
    while (!lines.join('').includes('archive.writing-off')) await new Promise((resolve) => setImmediate(resolve));
    isFull = false;
    nowUs += ARCHIVE_PAUSE_MS * 1000;
    archive.put(FILES[1], 1, new Uint8Array(size));
    await archive.close();
    expect(archive.sizeBytes()).toBeLessThanOrEqual(12 * size * 0.9 + size * 0.9);
    expect(archive.sizeBytes()).toBeGreaterThan(9 * size);
    expect(await bytesOnDisk(folder())).toBe(archive.sizeBytes());
  });

  it('can still be read while nothing can be written', async () => {
    await useIt(createArchiveFiles());
    const real = createArchiveFiles();
    const refused = () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' }));
    const archive = open({ ...real, write: refused, rename: refused, setModified: refused });
    await archive.ready();
    archive.put(ONE, 7, contentOf(ONE, 7));
    while (!lines.join('').includes('EROFS')) await new Promise((resolve) => setImmediate(resolve));
    expect(await expectAllRight(archive)).toBeGreaterThanOrEqual(SEGMENTS);
    await archive.close();
  });
});

describe('segments that somebody else has changed', () => {
  it.each([
    ['empty', () => new Uint8Array(0)],
    ['cut short', (sealed: Uint8Array) => sealed.subarray(0, -1)],
    ['longer', (sealed: Uint8Array) => new Uint8Array([...sealed, 0])],
  ])('and are %s are dropped', async (_how, change) => {
    const archive = open();
    archive.put(ONE, 0, contentOf(ONE, 0));
    await archive.close();
    const [name] = await readdir(join(folder(), ONE));
    const path = join(folder(), ONE, String(name));
    await writeFile(path, change(await readFile(path)));
    const later = open();
    await later.ready();
    expect(await later.read(ONE, 0)).toBeUndefined();
    expect(later.has(ONE, 0)).toBe(false);
    await later.close();
    expect(await readdir(folder())).toEqual([]);
  });

  it('and are gone are fetched again, the folder of them all included', async () => {
    const before = open();
    before.put(ONE, 0, contentOf(ONE, 0));
    await before.close();
    const archive = open();
    await archive.ready();
    await rm(folder(), { recursive: true });
    expect(await archive.read(ONE, 0)).toBeUndefined();
    expect(archive.has(ONE, 0)).toBe(false);
    archive.put(ONE, 0, contentOf(ONE, 0));
    while (!lines.join('').includes('archive.writing-off')) await new Promise((resolve) => setImmediate(resolve));
    nowUs += ARCHIVE_PAUSE_MS * 1000;
    archive.put(ONE, 0, contentOf(ONE, 0));
    await archive.close();
    expect(await readdir(folder())).toEqual([ONE]);
  });

  it('and stand beside others by other names are left alone', async () => {
    const archive = open();
    archive.put(ONE, 0, contentOf(ONE, 0));
    await archive.close();
    await writeFile(join(folder(), 'read me'), 'mine');
    await writeFile(join(folder(), 'incoming'), 'cut off');
    const later = open();
    await later.ready();
    expect((await readdir(folder())).toSorted()).toEqual([ONE, 'read me']);
    await later.close();
  });
});

describe('ten thousand segments', () => {
  it('are found again with two questions to the disk for each file of theirs', async () => {
    const real = createArchiveFiles();
    const [files, perFile] = [50, 200];
    const idOf = (name: string) => name.slice(-64);
    let questions = 0;
    const names = Array.from({ length: files }, (_, file) => file.toString(16).padStart(64, '0'));
    const archive = open({
      ...real,
      list: async (path) => {
        questions += 1;
        return path === folder() ? names : Array.from({ length: perFile }, (_, segment) => `${segment}-1`);
      },
      look: async (path) => {
        questions += 1;
        return { modifiedMs: Number.parseInt(idOf(path), 16), sizeBytes: 0 };
      },
    });
    await archive.ready();
    expect(archive.sizeBytes()).toBe(files * perFile);
    expect(archive.has(fileId(String(names[49])), 199)).toBe(true);
    expect(questions).toBe(1 + 2 * files);
    await archive.close();
  });
});
