import { describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { storageError } from './storage-error.ts';

function thrownBy(code: string): Error {
  return Object.assign(new Error(`${code}: as Node says it`), { code });
}

describe('what a disk refuses', () => {
  it.each(['ENOSPC', 'EDQUOT'])('is a full store, with what to do: %s', (code) => {
    const error = storageError(thrownBy(code), 'keep a file');
    expect(error).toMatchObject({
      code: 'storage.full',
      message: expect.stringMatching(/no room to keep a file: free/),
    });
  });

  it.each([
    ['EROFS', /read-only/],
    ['EIO', /fails to read or write/],
    ['EACCES', /may not/],
  ])('is a failing store, in words: %s', (code, words) => {
    const error = storageError(thrownBy(code), 'keep a file');
    expect(error.code).toBe('storage.failed');
    expect(error.message).toMatch(words);
    expect(error.message).toContain(code);
  });

  it('is left as it is when it has a name already', () => {
    const known = new TonearmError('content.not-found', 'no such file');
    expect(storageError(known, 'keep a file')).toBe(known);
  });
});
