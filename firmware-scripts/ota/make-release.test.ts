import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readReleases, readRoots } from '#protocol/adapters/release-folder';
import { bytes } from '#protocol/vocabulary/units';
import {
  checkRelease,
  numberBuild,
  publishReleases,
  type ReleaseWords,
  signRelease,
  stampReleases,
} from './make-release.ts';
import { generateKeys, readKey, readRoot, rotateKey } from './signing-keys.ts';

const NOW_MS = 1_790_000_000_000;
const words: ReleaseWords = {
  ...{ version: '0.2.0', seq: 2, arch: 'x64', channel: 'stable', hardware: [], minSeq: 0, isCritical: false },
  ...{ notes: 'Grüße, „leiser“', requires: { base: 1, glibc: '2.28', freeBytes: bytes(0) } },
  rollout: { percent: 100, seed: '0.2.0' },
};

let home: string;
const at = (...names: string[]) => join(home, ...names);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tonearm-release-'));
  generateKeys(at('keys'), NOW_MS);
  writeFileSync(at('binary'), 'x'.repeat(200_000));
});
afterEach(() => rmSync(home, { recursive: true }));

const sign = (seq = 2, isDryRun = false) =>
  signRelease(at('binary'), { ...words, seq }, readKey(at('keys', 'release.key')), {
    folder: at('out'),
    nowMs: NOW_MS,
    isDryRun,
  });
const publish = () => publishReleases(at('out'), at('shelf'), readRoots(at('keys')), false);

describe('keys', () => {
  it('are for their owner alone, and are not made twice', () => {
    for (const name of readdirSync(at('keys')).filter((each) => each.endsWith('.key'))) {
      expect([name, statSync(at('keys', name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    expect(() => generateKeys(at('keys'), NOW_MS)).toThrow('there are keys');
    expect(readFileSync(at('keys', 'keys.json'), 'utf8')).not.toContain('PRIVATE');
  });

  it('are replaced by two of the old roots, and by no fewer', () => {
    const [one, two] = [at('keys', 'root-1.key'), at('keys', 'root-2.key')];
    const before = readRoot(at('keys')).root;
    expect(() => rotateKey(at('keys'), 'release', [one], NOW_MS)).toThrow('--signer');
    expect(() => rotateKey(at('keys'), 'release', [one, at('keys', 'stamp.key')], NOW_MS)).toThrow('--signer');
    expect(readRoot(at('keys')).root).toEqual(before);
    const { root } = rotateKey(at('keys'), 'release', [one, two], NOW_MS);
    expect([root.version, root.rootKeys]).toEqual([2, before.rootKeys]);
    expect(root.releaseKeys).not.toEqual(before.releaseKeys);
  });

  it('are replaced one root after the other, also one that was lost', () => {
    rmSync(at('keys', 'root-1.key'));
    const roots = (...numbers: number[]) => numbers.map((number) => at('keys', `root-${number}.key`));
    rotateKey(at('keys'), 'root-1', roots(2, 3), NOW_MS);
    rotateKey(at('keys'), 'root-2', roots(1, 3), NOW_MS);
    rotateKey(at('keys'), 'root-3', roots(1, 2), NOW_MS);
    expect(readRoots(at('keys')).length).toBe(4);
  });
});

describe('a release', () => {
  it('is published as it was signed, words in every script', async () => {
    await sign();
    const [manifest] = await publish();
    expect(manifest?.notes).toBe(words.notes);
    const [stored] = readReleases(at('shelf'));
    if (stored === undefined) throw new Error('it was published');
    expect(checkRelease(stored.file, readRoots(at('shelf'))).manifest).toEqual(manifest);
  });

  it('gives its number to what a build has left beside the binary, if that is of this binary', async () => {
    const manifest = await sign(7);
    expect(numberBuild(at('binary'), manifest)).toBe(false);
    const { sizeBytes, sha256 } = manifest.artifact;
    const paper = { format: 1, version: '0.1.0', seq: 0, arch: 'x64', sizeBytes, sha256 };
    writeFileSync(at('version.json'), JSON.stringify(paper));
    expect(numberBuild(at('binary'), manifest)).toBe(true);
    const lines = readFileSync(at('version.json'), 'utf8').split('\n');
    expect(lines.slice(1, 4)).toEqual(['  "format": 1,', '  "version": "0.2.0",', '  "seq": 7,']);
    writeFileSync(at('version.json'), JSON.stringify({ ...paper, sha256: 'a'.repeat(64) }));
    expect(numberBuild(at('binary'), manifest)).toBe(false);
  });

  it('is not written in a dry run', async () => {
    await sign(2, true);
    expect(readReleases(at('out'))).toEqual([]);
  });

  it('is not published when it was not signed by a key of the root, is older, or was changed since', async () => {
    await sign(3);
    await publish();
    rmSync(at('out'), { recursive: true });
    const { artifact } = await sign(2);
    await expect(publish()).rejects.toMatchObject({ code: 'update.old-sequence' });
    rmSync(at('shelf'), { recursive: true });
    writeFileSync(at('out', 'artifacts', artifact.sha256), 'y'.repeat(200_000));
    await expect(publish()).rejects.toMatchObject({ code: 'update.corrupt' });
    rotateKey(at('keys'), 'release', [at('keys', 'root-1.key'), at('keys', 'root-3.key')], NOW_MS);
    await expect(publish()).rejects.toMatchObject({ code: 'update.bad-signature' });
    expect(readReleases(at('shelf'))).toEqual([]);
  });

  it('is stamped, which changes nothing of it', async () => {
    await sign();
    await publish();
    const before = readReleases(at('shelf'))[0]?.file.manifest;
    stampReleases(at('shelf'), readKey(at('keys', 'stamp.key')), NOW_MS + 1, false);
    const [stored] = readReleases(at('shelf'));
    expect(stored?.file.manifest).toEqual(before);
    if (stored === undefined) throw new Error('it was published');
    expect(checkRelease(stored.file, readRoots(at('shelf'))).stamp?.createdMs).toBe(NOW_MS + 1);
  });

  it.each([
    ['version', { version: 'latest' }],
    ['seq', { seq: 0 }],
    ['rollout.percent', { rollout: { percent: 101, seed: 's' } }],
  ])('is refused by the name of what is wrong: %s', async (field, change) => {
    const key = readKey(at('keys', 'release.key'));
    const place = { folder: at('out'), nowMs: NOW_MS, isDryRun: false };
    await expect(signRelease(at('binary'), { ...words, ...change }, key, place)).rejects.toMatchObject({
      code: 'input.invalid',
      field,
    });
  });
});
