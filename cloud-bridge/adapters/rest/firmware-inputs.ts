/** What the routes of updates take and answer, for their handlers and for the description of the routes. */
import * as z from 'zod/mini';
import { archSchema, sha256Schema, versionSchema } from '#protocol/wire/update';
import { digitsSchema } from './request-parts.ts';

export const archParams = z.object({ arch: archSchema });
export const offerQuery = z.object({
  version: z.optional(versionSchema),
  seq: digitsSchema(0, Number.MAX_SAFE_INTEGER),
});
export const hashParams = z.object({ sha256: sha256Schema });
export const versionParams = z.object({ version: versionSchema });
export const rolloutBody = z.object({ percent: z.int().check(z.gte(1), z.lte(100)) });

const rolloutView = z.object({ version: z.string(), percent: z.int(), halted: z.nullable(z.string()) });

export const firmwareView = z.object({
  releases: z.array(
    z.object({
      version: z.string(),
      seq: z.int(),
      arch: archSchema,
      channel: z.string(),
      sizeBytes: z.int(),
      createdMs: z.int(),
      notes: z.string(),
      rollout: z.nullable(rolloutView),
      good: z.int(),
      failed: z.int(),
    }),
  ),
  speakers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      isOnline: z.boolean(),
      running: z.string(),
      update: z.nullable(
        z.object({ version: z.string(), stage: z.string(), reason: z.nullable(z.string()), atMs: z.int() }),
      ),
    }),
  ),
});
