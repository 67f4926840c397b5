/**
 * From a manifest and a position to segments and bytes.
 *
 * All the arithmetic of a file's layout is here, once: pre-skip, segment boundaries, pre-roll and the exact end. A stream
 * frame counts everything the decoder puts out from the file's start, pre-skip included; a position is what is heard, so
 * position = stream frame − pre-skip (RFC 7845 section 4.2).
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { type Bytes, bytes, type Frames, frames, framesToMs, type Ms } from '#protocol/vocabulary/units';
import type { ManifestFile } from '#protocol/wire/manifest';

/**
 * Decoded and thrown away before a seek's target, so that the decoder has settled. RFC 7845 section 4.6 asks for 80 ms;
 * measured with libopus against a decoder that ran from the start, that leaves 23 to 29 dB, and 160 ms more than 40.
 */
export const PRE_ROLL_FRAMES = frames(7_680);

/** Where one file's segments lie, in bytes and in frames. */
export interface SegmentPlan {
  readonly file: ManifestFile;
  readonly durationFrames: Frames;
  readonly segmentCount: number;
  /** First byte of each segment in the stored object, and at the end the object's size. */
  readonly offsetsBytes: Float64Array;
}

/** Segments from `from` up to but without `to`. */
export interface SegmentSpan {
  readonly from: number;
  readonly to: number;
}

/** Where decoding begins so that a position can be heard. */
export interface DecodeStart {
  readonly segment: number;
  /** Packets that end at or before this stream frame need not be decoded. */
  readonly decodeFromStreamFrames: number;
  /** Decoded frames before this stream frame are thrown away. */
  readonly hearFromStreamFrames: number;
}

/**
 * Lays out the segments of one file.
 * @returns the plan, or `fetch.unexpected-answer` when the numbers of the manifest contradict each other
 */
export function planSegments(file: ManifestFile, durationFrames: Frames): Result<SegmentPlan, TonearmError> {
  if (file.segmentFrames < PRE_ROLL_FRAMES) {
    return contradiction('files.segmentFrames', `must be at least the pre-roll of ${PRE_ROLL_FRAMES} frames`);
  }
  const segmentCount = file.segmentSizesBytes.length;
  if (durationFrames + file.preSkipFrames > segmentCount * file.segmentFrames) {
    return contradiction('durationFrames', `is longer than the ${segmentCount} segments that are to hold it`);
  }
  const offsetsBytes = new Float64Array(segmentCount + 1);
  let offset = 0;
  file.segmentSizesBytes.forEach((size, index) => {
    offset += size;
    offsetsBytes[index + 1] = offset;
  });
  return ok({ file, durationFrames, segmentCount, offsetsBytes });
}

/** The segment in which a position is heard; the last one for positions at or beyond the end. */
export function segmentAt(plan: SegmentPlan, position: Frames): number {
  const segment = Math.floor((position + plan.file.preSkipFrames) / plan.file.segmentFrames);
  return Math.min(segment, plan.segmentCount - 1);
}

/** Where to begin so that `position` is the first frame heard. */
export function planDecodeStart(plan: SegmentPlan, position: Frames): DecodeStart {
  const hearFromStreamFrames = position + plan.file.preSkipFrames;
  const decodeFromStreamFrames = Math.max(0, hearFromStreamFrames - PRE_ROLL_FRAMES);
  const segment = Math.min(Math.floor(decodeFromStreamFrames / plan.file.segmentFrames), plan.segmentCount - 1);
  return { segment, decodeFromStreamFrames, hearFromStreamFrames };
}

/** The stream frame with which a segment begins. */
export function segmentStartStreamFrames(plan: SegmentPlan, segment: number): number {
  return segment * plan.file.segmentFrames;
}

/** The stream frame after the last one heard. */
export function endStreamFrames(plan: SegmentPlan): number {
  return plan.durationFrames + plan.file.preSkipFrames;
}

/** The position with which a segment begins, as far as it is heard at all. */
export function segmentStartPosition(plan: SegmentPlan, segment: number): Frames {
  const position = segmentStartStreamFrames(plan, segment) - plan.file.preSkipFrames;
  return frames(Math.min(plan.durationFrames, Math.max(0, position)));
}

/** What a second of sound takes, in kbit/s: with pages and seals a little more than the file's name for it. */
export function rateKbpsOf(plan: SegmentPlan): number {
  const sizeBytes = plan.offsetsBytes.at(-1) ?? 0;
  return (sizeBytes * 8) / framesToMs(frames(Math.max(1, endStreamFrames(plan))));
}

/** How long the sound of a whole segment lasts. */
export function segmentMsOf(plan: SegmentPlan): Ms {
  return framesToMs(plan.file.segmentFrames);
}

/** The bytes of a span of segments in the stored object. */
export function byteRangeOf(plan: SegmentPlan, span: SegmentSpan): { readonly offset: Bytes; readonly length: Bytes } {
  const offset = plan.offsetsBytes[span.from];
  const end = plan.offsetsBytes[span.to];
  if (offset === undefined || end === undefined || end <= offset) {
    throw new RangeError(`no bytes in segments ${span.from}..${span.to} of ${plan.segmentCount}`);
  }
  return { offset: bytes(offset), length: bytes(end - offset) };
}

function contradiction(field: string, problem: string): Result<never, TonearmError> {
  return refused(new TonearmError('fetch.unexpected-answer', `manifest: field "${field}" ${problem}`, { field }));
}
