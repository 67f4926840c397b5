/**
 * Sealed segments by file and number, opened when they are wanted.
 *
 * What lies in the store is never trusted: every segment is opened (and so verified) each time before it is decoded, and
 * one that does not open is thrown away, so that it is fetched again. Spec section 8.3.
 */
import type { ChunkStore } from '#device/core/ports/chunk-store';
import type { SegmentCipher } from '#device/core/ports/segment-cipher';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { SegmentPlan } from '../manifest/segment-plan.ts';

export type OpenedSegment =
  | { readonly kind: 'opened'; readonly plain: Uint8Array }
  | { readonly kind: 'missing' }
  /** It was held, did not open, and is held no more. */
  | { readonly kind: 'corrupt'; readonly error: TonearmError };

export interface SegmentShelf {
  isHeld(plan: SegmentPlan, segment: number): boolean;
  /** First segment from `from` on, below `to`, that is not held; `to` when all are. */
  firstMissing(plan: SegmentPlan, from: number, to: number): number;
  open(plan: SegmentPlan, segment: number): OpenedSegment;
  /**
   * Keeps a segment that has just arrived, if it opens.
   * @returns `fetch.corrupt-segment` when it does not; false when there is no room for it
   */
  keep(plan: SegmentPlan, segment: number, sealed: Uint8Array): Result<boolean, TonearmError>;
}

export function createSegmentShelf(ports: {
  readonly store: ChunkStore;
  readonly cipher: SegmentCipher;
}): SegmentShelf {
  const { store, cipher } = ports;

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
      if (opened.ok) return { kind: 'opened', plain: opened.value };
      store.remove(plan.file.fileId, segment);
      return { kind: 'corrupt', error: opened.error };
    },
    keep: (plan, segment, sealed) => {
      const opened = unseal(plan, segment, sealed);
      if (!opened.ok) return opened;
      return { ok: true, value: store.put(plan.file.fileId, segment, sealed) };
    },
  };
}
