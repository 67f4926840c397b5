import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TokenMac } from '#bridge/core/ports/token-mac';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { ContentTokens } from './content-tokens.ts';
import { pictureMediaType } from './picture-media-type.ts';
import { StoredContent } from './stored-content.ts';

const mac: TokenMac = {
  sign: (text) => createHmac('sha256', 'key').update(text).digest('base64url'),
  verify: (text, given) => given === createHmac('sha256', 'key').update(text).digest('base64url'),
};
const FILE = fileId('a'.repeat(64));
const OTHER = fileId('b'.repeat(64));

function tokensAt(time: { nowMs: number }): ContentTokens {
  return new ContentTokens({ wallMs: () => time.nowMs }, mac);
}

describe('a content token', () => {
  it('opens its file until it expires, and no other', () => {
    const time = { nowMs: 1_000_000 };
    const tokens = tokensAt(time);
    const { token, expiresAtMs } = tokens.issue(FILE);
    expect(tokens.isGood(token, FILE)).toBe(true);
    expect(tokens.isGood(token, OTHER)).toBe(false);
    time.nowMs = expiresAtMs - 1;
    expect(tokens.isGood(token, FILE)).toBe(true);
    time.nowMs = expiresAtMs;
    expect(tokens.isGood(token, FILE)).toBe(false);
  });

  it('cannot be given a longer life by its bearer', () => {
    const tokens = tokensAt({ nowMs: 1_000_000 });
    const [version, , signature] = tokens.issue(FILE).token.split('.');
    expect(tokens.isGood(`${version}.zzzzzzzz.${signature}`, FILE)).toBe(false);
  });

  it.each(['', 'v1', 'v1..', 'v2.abc.def', 'x'.repeat(100_000), `v1.1.${'A'.repeat(43)}`])(
    'is refused: %s',
    (token) => {
      expect(tokensAt({ nowMs: 0 }).isGood(token, FILE)).toBe(false);
    },
  );
});

describe('stored content', () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1);
  const blobs = {
    open: async (id: FileId) =>
      id === FILE
        ? ok({ sizeBytes: bytes(1), read: async function* () {} })
        : refused(new TonearmError('content.not-found', 'no such file')),
    picture: async (key: string) => (key === '1'.repeat(32) ? png : key === '2'.repeat(32) ? Uint8Array.of(60) : null),
  };
  const tokens = tokensAt({ nowMs: 0 });
  const stored = new StoredContent(blobs, tokens);

  it('is opened with a good token', async () => {
    expect((await stored.open(FILE, tokens.issue(FILE).token)).ok).toBe(true);
  });

  it('tells who has no token the same of a file that is there and of one that is not', async () => {
    const answers = await Promise.all([stored.open(FILE, 'guess'), stored.open(OTHER, 'guess')]);
    expect(answers.map((it) => (it.ok ? null : it.error.toBody()))).toEqual([
      { code: 'content.not-found', message: 'no such file' },
      { code: 'content.not-found', message: 'no such file' },
    ]);
  });

  it('gives pictures with the type that their bytes have', async () => {
    expect(await stored.art('1'.repeat(32))).toEqual(ok({ mediaType: 'image/png', bytes: png }));
  });

  it.each(['2'.repeat(32), '3'.repeat(32), '../../etc/passwd', ''])('has no picture %s', async (key) => {
    expect(await stored.art(key)).toMatchObject({ ok: false, error: { code: 'content.not-found' } });
  });
});

describe('a picture', () => {
  it.each([
    ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0]],
    ['image/gif', [0x47, 0x49, 0x46, 0x38, 0x39]],
    ['image/webp', [0x52, 0x49, 0x46, 0x46, 9, 9, 9, 9, 0x57, 0x45, 0x42, 0x50]],
    [null, [0x3c, 0x73, 0x76, 0x67]],
    [null, []],
    [null, [0xff, 0xd8]],
  ])('is %s by its first bytes', (mediaType, start) => {
    expect(pictureMediaType(Uint8Array.from(start))).toBe(mediaType);
  });
});
