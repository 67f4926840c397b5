/** What an edge knows of keys and revocations in a small file: public keys and names, nothing secret. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { TrustStore } from '#bridge/core/ports/edge-trust';
import { writeWhole } from '#protocol/adapters/write-whole';
import type { Logger } from '#protocol/ports/logger';
import { revocationsSchema } from '#protocol/wire/content-token';
import { parseValue } from '#protocol/wire/schema';
import { keySetSchema } from './http-trust-source.ts';

const FILE_NAME = 'trust.json';
const trustSchema = z.object({ keys: keySetSchema, revocations: revocationsSchema });

/** @param folder is there already */
export function createFileTrustStore(folder: string, logger: Logger): TrustStore {
  const path = join(folder, FILE_NAME);
  return {
    load: async () => {
      try {
        const trust = parseValue(trustSchema, JSON.parse(await readFile(path, 'utf8')), 'trust');
        return trust.ok ? trust.value : null;
      } catch {
        // Not there at the first start; damaged is as good as not there.
        return null;
      }
    },
    save: async (trust) => {
      try {
        await writeWhole(path, JSON.stringify(trust));
      } catch (cause) {
        logger.warn('edge.trust-unsaved', { reason: String(cause) });
      }
    },
  };
}
