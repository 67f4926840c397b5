/** The suite of the manifest archives: on the in-memory twin, and on files. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskManifestArchive } from '#device/adapters/disk-archive/disk-manifest-archive';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { createManifestDisk, createVirtualManifestArchive } from '#sim/speakers/virtual-manifest-archive';
import { describeManifestArchive } from './manifest-archive.suite.ts';

describeManifestArchive('in memory', async () => {
  const disk = createManifestDisk();
  return { open: () => createVirtualManifestArchive(disk), stop: async () => {} };
});

describeManifestArchive('on disk', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tonearm-manifests-'));
  const ports = { clock: createSystemClock(), logger: silentLogger };
  return {
    open: () => createDiskManifestArchive(ports, join(parent, 'manifests')),
    stop: () => rm(parent, { recursive: true, force: true }),
  };
});
