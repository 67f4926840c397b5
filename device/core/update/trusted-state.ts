/**
 * What a speaker knows of updates and must not forget: whom it trusts, the highest sequence it has seen, the latest time
 * that was signed, and which version it is trying. Kept apart from what a factory reset removes.
 */
import * as z from 'zod/mini';
import type { Infer } from '#protocol/wire/schema';
import { counterSchema, parseValue } from '#protocol/wire/schema';
import { sha256Schema, type UpdateRoot, updateRootSchema, versionSchema } from '#protocol/wire/update';

const trustedStateSchema = z.object({
  format: z.literal(1),
  root: updateRootSchema,
  /** Of all manifests that were verified; nothing below it is taken. */
  highestSeq: counterSchema,
  /** Milliseconds since 1970: the latest signed time; a clock that shows less is wrong. */
  floorMs: counterSchema,
  /** The version that was switched to last, until it is known what came of it. */
  trial: z.nullable(
    z.object({
      version: versionSchema,
      seq: counterSchema,
      sha256: sha256Schema,
      /** Whether the version before it was heard, and had its bridge. */
      hadSink: z.boolean(),
      hadBridge: z.boolean(),
    }),
  ),
  /** Fetches of one artifact that failed, so that a start does not begin to count anew. */
  failures: z.object({ sha256: z.string(), count: counterSchema }),
});
export type TrustedState = Infer<typeof trustedStateSchema>;
export type Trial = NonNullable<TrustedState['trial']>;

/** Of a speaker that has seen no update yet. */
export function firstTrust(root: UpdateRoot, runningSeq: number): TrustedState {
  const none = { trial: null, failures: { sha256: '', count: 0 } };
  return { format: 1, root, highestSeq: runningSeq, floorMs: root.createdMs, ...none };
}

/**
 * @param text as it was stored; null or damaged: it is begun anew from what the package brings
 * @param shipped the package's root, which is taken where it is the newer one
 */
export function readTrust(text: string | null, shipped: UpdateRoot, runningSeq: number): TrustedState {
  const fresh = firstTrust(shipped, runningSeq);
  const stored = text === null ? null : parseStored(text);
  if (stored === null) return fresh;
  const root = shipped.version > stored.root.version ? shipped : stored.root;
  const highestSeq = Math.max(stored.highestSeq, runningSeq);
  return { ...stored, root, highestSeq, floorMs: Math.max(stored.floorMs, root.createdMs) };
}

function parseStored(text: string): TrustedState | null {
  try {
    const parsed = parseValue(trustedStateSchema, JSON.parse(text), 'what is trusted');
    return parsed.ok ? parsed.value : null;
  } catch {
    return null;
  }
}
