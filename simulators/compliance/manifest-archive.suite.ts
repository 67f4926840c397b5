/** What every manifest archive must keep to: the contract of `device/core/ports/manifest-archive.ts` as tests. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ManifestArchive } from '#device/core/ports/manifest-archive';
import { rampTrack } from '#sim/speakers/ramp-track';

/** One disk; `open` is a later process. */
export interface ManifestArchiveRig {
  open(): ManifestArchive;
  stop(): Promise<void>;
}

export function describeManifestArchive(name: string, create: () => Promise<ManifestArchiveRig>): void {
  describe(`manifest archive: ${name}`, () => {
    let rig: ManifestArchiveRig;
    const opened = async (): Promise<ManifestArchive> => {
      rig = await create();
      return rig.open();
    };
    afterEach(() => rig.stop());
    const manifestOf = (track: number, token = 'a') => ({ ...rampTrack(track, 48_000).manifest, token });

    it('gives back what was put, also to a later process; the newest of a track', async () => {
      const archive = await opened();
      const [one, two] = [manifestOf(1), manifestOf(2)];
      archive.put(one);
      archive.put(two);
      archive.put({ ...two, token: 'renewed' });
      expect(await archive.read(one.trackId)).toEqual(one);
      await archive.close();
      await archive.close();
      const later = rig.open();
      expect(await later.read(one.trackId)).toEqual(one);
      expect(await later.read(two.trackId)).toEqual({ ...two, token: 'renewed' });
      expect(await later.read(manifestOf(3).trackId)).toBeUndefined();
    });

    it('forgets what is removed; twice is harmless', async () => {
      const archive = await opened();
      const one = manifestOf(1);
      archive.put(one);
      await archive.close();
      const later = rig.open();
      expect(await later.read(one.trackId)).toEqual(one);
      later.remove(one.trackId);
      later.remove(one.trackId);
      expect(await later.read(one.trackId)).toBeUndefined();
      await later.close();
      expect(await rig.open().read(one.trackId)).toBeUndefined();
    });

    it('keeps nothing more once it is closed', async () => {
      const archive = await opened();
      await archive.close();
      archive.put(manifestOf(1));
      expect(await rig.open().read(manifestOf(1).trackId)).toBeUndefined();
    });
  });
}
