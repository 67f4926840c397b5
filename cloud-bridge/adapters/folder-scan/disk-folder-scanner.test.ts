import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MusicFolder } from '#bridge/core/ports/folder-scanner';
import { DiskFolderScanner } from './disk-folder-scanner.ts';

const scanner = new DiskFolderScanner();
let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tonearm-scan-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), 'x');
  }
}

async function found(): Promise<MusicFolder> {
  const folder = await scanner.find(root);
  if (!folder.ok) throw folder.error;
  return folder.value;
}

async function scan(): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const event of scanner.scan(await found())) {
    names.push(event.kind === 'fileFound' ? event.file.relativePath : `skipped ${event.path.slice(root.length)}`);
  }
  return names;
}

describe('a scan', () => {
  it('finds music of every kind, in the order of an album, and nothing else', async () => {
    write('b/10.FLAC', 'b/9.mp3', 'b/cover.jpg', 'a/x.ogg', 'a/x.oga', 'a/x.opus', 'a/x.wav', 'a/x.m4a', 'a/x.aac');
    write('a/x.aiff', 'a/x.aif', 'notes.txt', '.hidden.mp3', '.trash/1.mp3', 'z.mp3');
    expect(await scan()).toEqual([
      ...['aac', 'aif', 'aiff', 'm4a', 'oga', 'ogg', 'opus', 'wav'].map((kind) => `a/x.${kind}`),
      'b/9.mp3',
      'b/10.FLAC',
      'z.mp3',
    ]);
  });

  it('follows links, each folder once, however they turn', async () => {
    write('a/1.mp3');
    symlinkSync(root, join(root, 'a', 'up'));
    symlinkSync(join(root, 'a'), join(root, 'b'));
    symlinkSync('/nowhere/at/all', join(root, 'gone.mp3'));
    expect(await scan()).toEqual(['a/1.mp3']);
  });

  it('says what lies too deep', async () => {
    const deep = Array.from({ length: 40 }, () => 'd').join('/');
    write(`${deep}/1.mp3`, '1.mp3');
    const names = await scan();
    expect(names[0]).toBe('1.mp3');
    expect(names[1]).toMatch(/^skipped (\/d){33}\/$/);
  });

  it.skipIf(process.getuid?.() === 0)('says what may not be read', async () => {
    write('locked/1.mp3');
    chmodSync(join(root, 'locked'), 0);
    expect(await scan()).toEqual(['skipped /locked/']);
    chmodSync(join(root, 'locked'), 0o700);
  });

  it('knows whether a file is still there', async () => {
    write('1.mp3');
    expect(await scanner.isThere(join(root, '1.mp3'))).toBe(true);
    expect(await scanner.isThere(join(root, '2.mp3'))).toBe(false);
    expect(await scanner.isThere(root)).toBe(false);
  });
});

describe('a folder', () => {
  it('is refused by name when it is none', async () => {
    write('file.mp3');
    for (const [path, reason] of [
      [join(root, 'nowhere'), 'does not exist'],
      [join(root, 'file.mp3'), 'is a file'],
      ['', 'does not exist'],
      ['a\0b', 'cannot be read'],
    ] as const) {
      const answer = await scanner.find(path);
      expect(answer).toMatchObject({ ok: false, error: { code: 'ingest.folder-not-found', field: 'folder' } });
      expect(answer.ok ? '' : answer.error.message).toContain(reason);
    }
  });
});
