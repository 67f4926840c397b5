/** The blob store's suite on its twin, on a folder, and on S3 over a real socket, the latter also with uploads in parts. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBlobStore, scratchFolder } from '#bridge/adapters/file-store/file-blob-store';
import { S3BlobStore } from '#bridge/adapters/s3-store/s3-blob-store';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createBlobDisk, VirtualBlobStore } from '#sim/content/memory-blob-store';
import { S3Double } from '#sim/content/s3-double';
import { SeededRandom } from '#sim/world/seeded-random';
import { describeBlobStore } from './blob-store.suite.ts';

const ACCESS = { keyId: 'KEY', secret: 'not a secret', bucket: 'music' };

describeBlobStore('in memory', async () => {
  const disk = createBlobDisk();
  let number = 0;
  return {
    open: async () => new VirtualBlobStore(disk),
    scratch: async (content) => {
      number += 1;
      disk.scratch.set(String(number), content);
      return String(number);
    },
    // What is refused stays a scratch file until the next sweep.
    scratchCount: async () => disk.scratch.size,
    stop: async () => {},
  };
});

/** A folder for scratch files of a test. */
function temporaryScratch() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tonearm-blob-suite-'));
  const folder = scratchFolder(dataDir);
  mkdirSync(folder);
  let number = 0;
  return {
    dataDir,
    folder,
    scratch: async (content: Uint8Array) => {
      number += 1;
      const path = join(folder, String(number));
      writeFileSync(path, content);
      return path;
    },
    scratchCount: async () => readdirSync(folder).length,
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

describeBlobStore('a folder', async () => {
  const { dataDir, scratch, scratchCount, remove } = temporaryScratch();
  return { open: async () => new FileBlobStore({ dataDir }), scratch, scratchCount, stop: async () => remove() };
});

for (const [name, partBytes] of [
  ['S3', 1_000_000],
  ['S3 with uploads in parts', 60_000],
] as const) {
  describeBlobStore(name, async () => {
    const { folder, scratch, scratchCount, remove } = temporaryScratch();
    const double = new S3Double(ACCESS);
    const endpoint = await double.start();
    const stores: S3BlobStore[] = [];
    return {
      open: async () => {
        const place = { endpoint, region: 'eu-west-1', bucket: ACCESS.bucket };
        const options = { place, credentials: ACCESS, prefix: 'house/', scratchFolder: folder, partBytes };
        const store = new S3BlobStore({ clock: createSystemClock(), random: new SeededRandom(1) }, options);
        stores.push(store);
        return store;
      },
      scratch,
      scratchCount,
      stop: async () => {
        for (const store of stores) store.close();
        await double.stop();
        remove();
      },
    };
  });
}
