import { describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type FileId, fileId } from '#protocol/vocabulary/ids';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { CONTENT_TOKEN_AUDIENCE, type ContentClaims } from '#protocol/wire/content-token';
import { pictureMediaType } from './picture-media-type.ts';
import { StoredContent } from './stored-content.ts';

const FILE = fileId('a'.repeat(64));
const OTHER = fileId('b'.repeat(64));
const claims: ContentClaims = {
  aud: CONTENT_TOKEN_AUDIENCE,
  iss: 'bridge',
  sub: 'household',
  files: [FILE],
  nbf: 0,
  exp: 1,
  jti: 'token-one',
};

describe('stored content', () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1);
  const missing = () => refused(new TonearmError('content.not-found', 'no such file'));
  const object = (size: number) => ok({ sizeBytes: bytes(size), read: async function* () {} });
  const blobs = {
    open: async (id: FileId) => (id === FILE ? object(10) : missing()),
    openHead: async (id: FileId) => (id === FILE ? object(3) : missing()),
    picture: async (key: string) => (key === '1'.repeat(32) ? png : key === '2'.repeat(32) ? Uint8Array.of(60) : null),
  };
  const no = () => refused(new TonearmError('content.token-refused', 'no'));
  const stored = new StoredContent(blobs, { check: async ({ token }) => (token === 'good' ? ok(claims) : no()) });
  const asked = { fileId: FILE, token: 'good', speakerId: null };

  it('is opened with a good token, its head too', async () => {
    expect(await stored.authorise(asked)).toEqual(ok({ expiresAtS: 1 }));
    expect(await stored.open(asked)).toMatchObject({ ok: true, value: { sizeBytes: 10 } });
    expect(await stored.openHead(asked)).toMatchObject({ ok: true, value: { sizeBytes: 3 } });
    expect(await stored.open({ ...asked, fileId: OTHER })).toMatchObject({ error: { code: 'content.not-found' } });
    expect(await stored.openHead({ ...asked, fileId: OTHER })).toMatchObject({ error: { code: 'content.not-found' } });
  });

  it('tells who has no token the same of a file that is there and of one that is not', async () => {
    const guesses = [FILE, OTHER].map((id) => ({ fileId: id, token: 'guess', speakerId: null }));
    const answers = await Promise.all(
      guesses.flatMap((guess) => [stored.open(guess), stored.openHead(guess), stored.authorise(guess)]),
    );
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { code: 'content.token-refused' } });
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
