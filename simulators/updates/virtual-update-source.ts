/** A source of updates in memory, which can be made to give something else than the right bytes. */
import type { UpdateSource } from '#device/core/ports/update-source';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import type { UpdateReport } from '#protocol/wire/update';
import type { MadeRelease } from './release-maker.ts';

/** What comes instead of the right bytes. */
export type Disturbance = (offset: number, length: number, right: Uint8Array) => Uint8Array | TonearmError;

export interface VirtualUpdateOptions {
  readonly hasBridge?: () => boolean;
  readonly disturb?: Disturbance;
  readonly reported?: (report: UpdateReport) => void;
}

/** @param made what is on offer at the moment; null: nothing */
export function createVirtualUpdateSource(
  made: () => MadeRelease | null,
  { hasBridge = () => true, disturb = (_, __, right) => right, reported = () => {} }: VirtualUpdateOptions = {},
): UpdateSource {
  const away = () => refused(new TonearmError('fetch.unreachable', 'no bridge'));
  return {
    offer: async () => (hasBridge() ? ok(made()?.offer ?? null) : away()),
    blocks: async () => (hasBridge() ? ok(made()?.blocksText ?? '') : away()),
    range: async (_, offset, length) => {
      if (!hasBridge()) return away();
      const right = made()?.content.slice(offset, offset + length) ?? new Uint8Array();
      if (right.length < length) return refused(new TonearmError('content.range-refused', 'there are not so many'));
      const given = disturb(offset, length, right);
      return given instanceof TonearmError ? refused(given) : ok(given);
    },
    report: reported,
  };
}
