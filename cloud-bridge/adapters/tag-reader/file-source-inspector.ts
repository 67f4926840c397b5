/**
 * Reads a music file's tags, its picture (its own, else the folder's) and its SHA-256. Used in a thread of its own: tag
 * parsing is not ours to bound.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IAudioMetadata } from 'music-metadata';
import type { SourceFile } from '#bridge/core/ports/folder-scanner';
import type { PictureSizer } from '#bridge/core/ports/picture-sizer';
import type { SourceFacts, SourceInspector, SourceTags } from '#bridge/core/ports/source-inspector';
import { artistNames, genreNames, placeNumber, tidyText } from '#bridge/core/services/ingest/tag-spelling';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, frames } from '#protocol/vocabulary/units';
import { sourceLyrics } from './source-lyrics.ts';
import { sourcePicture } from './source-picture.ts';

const HASH_PIECE_BYTES = 1024 * 1024;
/** Between signs of life while a large file is read. */
const PROGRESS_BYTES = 64 * 1024 * 1024;
/** A tag may claim any length; a day is more than any track. */
const DURATION_S_MAX = 86_400;

export class FileSourceInspector implements SourceInspector {
  readonly #pictures: PictureSizer;
  readonly #alive: () => void;

  /**
   * @param pictures makes them small
   * @param alive called now and then while a large file is read
   */
  constructor(pictures: PictureSizer, alive: () => void) {
    this.#pictures = pictures;
    this.#alive = alive;
  }

  async inspect(file: SourceFile): Promise<Result<SourceFacts, TonearmError>> {
    try {
      const digest = await this.#digest(file);
      const metadata = await this.#metadata(file.path);
      const { picture, problem } = await sourcePicture(this.#pictures, file.path, metadata);
      const lyrics = await sourceLyrics(file.path, metadata);
      const tags = metadata === null ? null : tagsOf(metadata);
      return ok({ digest, tags, picture, pictureProblem: problem, lyrics });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return refused(new TonearmError('ingest.unreadable-file', `cannot be read: ${reason}`, { cause }));
    }
  }

  /** It has no threads of its own. */
  async rest(): Promise<void> {}

  async #digest({ path, sizeBytes }: SourceFile): Promise<Uint8Array> {
    const hash = createHash('sha256');
    const handle = await open(path, 'r');
    try {
      // One byte more than a short file has, so that its end is seen in the same read; never none at all.
      const piece = Buffer.allocUnsafe(Math.min(HASH_PIECE_BYTES, sizeBytes + 1));
      for (let done = 0; ; ) {
        const { bytesRead } = await handle.read(piece, 0, piece.length, null);
        if (bytesRead === 0) return hash.digest();
        hash.update(piece.subarray(0, bytesRead));
        if (Math.floor((done + bytesRead) / PROGRESS_BYTES) > Math.floor(done / PROGRESS_BYTES)) this.#alive();
        done += bytesRead;
      }
    } finally {
      await handle.close();
    }
  }

  /** Null when the file is of no kind that the tag reader knows: it may be music all the same. */
  async #metadata(path: string): Promise<IAudioMetadata | null> {
    try {
      const { parseFile } = await import('music-metadata');
      const metadata = await parseFile(path, { duration: false, skipPostHeaders: false });
      const { codec, sampleRate } = metadata.format;
      return codec === undefined && sampleRate === undefined ? null : metadata;
    } catch {
      return null;
    }
  }
}

function tagsOf({ common, format }: IAudioMetadata): SourceTags {
  // ID3v2.3 has a slash between names, so the library cuts there, through "AC/DC" too.
  const wereCut = (format.tagTypes ?? []).some((type) => type === 'ID3v2.3' || type === 'ID3v2.2');
  return {
    title: tidyText(common.title),
    artists: artistNames(common.artists ?? (common.artist === undefined ? [] : [common.artist]), wereCut),
    album: tidyText(common.album),
    albumArtists: artistNames(
      common.albumartists ?? (common.albumartist === undefined ? [] : [common.albumartist]),
      wereCut,
    ),
    discNumber: placeNumber(common.disk.no),
    trackNumber: placeNumber(common.track.no),
    year: placeNumber(common.year),
    genres: genreNames(common.genre ?? []),
    isCompilation: common.compilation === true,
    durationFrames: durationOf(format.duration),
  };
}

function durationOf(seconds: number | undefined): SourceTags['durationFrames'] {
  if (seconds === undefined || !(seconds > 0) || seconds > DURATION_S_MAX) return null;
  return frames(Math.round(seconds * FRAMES_PER_SECOND));
}
