/**
 * Reads a music file's tags, its picture (its own, else the folder's) and its SHA-256. Used in a thread of its own: tag
 * parsing is not ours to bound.
 */
import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { IAudioMetadata } from 'music-metadata';
import type { SourceFile } from '#bridge/core/ports/folder-scanner';
import {
  PICTURE_BYTES_MAX,
  type Picture,
  type SourceFacts,
  type SourceInspector,
  type SourceTags,
} from '#bridge/core/ports/source-inspector';
import { pictureMediaType } from '#bridge/core/services/content/picture-media-type';
import { artistNames, genreNames, placeNumber, tidyText } from '#bridge/core/services/ingest/tag-spelling';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { FRAMES_PER_SECOND, frames } from '#protocol/vocabulary/units';

const HASH_PIECE_BYTES = 1024 * 1024;
/** Between signs of life while a large file is read. */
const PROGRESS_BYTES = 64 * 1024 * 1024;
/** A tag may claim any length; a day is more than any track. */
const DURATION_S_MAX = 86_400;
const FOLDER_PICTURES = ['cover', 'folder', 'front', 'album'];

export class FileSourceInspector implements SourceInspector {
  readonly #alive: () => void;

  /** @param alive called now and then while a large file is read */
  constructor(alive: () => void) {
    this.#alive = alive;
  }

  async inspect(file: SourceFile): Promise<Result<SourceFacts, TonearmError>> {
    try {
      const digest = await this.#digest(file.path);
      const metadata = await this.#metadata(file.path);
      const picture = (metadata === null ? null : embeddedPicture(metadata)) ?? (await folderPicture(file.path));
      return ok({ digest, tags: metadata === null ? null : tagsOf(metadata), picture });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return refused(new TonearmError('ingest.unreadable-file', `cannot be read: ${reason}`, { cause }));
    }
  }

  /** It has no threads of its own. */
  async rest(): Promise<void> {}

  async #digest(path: string): Promise<Uint8Array> {
    const hash = createHash('sha256');
    const handle = await open(path, 'r');
    try {
      const piece = Buffer.allocUnsafe(HASH_PIECE_BYTES);
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

function embeddedPicture({ common }: IAudioMetadata): Picture | null {
  const pictures = common.picture ?? [];
  const front = pictures.find((picture) => /front/i.test(picture.type ?? ''));
  for (const candidate of front === undefined ? pictures : [front, ...pictures]) {
    const picture = pictureOf(candidate.data);
    if (picture !== null) return picture;
  }
  return null;
}

async function folderPicture(path: string): Promise<Picture | null> {
  const folder = dirname(path);
  const names = await readdir(folder);
  const rank = (name: string): number =>
    FOLDER_PICTURES.indexOf(
      basename(name)
        .replace(/\.[^.]*$/, '')
        .toLowerCase(),
    );
  const candidates = names.filter((name) => rank(name) >= 0 && /\.(jpe?g|png|webp)$/i.test(name));
  candidates.sort((one, other) => rank(one) - rank(other));
  for (const name of candidates) {
    const full = join(folder, name);
    const facts = await stat(full).catch(() => null);
    if (facts === null || !facts.isFile() || facts.size > PICTURE_BYTES_MAX) continue;
    const picture = pictureOf(await readFile(full));
    if (picture !== null) return picture;
  }
  return null;
}

function pictureOf(bytes: Uint8Array): Picture | null {
  if (bytes.length > PICTURE_BYTES_MAX || pictureMediaType(bytes) === null) return null;
  return { key: createHash('sha256').update(bytes).digest('hex').slice(0, 32), bytes: Uint8Array.from(bytes) };
}
