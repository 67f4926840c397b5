/**
 * Whether the origin answered what was asked. Anything else is a failure and never kept: a cache that keeps an error page
 * plays it to everybody.
 */
import type { OriginAnswer } from '#bridge/core/ports/origin';
import { type ErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Bytes, bytes } from '#protocol/vocabulary/units';

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/;
const CONTENT_RANGE_REFUSED = /^bytes \*\/(\d{1,15})$/;

/** What an origin says that is no failure of it. */
const REFUSALS: Readonly<Record<number, { readonly code: ErrorCode; readonly message: string }>> = {
  401: { code: 'content.token-refused', message: 'the origin does not take this token' },
  403: { code: 'content.token-refused', message: 'the origin does not take this token' },
  404: { code: 'content.not-found', message: 'the origin has no such file' },
  429: { code: 'content.overloaded', message: 'the origin has too much to do' },
  503: { code: 'content.overloaded', message: 'the origin has too much to do' },
};

export type JudgedSlice =
  | { readonly kind: 'slice'; readonly data: Uint8Array; readonly objectBytes: Bytes }
  /** The object ends before the slice begins. */
  | { readonly kind: 'beyond'; readonly objectBytes: Bytes };

/** @param asked bytes `from` to `to`, both included; the last slice may be shorter */
export function judgeSlice(
  answer: OriginAnswer,
  asked: { readonly from: number; readonly to: number },
): Result<JudgedSlice, TonearmError> {
  if (answer.status === 416) {
    const size = CONTENT_RANGE_REFUSED.exec(answer.contentRange ?? '')?.[1];
    if (size === undefined || Number(size) > asked.from) return unexpected(answer, 'refuses a range without its size');
    return ok({ kind: 'beyond', objectBytes: bytes(Number(size)) });
  }
  if (answer.status !== 206) return refusalOf(answer);
  const range = CONTENT_RANGE.exec(answer.contentRange ?? '');
  if (range === null) return unexpected(answer, 'sends a part without saying which');
  const [first, last, size] = [Number(range[1]), Number(range[2]), Number(range[3])];
  if (first !== asked.from || last !== Math.min(asked.to, size - 1) || answer.body.length !== last - first + 1) {
    return unexpected(answer, 'sends other bytes than were asked for');
  }
  return ok({ kind: 'slice', data: answer.body, objectBytes: bytes(size) });
}

/** A head comes whole. */
export function judgeHead(answer: OriginAnswer): Result<Uint8Array, TonearmError> {
  if (answer.status !== 200) return refusalOf(answer);
  return answer.body.length === 0 ? unexpected(answer, 'sends an empty head') : ok(answer.body);
}

function refusalOf(answer: OriginAnswer): Result<never, TonearmError> {
  const refusal = REFUSALS[answer.status];
  if (refusal === undefined) return unexpected(answer, 'answers what was not asked');
  return refused(new TonearmError(refusal.code, refusal.message));
}

function unexpected(answer: OriginAnswer, what: string): Result<never, TonearmError> {
  const context = { status: answer.status, bodyBytes: answer.body.length };
  return refused(new TonearmError('fetch.unexpected-answer', `the origin ${what}`, { context }));
}
