import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { SharpPictureSizer } from './sharp-picture-sizer.ts';

const sizer = new SharpPictureSizer();

async function pngOf(width: number, height: number): Promise<Uint8Array> {
  return sharp({ create: { width, height, channels: 4, background: '#f808' } })
    .png()
    .toBuffer();
}

async function fitted(picture: Uint8Array) {
  const outcome = await sizer.fit(picture);
  if (!outcome.ok) throw outcome.error;
  return sharp(outcome.value).metadata();
}

/** A PNG of a few bytes that claims to be enormous. */
function bomb(side: number): Uint8Array {
  const chunk = (name: string, body: Uint8Array) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length);
    head.write(name, 4, 'latin1');
    return Buffer.concat([head, body, Buffer.alloc(4)]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(side, 0);
  size.writeUInt32BE(side, 4);
  size.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(Buffer.alloc(9))),
    chunk('IEND', size),
  ]);
}

describe('a picture', () => {
  it.each([
    [1_800, 1_200, 600, 400],
    [300, 3_000, 60, 600],
    [500, 500, 500, 500],
    [1, 1, 1, 1],
  ])('of %d x %d becomes a JPEG of %d x %d', async (width, height, toWidth, toHeight) => {
    expect(await fitted(await pngOf(width, height))).toMatchObject({
      format: 'jpeg',
      width: toWidth,
      height: toHeight,
    });
  });

  it('that lies on its side is put upright, and says no more about where it was taken', async () => {
    const lying = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#000' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { width, height, exif } = await fitted(lying);
    expect({ width, height, exif }).toEqual({ width: 20, height: 40, exif: undefined });
  });

  it('that unpacks to more pixels than anybody shows is refused', async () => {
    const outcome = await sizer.fit(bomb(20_000));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'ingest.unreadable-file' } });
    expect(outcome.ok ? '' : outcome.error.message).toMatch(/pixel/i);
  });

  it.each([
    ['text', Buffer.from('Dear Sir')],
    ['nothing', new Uint8Array()],
    ['the start of a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1)],
  ])('that is %s is refused', async (_, bytes) => {
    expect(await sizer.fit(bytes)).toMatchObject({ ok: false, error: { code: 'ingest.unreadable-file' } });
  });
});
