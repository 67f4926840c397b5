/**
 * All a speaker needs to play one track. Fetched over HTTP, since the segment table of a long recording would not fit a
 * socket message. Spec section 8.
 */
import * as z from 'zod/mini';
import {
  albumIdSchema,
  bytesSchema,
  counterSchema,
  dbSchema,
  fileIdSchema,
  framesSchema,
  type Infer,
  kbpsSchema,
  trackIdSchema,
} from './schema.ts';

/** A manifest's limit in bytes of JSON: 24 hours of 1 s segments at four qualities is 2.4 MB. */
export const MANIFEST_BYTES_MAX = 4 * 1024 * 1024;
/** Segments of one file: 24 hours of 1 s. */
export const SEGMENTS_MAX = 86_400;
/** Bytes of one sealed segment: 1 s at 510 kbit/s (Opus' limit) with Ogg pages, headers with tags, and the seal. */
export const SEGMENT_BYTES_MAX = 256 * 1024;

/** Edges named in one manifest. */
export const EDGES_MAX = 16;
export const edgeUrlSchema = z.string().check(z.maxLength(500), z.regex(/^https?:\/\//));

export const manifestFileSchema = z.object({
  fileId: fileIdSchema,
  codec: z.literal('opus'),
  bitrateKbps: kbpsSchema,
  /** Decoded frames to drop at the very start (RFC 7845 section 4.2). */
  preSkipFrames: framesSchema,
  /** Decoded frames in each segment but the last, pre-skip counted: PCM frame p is in segment ⌊(p + preSkip) ÷ this⌋. */
  segmentFrames: framesSchema,
  /** Bytes of each sealed segment; they lie in the stored object in this order with nothing between. */
  segmentSizesBytes: z
    .array(bytesSchema.check(z.refine((size) => size > 0 && size <= SEGMENT_BYTES_MAX)))
    .check(z.minLength(1), z.maxLength(SEGMENTS_MAX)),
  /** AES-128-GCM key in base64. `plain` until speakers have keys of their own to wrap it for. */
  /** Leading segments that the head object holds (`{url}/content/v1/heads/{fileId}`), the same bytes; absent: there is none. */
  headSegments: z.optional(counterSchema),
  key: z.object({ kind: z.literal('plain'), base64: z.string().check(z.regex(/^[A-Za-z0-9+/]{22}==$/)) }),
});
export type ManifestFile = Infer<typeof manifestFileSchema>;

/** EBU R128: integrated loudness, loudness range (EBU Tech 3342), true peak. */
export const loudnessSchema = z.object({
  integratedLufs: dbSchema,
  truePeakDbtp: dbSchema,
  rangeLu: z.optional(dbSchema),
});
export type Loudness = Infer<typeof loudnessSchema>;

export const manifestSchema = z.object({
  trackId: trackIdSchema,
  durationFrames: framesSchema,
  /** Null when it was not measured. */
  loudness: z.nullable(loudnessSchema),
  /** Of the album as one piece, for listening to albums; absent or null until all of it has been measured. */
  albumLoudness: z.optional(z.nullable(loudnessSchema)),
  /**
   * Where it stands on its album, so that tracks that follow each other there are never mixed into one another; absent
   * where the album or the number is not known. Discs and tracks count from 1.
   */
  album: z.optional(
    z.object({
      id: albumIdSchema,
      disc: counterSchema.check(z.minimum(1)),
      track: counterSchema.check(z.minimum(1)),
    }),
  ),
  /** One file a quality, best first for who asked as far as the bridge knows; a speaker may know better. All have the same pre-skip and the same segment boundaries in frames. */
  files: z.array(manifestFileSchema).check(z.minLength(1), z.maxLength(8)),
  /** Where files are had, best first: a file is at `{url}/content/v1/files/{fileId}`. Empty: from the bridge that gave the manifest. */
  edges: z
    .array(
      z.object({
        url: edgeUrlSchema,
        /** Where it stands, in the household's own words; for people and for policies. */
        region: z.optional(z.string().check(z.maxLength(64))),
      }),
    )
    .check(z.maxLength(EDGES_MAX)),
  /** Bearer token for those requests. */
  token: z.string().check(z.minLength(1), z.maxLength(2_000)),
  /** Milliseconds since 1970. */
  tokenExpiresAtMs: z.int(),
});
export type Manifest = Infer<typeof manifestSchema>;
/** Where a track stands on its album. */
export type AlbumPlace = NonNullable<Manifest['album']>;

/** Associated data of a segment's seal: file id, NUL, segment number, NUL, `1` for the last segment else `0`. ASCII. */
export function segmentAssociatedData(fileId: string, segment: number, isLast: boolean): string {
  return `${fileId}\0${segment}\0${isLast ? 1 : 0}`;
}

/** Bytes that sealing adds to a segment: the GCM tag, at its end. */
export const SEGMENT_SEAL_BYTES = 16;
/** GCM nonce: twelve bytes, zero but for the segment's number, big-endian, in the last four. A key seals one file once. */
export const SEGMENT_NONCE_BYTES = 12;
