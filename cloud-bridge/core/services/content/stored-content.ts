/** Sealed files and pictures for the doors: who may not have a file learns not even whether it exists. */
import type { BlobStore } from '#bridge/core/ports/blob-store';
import type { ArtReader, Authorised, ContentReader, ContentRequest, StoredObject } from '#bridge/core/ports/content';
import type { ContentTokenCheck } from '#bridge/core/services/access/content-token-check';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { pictureMediaType } from './picture-media-type.ts';

const PICTURE_KEY = /^[0-9a-f]{32}$/;

type Blobs = Pick<BlobStore, 'open' | 'openHead' | 'picture'>;

export class StoredContent implements ContentReader, ArtReader {
  readonly #blobs: Blobs;
  readonly #tokens: Pick<ContentTokenCheck, 'check'>;

  constructor(blobs: Blobs, tokens: Pick<ContentTokenCheck, 'check'>) {
    this.#blobs = blobs;
    this.#tokens = tokens;
  }

  async authorise(request: ContentRequest): Promise<Result<Authorised, TonearmError>> {
    const checked = await this.#tokens.check(request);
    return checked.ok ? ok({ expiresAtS: checked.value.exp }) : checked;
  }

  async open(request: ContentRequest): Promise<Result<StoredObject, TonearmError>> {
    const checked = await this.#tokens.check(request);
    return checked.ok ? await this.#blobs.open(request.fileId) : checked;
  }

  async openHead(request: ContentRequest): Promise<Result<StoredObject, TonearmError>> {
    const checked = await this.#tokens.check(request);
    return checked.ok ? await this.#blobs.openHead(request.fileId) : checked;
  }

  async art(key: string): Promise<Result<{ readonly mediaType: string; readonly bytes: Uint8Array }, TonearmError>> {
    const bytes = PICTURE_KEY.test(key) ? await this.#blobs.picture(key) : null;
    const mediaType = bytes === null ? null : pictureMediaType(bytes);
    if (bytes === null || mediaType === null) return refused(new TonearmError('content.not-found', 'no such picture'));
    return ok({ mediaType, bytes });
  }
}
