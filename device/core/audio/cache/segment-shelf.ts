/**
 * Sealed segments by file and number, opened when they are wanted: at once from memory, behind which lies an archive from
 * which they are recalled into it.
 *
 * What lies in either is never trusted: every segment is opened (and so verified) each time before it is decoded, and
 * one that does not open is thrown away, so that it is fetched again. Spec section 8.3.
 */
import type { ChunkArchive } from '#device/core/ports/chunk-archive';
import type { ChunkStore } from '#device/core/ports/chunk-store';
import type { SegmentCipher } from '#device/core/ports/segment-cipher';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { SegmentPlan } from '../manifest/segment-plan.ts';
import type { FetchLedger } from './fetch-ledger.ts';

export type OpenedSegment =
  | { readonly kind: 'opened'; readonly plain: Uint8Array }
  | { readonly kind: 'missing' }
  /** It was held, did not open, and is held no more. */
  | { readonly kind: 'corrupt'; readonly error: TonearmError };

/** `noRoom`: it was right, and memory did not take it. */
export type RecallOutcome = 'held' | 'gone' | 'noRoom';

export interface SegmentShelf {
  /** In memory. */
  isHeld(plan: SegmentPlan, segment: number): boolean;
  /** First segment from `from` on, below `to`, that is not held; `to` when all are. */
  firstMissing(plan: SegmentPlan, from: number, to: number): number;
  open(plan: SegmentPlan, segment: number): OpenedSegment;
  /**
   * Keeps a segment that has just arrived, if it opens.
   * @returns `fetch.corrupt-segment` when it does not; false when there is no room for it
   */
  keep(plan: SegmentPlan, segment: number, sealed: Uint8Array): Result<boolean, TonearmError>;
  /** In the archive: it can be recalled, unless it turns out to be gone or corrupt. */
  isArchived(plan: SegmentPlan, segment: number): boolean;
  /** From the archive into memory, if it opens; what does not is thrown away. Never rejects. */
  recall(plan: SegmentPlan, segment: number): Promise<RecallOutcome>;
}

export function createSegmentShelf(ports: {
  readonly store: ChunkStore;
  readonly cipher: SegmentCipher;
  /** Absent: nothing outlives memory. */
  readonly archive?: ChunkArchive;
  /** Told what comes and what is opened; absent: nobody counts. */
  readonly ledger?: FetchLedger;
}): SegmentShelf {
  const { store, cipher, archive, ledger } = ports;

  const unseal = (plan: SegmentPlan, segment: number, sealed: Uint8Array): Result<Uint8Array, TonearmError> =>
    cipher.open(sealed, {
      keyBase64: plan.file.key.base64,
      fileId: plan.file.fileId,
      segment,
      isLast: segment === plan.segmentCount - 1,
    });

  const isHeld = (plan: SegmentPlan, segment: number): boolean => store.get(plan.file.fileId, segment) !== undefined;

  return {
    isHeld,
    firstMissing: (plan, from, to) => {
      for (let segment = from; segment < to; segment += 1) if (!isHeld(plan, segment)) return segment;
      return to;
    },
    open: (plan, segment) => {
      const sealed = store.get(plan.file.fileId, segment);
      if (sealed === undefined) return { kind: 'missing' };
      const opened = unseal(plan, segment, sealed);
      if (opened.ok) {
        ledger?.heard(plan.file.fileId, segment);
        return { kind: 'opened', plain: opened.value };
      }
      store.remove(plan.file.fileId, segment);
      archive?.remove(plan.file.fileId, segment);
      return { kind: 'corrupt', error: opened.error };
    },
    keep: (plan, segment, sealed) => {
      const opened = unseal(plan, segment, sealed);
      if (!opened.ok) return opened;
      ledger?.fetched(plan.file.fileId, segment, sealed.length);
      archive?.put(plan.file.fileId, segment, sealed);
      return { ok: true, value: store.put(plan.file.fileId, segment, sealed) };
    },
    isArchived: (plan, segment) => archive?.has(plan.file.fileId, segment) ?? false,
    recall: async (plan, segment) => {
      const { fileId } = plan.file;
      const sealed = await archive?.read(fileId, segment);
      if (sealed === undefined) return 'gone';
      if (!unseal(plan, segment, sealed).ok) {
        archive?.remove(fileId, segment);
        return 'gone';
      }
      return store.put(fileId, segment, sealed) ? 'held' : 'noRoom';
    },
  };
}
