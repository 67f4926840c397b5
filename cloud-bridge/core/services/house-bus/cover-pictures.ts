/** Pictures of albums as text, for topics: the one of what plays, kept until another plays. */
import type { Logger } from '#protocol/ports/logger';
import { toTonearmError } from '#protocol/vocabulary/errors';
import type { ArtReader } from '../../ports/content.ts';
import { base64 } from '../playback/base64.ts';
import { COVER_BYTES_MAX } from './bus-limits.ts';

export class CoverPictures {
  readonly #art: ArtReader;
  readonly #logger: Logger;
  #artPath: string | null = null;
  #text = '';

  constructor(art: ArtReader, logger: Logger) {
    this.#art = art;
    this.#logger = logger;
  }

  /** The picture of the path asked for last; empty while it is read, and where there is none. */
  get text(): string {
    return this.#text;
  }

  /** @returns true when `text` has changed */
  async show(artPath: string | null): Promise<boolean> {
    if (artPath === this.#artPath) return false;
    this.#artPath = artPath;
    const text = await this.#read(artPath).catch((cause: unknown) => {
      this.#logger.warn('bus.cover-unreadable', { reason: toTonearmError(cause).message });
      return '';
    });
    // Another was asked for meanwhile.
    if (this.#artPath !== artPath || this.#text === text) return false;
    this.#text = text;
    return true;
  }

  async #read(artPath: string | null): Promise<string> {
    const key = artPath?.split('/').at(-1);
    const found = key === undefined ? null : await this.#art.art(key);
    if (found === null || !found.ok || found.value.bytes.length > COVER_BYTES_MAX) return '';
    return base64(found.value.bytes);
  }
}
