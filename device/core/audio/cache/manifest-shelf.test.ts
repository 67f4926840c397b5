import { describe, expect, it } from 'vitest';
import type { ManifestSource } from '#device/core/ports/chunk-source';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import type { Manifest } from '#protocol/wire/manifest';
import { trackIdOf } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';
import { createManifestDisk, createVirtualManifestArchive } from '#sim/speakers/virtual-manifest-archive';
import { MANIFESTS_HELD_BYTES_MAX, MANIFESTS_HELD_MAX, ManifestShelf } from './manifest-shelf.ts';

const { manifest } = rampTrack(1, 48_000);

/** Answers with a manifest of that many segments, and counts. */
function bridge(segments = 1) {
  const asked: string[] = [];
  let isGone = false;
  const [file] = manifest.files;
  if (file === undefined) throw new Error('a track has a file');
  const files = [{ ...file, segmentSizesBytes: new Array(segments).fill(bytes(20_000)) }];
  const source: ManifestSource = {
    fetchManifest: (trackId) => {
      asked.push(trackId);
      const gone = new TonearmError('catalogue.not-found', 'gone');
      const answer: Manifest = { ...manifest, trackId, files, token: `token ${asked.length}` };
      return { outcome: Promise.resolve(isGone ? refused(gone) : ok(answer)), cancel: () => {} };
    },
  };
  return { source, asked, loseAll: () => (isGone = true) };
}

describe('remembered manifests', () => {
  it('are those that came, the newest of each track', async () => {
    const { source, asked } = bridge();
    const shelf = new ManifestShelf({ manifests: source, archive: null });
    expect(await shelf.recallManifest(trackIdOf(1))).toBeUndefined();
    await shelf.fetchManifest(trackIdOf(1)).outcome;
    await shelf.fetchManifest(trackIdOf(1)).outcome;
    expect((await shelf.recallManifest(trackIdOf(1)))?.token).toBe('token 2');
    expect(asked).toHaveLength(2);
  });

  it('outlive the process in the archive, and are forgotten with their track', async () => {
    const disk = createManifestDisk();
    const { source, loseAll } = bridge();
    await new ManifestShelf({ manifests: source, archive: createVirtualManifestArchive(disk) }).fetchManifest(
      trackIdOf(1),
    ).outcome;
    const shelf = new ManifestShelf({ manifests: source, archive: createVirtualManifestArchive(disk) });
    expect((await shelf.recallManifest(trackIdOf(1)))?.token).toBe('token 1');
    loseAll();
    await shelf.fetchManifest(trackIdOf(1)).outcome;
    expect(await shelf.recallManifest(trackIdOf(1))).toBeUndefined();
    expect(disk.texts.size).toBe(0);
  });

  it('are bounded in number and in bytes; the least recently used go first', async () => {
    for (const segments of [1, 7_000]) {
      const shelf = new ManifestShelf({ manifests: bridge(segments).source, archive: null });
      for (let track = 1; track <= MANIFESTS_HELD_MAX; track += 1) {
        await shelf.fetchManifest(trackIdOf(track)).outcome;
        await shelf.recallManifest(trackIdOf(1));
        expect(shelf.sizeBytes()).toBeLessThanOrEqual(MANIFESTS_HELD_BYTES_MAX);
      }
      await shelf.fetchManifest(trackIdOf(999)).outcome;
      expect(await shelf.recallManifest(trackIdOf(2))).toBeUndefined();
      expect(await shelf.recallManifest(trackIdOf(1))).toBeDefined();
      expect(await shelf.recallManifest(trackIdOf(999))).toBeDefined();
    }
  });

  it('do not make room for a day’s recording', async () => {
    const disk = createManifestDisk();
    const shelf = new ManifestShelf({
      manifests: bridge(86_400).source,
      archive: createVirtualManifestArchive(disk),
    });
    await shelf.fetchManifest(trackIdOf(1)).outcome;
    expect([shelf.sizeBytes(), disk.texts.size]).toEqual([0, 0]);
  });
});
