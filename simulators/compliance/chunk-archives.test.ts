/** The suite of the archives: on the in-memory twin, and on files. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskChunkArchive } from '#device/adapters/disk-archive/disk-chunk-archive';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { VirtualDisk } from '#sim/files/virtual-disk';
import { createArchiveDisk, createVirtualChunkArchive } from '#sim/speakers/virtual-chunk-archive';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { describeChunkArchive } from './chunk-archive.suite.ts';

describeChunkArchive('in memory', async () => {
  const disk = createArchiveDisk();
  return { open: (limitBytes) => createVirtualChunkArchive(disk, limitBytes), stop: async () => {} };
});

describeChunkArchive('on a virtual disk', async () => {
  const disk = createArchiveDisk();
  const medium = new VirtualDisk(new VirtualClock(), new SeededRandom(1));
  return { open: (limitBytes) => createVirtualChunkArchive(disk, limitBytes, medium), stop: async () => {} };
});

describeChunkArchive('on disk', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tonearm-archive-'));
  const ports = { clock: createSystemClock(), logger: silentLogger };
  return {
    open: (limitBytes) => createDiskChunkArchive(ports, { folder: join(parent, 'cache'), limitBytes }),
    stop: () => rm(parent, { recursive: true, force: true }),
  };
});
