/** Reads one music file once: what it is called, what its picture is, and what its bytes add up to. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import type { Frames } from '#protocol/vocabulary/units';
import type { SourceFile } from './folder-scanner.ts';
import type { Lyrics } from './lyrics.ts';

/** As the file says; null and empty where it is silent. Names from the path are filled in later. */
export interface SourceTags {
  readonly title: string | null;
  readonly artists: readonly string[];
  readonly album: string | null;
  readonly albumArtists: readonly string[];
  readonly discNumber: number | null;
  readonly trackNumber: number | null;
  readonly year: number | null;
  readonly genres: readonly string[];
  /** The file says that its album is of many artists. */
  readonly isCompilation: boolean;
  /** At 48 kHz; null when the file does not say. May be a little off until it is decoded. */
  readonly durationFrames: Frames | null;
}

export interface Picture {
  /** The first 32 hexadecimal digits of its SHA-256. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** The largest picture taken over from a file or folder: 8 MB holds a 3000 x 3000 JPEG; larger ones are left out. */
export const PICTURE_BYTES_MAX = 8 * 1024 * 1024;

export interface SourceFacts {
  /** SHA-256 of all bytes of the file. */
  readonly digest: Uint8Array;
  /** Null when no tags could be read: whether it is music at all is then for the decoder to say. */
  readonly tags: SourceTags | null;
  readonly picture: Picture | null;
  /** Why a picture that was there was left out; null when none was. */
  readonly pictureProblem: string | null;
  /** From the `.lrc` beside the file, else from its tags. */
  readonly lyrics: Lyrics | null;
}

export interface SourceInspector {
  /** Refused with `ingest.unreadable-file`. */
  inspect(file: SourceFile): Promise<Result<SourceFacts, TonearmError>>;
  /** Lets go of threads while there is nothing to do. */
  rest(): Promise<void>;
}
