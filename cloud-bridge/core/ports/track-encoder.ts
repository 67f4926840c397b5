/** Turns one music file into one sealed object, away from the thread that talks to phones and speakers. */
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { FileId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import type { Bytes, Db, Frames, Kbps } from '#protocol/vocabulary/units';

export interface EncodeJob {
  readonly sourcePath: string;
  /** Serial number of the Ogg stream: 32 bits, the same for the same music so that its file id is the same too. */
  readonly serial: number;
  /** Each at most once. What the source does not hold is replaced by the highest that it does (`EncodeOutcome.ladderKbps`). */
  readonly bitratesKbps: readonly Kbps[];
  /** False when an earlier job has measured the same music: metering costs as much as an encode. */
  readonly measuresLoudness: boolean;
}

/** Segments that are stored once more as a small object of its own, so that a start never waits for a cold disk: 3 s. */
export const HEAD_SEGMENTS = 3;

export interface EncodedFile {
  readonly fileId: FileId;
  readonly bitrateKbps: Kbps;
  readonly preSkipFrames: Frames;
  readonly segmentFrames: Frames;
  /** Sealed sizes, in order. */
  readonly segmentSizesBytes: readonly Bytes[];
  /** How many of them, from the first, the head object holds: `HEAD_SEGMENTS`, or all of a shorter file. */
  readonly headSegments: number;
  /** AES-128-GCM key, 16 bytes, random for this file. */
  readonly key: Uint8Array;
}

/** EBU R128 of a whole track or album. */
export interface Loudness {
  readonly integratedLufs: Db;
  readonly truePeakDbtp: Db;
  /** EBU Tech 3342, in LU. */
  readonly rangeLu: Db;
}

/** What a job found out about the music, whatever its qualities. */
export interface EncodedMusic {
  /** The whole ladder that this source is good for, ascending; what of it is not yet stored is still to be encoded. */
  readonly ladderKbps: readonly Kbps[];
  readonly durationFrames: Frames;
  /** Null when there is too little sound to measure (EBU R128 gates at −70 LUFS), or when it was not to be measured. */
  readonly loudness: Loudness | null;
  /** The gating blocks, packed, from which an album is measured without decoding again; null when not to be measured. */
  readonly loudnessBlocks: Uint8Array | null;
}

export interface ScratchedFile {
  readonly file: EncodedFile;
  /** Where the sealed bytes are, complete and on the disk; handed to `BlobStore.adopt`. */
  readonly scratchPath: string;
}

export interface EncodeOutcome extends EncodedMusic {
  /** One a quality. All have the same pre-skip and the same segment boundaries in frames. */
  readonly files: readonly ScratchedFile[];
}

export interface TrackEncoder {
  /** Refused with `ingest.unreadable-file`, `ingest.unsupported-format` (both say why) or `storage.failed`. */
  encode(job: EncodeJob): Promise<Result<EncodeOutcome, TonearmError>>;
  /** How many jobs are worked on side by side; more wait. */
  readonly concurrency: number;
  /** Lets go of threads while there is nothing to do; the next job starts them again. */
  rest(): Promise<void>;
}
