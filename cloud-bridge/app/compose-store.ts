/** The store of files that was chosen, for the bridge's own thread and for the one that checks it. */
import { FileBlobStore, scratchFolder } from '#bridge/adapters/file-store/file-blob-store';
import { S3BlobStore } from '#bridge/adapters/s3-store/s3-blob-store';
import type { BlobStore } from '#bridge/core/ports/blob-store';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import type { StoreConfig } from './store-config.ts';

export function composeStore(dataDir: string, config: StoreConfig): BlobStore {
  if (config.kind === 'folder') return new FileBlobStore({ dataDir });
  const ports = { clock: createSystemClock(), random: createSystemRandom() };
  const { place, prefix, credentials } = config;
  return new S3BlobStore(ports, { place, prefix, credentials, scratchFolder: scratchFolder(dataDir) });
}
