/** Sealed files and pictures for the doors: who may not have a file learns not even whether it exists. */
import type { BlobStore } from '#bridge/core/ports/blob-store';
import type { ArtReader, ContentReader, StoredObject } from '#bridge/core/ports/content';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { ContentTokens } from './content-tokens.ts';
import { pictureMediaType } from './picture-media-type.ts';

const PICTURE_KEY = /^[0-9a-f]{32}$/;

export class StoredContent implements ContentReader, ArtReader {
  readonly #blobs: Pick<BlobStore, 'open' | 'picture'>;
  readonly #tokens: Pick<ContentTokens, 'isGood'>;

  constructor(blobs: Pick<BlobStore, 'open' | 'picture'>, tokens: Pick<ContentTokens, 'isGood'>) {
    this.#blobs = blobs;
    this.#tokens = tokens;
  }

  async open(fileId: FileId, token: string): Promise<Result<StoredObject, TonearmError>> {
    if (!this.#tokens.isGood(token, fileId)) return refused(new TonearmError('content.not-found', 'no such file'));
    return await this.#blobs.open(fileId);
  }

  async art(key: string): Promise<Result<{ readonly mediaType: string; readonly bytes: Uint8Array }, TonearmError>> {
    const bytes = PICTURE_KEY.test(key) ? await this.#blobs.picture(key) : null;
    const mediaType = bytes === null ? null : pictureMediaType(bytes);
    if (bytes === null || mediaType === null) return refused(new TonearmError('content.not-found', 'no such picture'));
    return ok({ mediaType, bytes });
  }
}
