/** Turns one music file into one sealed object, away from the thread that talks to phones and speakers. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes, Db, Frames, Kbps } from '#protocol/vocabulary/units';

export interface EncodeJob {
  readonly sourcePath: string;
  /** Serial number of the Ogg stream: 32 bits, the same for the same music so that its file id is the same too. */
  readonly serial: number;
  readonly bitrateKbps: Kbps;
}

export interface EncodedFile {
  readonly fileId: FileId;
  readonly bitrateKbps: Kbps;
  readonly preSkipFrames: Frames;
  readonly segmentFrames: Frames;
  /** Sealed sizes, in order. */
  readonly segmentSizesBytes: readonly Bytes[];
  /** AES-128-GCM key, 16 bytes, random for this file. */
  readonly key: Uint8Array;
}

/** EBU R128 of a whole track. */
export interface Loudness {
  readonly integratedLufs: Db;
  readonly truePeakDbtp: Db;
}

export interface EncodeOutcome {
  readonly file: EncodedFile;
  readonly durationFrames: Frames;
  /** Null when there is too little sound to measure (EBU R128 gates at −70 LUFS). */
  readonly loudness: Loudness | null;
  /** Where the sealed bytes are, complete and on the disk; handed to `BlobStore.adopt`. */
  readonly scratchPath: string;
}

export interface TrackEncoder {
  /** Refused with `ingest.unreadable-file`, `ingest.unsupported-format` (both say why) or `storage.failed`. */
  encode(job: EncodeJob): Promise<Result<EncodeOutcome, TonearmError>>;
  /** How many jobs are worked on side by side; more wait. */
  readonly concurrency: number;
  /** Lets go of threads while there is nothing to do; the next job starts them again. */
  rest(): Promise<void>;
}
