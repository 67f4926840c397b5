import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { COVER_BYTES_MAX } from './bus-limits.ts';
import { CoverPictures } from './cover-pictures.ts';

const PICTURE = new Uint8Array([1, 2, 3, 4]);

let waiting: Map<string, (bytes: Uint8Array | null) => void>;
let covers: CoverPictures;
beforeEach(() => {
  waiting = new Map();
  const art = (key: string) =>
    new Promise<Uint8Array | null>((resolve) => waiting.set(key, resolve)).then((bytes) =>
      bytes === null
        ? refused(new TonearmError('content.not-found', 'no such picture'))
        : ok({ mediaType: 'image/jpeg', bytes }),
    );
  covers = new CoverPictures({ art }, silentLogger);
});

describe('the picture of what plays', () => {
  it('is text, and news once', async () => {
    const shown = covers.show('/tonearm/v1/art/one');
    waiting.get('one')?.(PICTURE);
    expect(await shown).toBe(true);
    expect(covers.text).toBe(Buffer.from(PICTURE).toString('base64'));
    expect(await covers.show('/tonearm/v1/art/one')).toBe(false);
  });

  it('is that of the track shown last, whichever comes first', async () => {
    const first = covers.show('/tonearm/v1/art/one');
    const second = covers.show('/tonearm/v1/art/two');
    waiting.get('two')?.(PICTURE);
    waiting.get('one')?.(new Uint8Array([9]));
    expect([await first, await second]).toEqual([false, true]);
    expect(covers.text).toBe(Buffer.from(PICTURE).toString('base64'));
  });

  it('is none where there is none, or one that is too large', async () => {
    const large = covers.show('/tonearm/v1/art/large');
    waiting.get('large')?.(new Uint8Array(COVER_BYTES_MAX + 1));
    expect(await large).toBe(false);
    const missing = covers.show('/tonearm/v1/art/missing');
    waiting.get('missing')?.(null);
    expect(await missing).toBe(false);
    expect([await covers.show(null), covers.text]).toEqual([false, '']);
  });
});
