import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestSchema } from '#protocol/wire/manifest';
import { parseValue } from '#protocol/wire/schema';
import { manifestText } from './manifest-text.ts';

const VECTORS = join(import.meta.dirname, '..', '..', '..', 'protocol', 'vectors', 'manifest.valid.json');

describe('a manifest as text', () => {
  const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as readonly { readonly message: unknown }[];

  it('says what the manifest says, the first time and later', () => {
    let seen = 0;
    for (const { message } of vectors) {
      const parsed = parseValue(manifestSchema, message, 'manifest');
      if (!parsed.ok) continue;
      seen += 1;
      const first = manifestText(parsed.value);
      expect(JSON.parse(first)).toEqual(parsed.value);
      const later = { ...parsed.value, token: 'another' };
      expect(JSON.parse(manifestText(later))).toEqual(later);
    }
    expect(seen).toBeGreaterThan(0);
  });
});
