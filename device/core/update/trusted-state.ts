/**
 * What a speaker knows of updates and must not forget: whom it trusts, the highest sequence it has seen, the latest time
 * that was signed, and which version it is trying. Kept apart from what a factory reset removes.
 */
import { parseValue } from '#protocol/wire/schema';
import type { UpdateRoot } from '#protocol/wire/update';
import { type TrustedState, trustedStateSchema } from '#protocol/wire/update-records';

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
