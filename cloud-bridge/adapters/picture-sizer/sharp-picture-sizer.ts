/**
 * Pictures through libvips (sharp). Where its platform has no build of it, pictures stay as they came: their size in bytes
 * is bounded already. Used in a thread of its own, as everything is that reads strangers' bytes.
 */
import { PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX, type PictureSizer } from '#bridge/core/ports/picture-sizer';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

/** Where artefacts are not seen at arm's length; 600 x 600 then is 30 to 100 kB. */
const JPEG_QUALITY = 85;
/** A picture that takes longer to unpack is built to. */
const UNPACK_WITHIN_S = 5;

type Sharp = typeof import('sharp').default;

export class SharpPictureSizer implements PictureSizer {
  #sharp: Promise<Sharp | null> | null = null;

  async fit(picture: Uint8Array): Promise<Result<Uint8Array, TonearmError>> {
    this.#sharp ??= loadSharp();
    const sharp = await this.#sharp;
    if (sharp === null) return ok(picture);
    try {
      const input = { limitInputPixels: PICTURE_PIXELS_MAX, failOn: 'error', sequentialRead: true, pages: 1 } as const;
      const fitted = await sharp(picture, input)
        .timeout({ seconds: UNPACK_WITHIN_S })
        .autoOrient()
        .resize(PICTURE_SIDE_MAX, PICTURE_SIDE_MAX, { fit: 'inside', withoutEnlargement: true })
        .flatten({ background: '#ffffff' })
        .jpeg({ quality: JPEG_QUALITY })
        .toBuffer();
      return ok(Uint8Array.from(fitted));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return refused(
        new TonearmError('ingest.unreadable-file', `is no picture that can be shown: ${reason}`, { cause }),
      );
    }
  }
}

async function loadSharp(): Promise<Sharp | null> {
  try {
    const { default: sharp } = await import('sharp');
    // Albums come one after another, each with another picture; a cache of decoded ones would only be memory.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  } catch {
    return null;
  }
}
