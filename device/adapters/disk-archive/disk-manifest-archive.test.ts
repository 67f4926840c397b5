import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { us } from '#protocol/vocabulary/units';
import { failingArchiveFiles } from '#sim/speakers/failing-archive-files';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';
import type { ArchiveFiles } from './archive-files.ts';
import { createDiskManifestArchive, MANIFEST_PAUSE_MS, MANIFESTS_KEPT_MAX } from './disk-manifest-archive.ts';

const { manifest } = rampTrack(1, 48_000);
const FILE = `${manifest.trackId}.json`;

let parent: string;
let lines: string[];
let nowUs: number;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tonearm-manifests-'));
  lines = [];
  nowUs = 0;
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const folder = () => join(parent, 'manifests');

function open(files?: ArchiveFiles) {
  const logger = createJsonLogger((line) => lines.push(line), { wallMs: () => 0 }, 'debug');
  const clock = { nowUs: () => us(nowUs), wallMs: () => 0 };
  return createDiskManifestArchive(files === undefined ? { clock, logger } : { clock, logger, files }, folder());
}

async function kept(): Promise<void> {
  const archive = open();
  archive.put(manifest);
  await archive.close();
}

describe('manifests on disk', () => {
  it('are readable by the speaker alone, since the key of their files is in them', async () => {
    await kept();
    expect((await stat(join(folder(), FILE))).mode & 0o777).toBe(0o600);
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['empty', () => ''],
    ['cut short', (text: string) => text.slice(0, -10)],
    ['of another shape', (text: string) => text.replace('"durationFrames":48000', '"durationFrames":-1')],
    ['another track’s', (text: string) => text.replace(manifest.trackId, trackIdOf(2))],
  ])('that are %s are thrown away', async (_how, change) => {
    await kept();
    const path = join(folder(), FILE);
    await writeFile(path, change(await readFile(path, 'utf8')));
    const archive = open();
    expect(await archive.read(manifest.trackId)).toBeUndefined();
    await archive.close();
    expect(await readdir(folder())).toEqual([]);
  });

  it('are bounded in number, after the end of a process that wrote one more than it may have', async () => {
    await kept();
    for (let track = 2; track <= MANIFESTS_KEPT_MAX + 5; track += 1) {
      await writeFile(join(folder(), `${trackIdOf(track)}.json`), '{}');
    }
    await writeFile(join(folder(), 'incoming'), 'cut off');
    const archive = open();
    archive.put({ ...manifest, trackId: trackIdOf(999) });
    await archive.close();
    const names = await readdir(folder());
    expect(names).toHaveLength(MANIFESTS_KEPT_MAX);
    expect(names).toContain(`${trackIdOf(999)}.json`);
    expect(names).not.toContain(FILE);
  });

  it('are not kept for a while where they cannot be, and that is said, and no more', async () => {
    await writeFile(folder(), 'a file where the folder should be');
    const archive = open();
    archive.put(manifest);
    expect(await archive.read(trackIdOf(7))).toBeUndefined();
    expect(lines.join('')).toContain('manifests.keeping-off');
    await rm(folder());
    archive.put(manifest);
    nowUs += MANIFEST_PAUSE_MS * 1000;
    archive.put(manifest);
    await archive.close();
    expect(await open().read(manifest.trackId)).toEqual(manifest);
  });

  it.each(['ENOSPC', 'EIO', 'EROFS', 'EMFILE'])(
    'with %s at any operation are the old, the new, or not there',
    async (code) => {
      const renewed = { ...manifest, token: 'renewed' };
      for (let number = 1; ; number += 1) {
        await kept();
        const failing = failingArchiveFiles(number, code);
        const archive = open(failing.files);
        archive.put({ ...manifest, trackId: trackIdOf(2) });
        archive.put(renewed);
        const seen = await archive.read(manifest.trackId);
        await archive.close();
        const later = open();
        for (const it of [seen, await later.read(manifest.trackId)]) {
          expect([undefined, manifest, renewed]).toContainEqual(it);
        }
        later.put(renewed);
        await later.close();
        expect(await open().read(manifest.trackId)).toEqual(renewed);
        await rm(folder(), { recursive: true });
        if (failing.counted() < number) break;
      }
      expect(lines.join('')).toContain(code);
    },
  );
});
