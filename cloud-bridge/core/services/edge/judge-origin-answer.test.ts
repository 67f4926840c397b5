import { describe, expect, it } from 'vitest';
import { judgeHead, judgeSlice } from './judge-origin-answer.ts';

const ASKED = { from: 100, to: 199 };
const verdict = (status: number, contentRange: string | undefined, length: number) => {
  const judged = judgeSlice({ status, contentRange, body: new Uint8Array(length) }, ASKED);
  return judged.ok ? `${judged.value.kind} of ${judged.value.objectBytes}` : judged.error.code;
};

describe('an answer of the origin', () => {
  it.each<readonly [what: string, status: number, range: string | undefined, length: number, verdict: string]>([
    ['exactly what was asked', 206, 'bytes 100-199/1000', 100, 'slice of 1000'],
    ['the last, shorter slice', 206, 'bytes 100-149/150', 50, 'slice of 150'],
    ['beyond the end', 416, 'bytes */100', 9, 'beyond of 100'],
    ['refused though it is inside', 416, 'bytes */1000', 9, 'fetch.unexpected-answer'],
    ['refused without a size', 416, undefined, 9, 'fetch.unexpected-answer'],
    ['the whole file', 200, undefined, 100, 'fetch.unexpected-answer'],
    ['without saying which part', 206, undefined, 100, 'fetch.unexpected-answer'],
    ['of unknown size', 206, 'bytes 100-199/*', 100, 'fetch.unexpected-answer'],
    ['another part', 206, 'bytes 101-200/1000', 100, 'fetch.unexpected-answer'],
    ['a shorter part', 206, 'bytes 100-198/1000', 99, 'fetch.unexpected-answer'],
    ['fewer bytes than it says', 206, 'bytes 100-199/1000', 99, 'fetch.unexpected-answer'],
    ['an error', 500, undefined, 9, 'fetch.unexpected-answer'],
    ['a redirect', 302, undefined, 0, 'fetch.unexpected-answer'],
    ['a token refused', 403, undefined, 9, 'content.token-refused'],
    ['no such file', 404, undefined, 9, 'content.not-found'],
    ['too much to do', 503, undefined, 9, 'content.overloaded'],
  ])('%s', (_, status, range, length, expected) => {
    expect(verdict(status, range, length)).toBe(expected);
  });

  it('with a head is one only when it is whole and not empty', () => {
    const codes = [200, 206, 404].map((status) => {
      const judged = judgeHead({ status, contentRange: undefined, body: new Uint8Array(3) });
      return judged.ok ? judged.value.length : judged.error.code;
    });
    expect(codes).toEqual([3, 'fetch.unexpected-answer', 'content.not-found']);
    expect(judgeHead({ status: 200, contentRange: undefined, body: new Uint8Array(0) }).ok).toBe(false);
  });
});
