/** Rows of `files` and `encoded_tracks` as what ingest stored. */
import type { StoredTrack } from '#bridge/core/ports/catalogue-writer';
import type { EncodedFile, Loudness } from '#bridge/core/ports/track-encoder';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes, db, frames, type Kbps, kbps } from '#protocol/vocabulary/units';
import { bytesOf, maybeNumberOf, numberOf, type Row, textOf } from './rows.ts';

/** Segment sizes as they are stored: 32 bits each, in this machine's order; a data folder does not move between kinds of machine. */
export function segmentSizesBlob(sizes: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(sizes).buffer);
}

export function encodedFileOf(row: Row): EncodedFile {
  const sizes = bytesOf(row, 'segment_sizes');
  return {
    fileId: fileId(textOf(row, 'id')),
    bitrateKbps: kbps(numberOf(row, 'bitrate_kbps')),
    preSkipFrames: frames(numberOf(row, 'pre_skip_frames')),
    segmentFrames: frames(numberOf(row, 'segment_frames')),
    // A copy: what SQLite hands out need not lie on a four-byte boundary.
    segmentSizesBytes: [...new Uint32Array(sizes.slice().buffer)].map(bytes),
    headSegments: numberOf(row, 'head_segments'),
    key: bytesOf(row, 'content_key'),
  };
}

/** @param track a row of `encoded_tracks` */
export function storedTrackOf(track: Row, files: readonly Row[], albumLoudness: Loudness | null): StoredTrack {
  return {
    files: files.map(encodedFileOf),
    durationFrames: frames(numberOf(track, 'duration_frames')),
    loudness: loudnessOf(track),
    albumLoudness,
  };
}

function loudnessOf(row: Row): Loudness | null {
  const lufs = maybeNumberOf(row, 'integrated_lufs');
  const peak = maybeNumberOf(row, 'true_peak_dbtp');
  const range = maybeNumberOf(row, 'range_lu');
  if (lufs === null || peak === null || range === null) return null;
  return { integratedLufs: db(lufs), truePeakDbtp: db(peak), rangeLu: db(range) };
}

export function ladderText(ladder: readonly Kbps[]): string {
  return JSON.stringify(ladder);
}

/** @param column `ladder_kbps` or `missing_kbps` */
export function ladderOf(row: Row, column: string): readonly Kbps[] {
  return (JSON.parse(textOf(row, column)) as readonly number[]).map(kbps);
}
