import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64url, parseBase64url } from './base64url.ts';

describe('base64url', () => {
  it('is written as everybody writes it, and read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = base64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(parseBase64url(text)).toEqual(bytes);
      }),
    );
  });

  it('is read in its one form only', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQgw_-+/= é'), maxLength: 9 }), (text) => {
        const bytes = parseBase64url(text);
        if (bytes !== null) expect(base64url(bytes)).toBe(text);
      }),
    );
    for (const text of ['A', 'AB', 'AAB', 'AA=', 'AA==', 'A+', 'A/', 'AAAAA']) expect(parseBase64url(text)).toBeNull();
  });
});
