import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNodeBusSeal } from './node-bus-seal.ts';

const key = randomBytes(32);
const seal = createNodeBusSeal(key);

describe('what bridges say to each other', () => {
  it('is read by who has the key, at the place where it was said, and by nobody else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        const sealed = seal.close(text, place);
        expect(createNodeBusSeal(key).open(sealed, place)).toBe(text);
        expect(seal.open(sealed, `${place}x`)).toBeNull();
        expect(createNodeBusSeal(randomBytes(32)).open(sealed, place)).toBeNull();
        expect(sealed).not.toBe(seal.close(text, place));
      }),
    );
  });

  it('opens nothing that was changed, cut or never sealed', () => {
    const sealed = Buffer.from(seal.close('a secret', 'here'), 'base64');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(seal.open(changed.toString('base64'), 'here')).toBeNull();
      expect(seal.open(sealed.subarray(0, at).toString('base64'), 'here')).toBeNull();
    }
    for (const text of ['', '{}', '====', '\u0000']) expect(seal.open(text, 'here')).toBeNull();
  });
});
