/** A row of `files` as what ingest stored. */
import type { StoredTrackFile } from '#bridge/core/ports/catalogue-writer';
import { fileId } from '#protocol/vocabulary/ids';
import { bytes, db, frames, kbps } from '#protocol/vocabulary/units';
import { bytesOf, maybeNumberOf, numberOf, type Row, textOf } from './rows.ts';

/** Segment sizes as they are stored: 32 bits each, in this machine's order; a data folder does not move between kinds of machine. */
export function segmentSizesBlob(sizes: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(sizes).buffer);
}

export function storedFileOf(row: Row): StoredTrackFile {
  const sizes = bytesOf(row, 'segment_sizes');
  // A copy: what SQLite hands out need not lie on a four-byte boundary.
  const segmentSizesBytes = [...new Uint32Array(sizes.slice().buffer)].map(bytes);
  const lufs = maybeNumberOf(row, 'integrated_lufs');
  const peak = maybeNumberOf(row, 'true_peak_dbtp');
  return {
    file: {
      fileId: fileId(textOf(row, 'id')),
      bitrateKbps: kbps(numberOf(row, 'bitrate_kbps')),
      preSkipFrames: frames(numberOf(row, 'pre_skip_frames')),
      segmentFrames: frames(numberOf(row, 'segment_frames')),
      segmentSizesBytes,
      key: bytesOf(row, 'content_key'),
    },
    durationFrames: frames(numberOf(row, 'duration_frames')),
    loudness: lufs === null || peak === null ? null : { integratedLufs: db(lufs), truePeakDbtp: db(peak) },
  };
}
