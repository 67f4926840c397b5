/**
 * Loudness from the powers of blocks: of one track while they are at hand, of an album from what its tracks kept.
 *
 * Kept are two histograms a track, of 400 ms blocks (integrated loudness, BS.1770) and of 3 s blocks (range, EBU Tech
 * 3342), in bins of 0.1 LU, packed: about a kilobyte. So an album is measured as the one piece that EBU R128 asks for, to
 * a twentieth of a LU, without decoding any of it again.
 */
import type { Loudness } from '#bridge/core/ports/track-encoder';
import { type Db, db } from '#protocol/vocabulary/units';

/** Blocks of the same power; power is the mean square of both channels together, after K-weighting. */
export interface BlockCount {
  readonly power: number;
  readonly count: number;
}

/** BS.1770: calibrates a 997 Hz sine of 0 dBFS in one channel to −3.01 LUFS. */
const CALIBRATION_DB = -0.691;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;
/** EBU Tech 3342: its own relative gate, and the percentiles between which the range lies. */
const RANGE_GATE_LU = -20;
const RANGE_LOW = 0.1;
const RANGE_HIGH = 0.95;

const BINS_PER_LU = 10;
/** +10 LUFS: full-scale noise in both channels is below +4. */
const BINS_MAX = 80 * BINS_PER_LU;
/** A bin's number in 16 bits and its count in 32, little-endian; before them, 16 bits: how many are of 400 ms blocks. */
const ENTRY_BYTES = 6;
const HEADER_BYTES = 2;

/** Null when no block is above −70 LUFS. */
export function integratedLufs(blocks: readonly BlockCount[]): Db | null {
  const audible = blocks.filter(({ power }) => lufs(power) > ABSOLUTE_GATE_LUFS);
  if (audible.length === 0) return null;
  const gate = lufs(meanPower(audible)) + RELATIVE_GATE_LU;
  return db(rounded(lufs(meanPower(audible.filter(({ power }) => lufs(power) > gate)))));
}

/** Of blocks of 3 s; 0 when there is none. */
export function rangeLu(blocks: readonly BlockCount[]): Db {
  const audible = blocks.filter(({ power }) => lufs(power) > ABSOLUTE_GATE_LUFS);
  if (audible.length === 0) return db(0);
  const gate = lufs(meanPower(audible)) + RANGE_GATE_LU;
  const counted = audible.filter(({ power }) => lufs(power) > gate).sort((one, other) => one.power - other.power);
  return db(rounded(lufs(percentile(counted, RANGE_HIGH)) - lufs(percentile(counted, RANGE_LOW))));
}

/** @param momentary powers of 400 ms blocks @param shortTerm powers of 3 s blocks */
export function packLoudnessBlocks(momentary: readonly number[], shortTerm: readonly number[]): Uint8Array {
  const [first, second] = [binned(momentary), binned(shortTerm)];
  const packed = new Uint8Array(HEADER_BYTES + (first.length + second.length) * ENTRY_BYTES);
  const view = new DataView(packed.buffer);
  view.setUint16(0, first.length, true);
  for (const [index, [bin, count]] of [...first, ...second].entries()) {
    view.setUint16(HEADER_BYTES + index * ENTRY_BYTES, bin, true);
    view.setUint32(HEADER_BYTES + index * ENTRY_BYTES + 2, count, true);
  }
  return packed;
}

export interface MeasuredTrack {
  /** As `packLoudnessBlocks` made it. */
  readonly blocks: Uint8Array;
  /** Null when the track is too quiet to measure. */
  readonly truePeakDbtp: Db | null;
}

/** All tracks as one piece. Null when nothing in them is above −70 LUFS. */
export function albumLoudnessOf(tracks: readonly MeasuredTrack[]): Loudness | null {
  const histograms = tracks.map(({ blocks }) => unpacked(blocks));
  const integrated = integratedLufs(histograms.flatMap(({ momentary }) => momentary));
  const peaks = tracks.map(({ truePeakDbtp }) => truePeakDbtp).filter((peak) => peak !== null);
  if (integrated === null || peaks.length === 0) return null;
  return {
    integratedLufs: integrated,
    truePeakDbtp: db(Math.max(...peaks)),
    rangeLu: rangeLu(histograms.flatMap(({ shortTerm }) => shortTerm)),
  };
}

function unpacked(packed: Uint8Array): {
  readonly momentary: readonly BlockCount[];
  readonly shortTerm: readonly BlockCount[];
} {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const momentaryCount = view.getUint16(0, true);
  const entries = Array.from({ length: (packed.length - HEADER_BYTES) / ENTRY_BYTES }, (_, index) => ({
    power: binPower(view.getUint16(HEADER_BYTES + index * ENTRY_BYTES, true)),
    count: view.getUint32(HEADER_BYTES + index * ENTRY_BYTES + 2, true),
  }));
  return { momentary: entries.slice(0, momentaryCount), shortTerm: entries.slice(momentaryCount) };
}

/** Blocks below the absolute gate are never counted and not kept. */
function binned(powers: readonly number[]): readonly (readonly [bin: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const power of powers) {
    const bin = Math.floor((lufs(power) - ABSOLUTE_GATE_LUFS) * BINS_PER_LU);
    if (bin < 0) continue;
    const kept = Math.min(bin, BINS_MAX - 1);
    counts.set(kept, (counts.get(kept) ?? 0) + 1);
  }
  return [...counts].sort(([one], [other]) => one - other);
}

/** Of the middle of the bin. */
function binPower(bin: number): number {
  return 10 ** ((ABSOLUTE_GATE_LUFS + (bin + 0.5) / BINS_PER_LU - CALIBRATION_DB) / 10);
}

function meanPower(blocks: readonly BlockCount[]): number {
  let sum = 0;
  let all = 0;
  for (const { power, count } of blocks) {
    sum += power * count;
    all += count;
  }
  return sum / all;
}

/** @param ascending at least one */
function percentile(ascending: readonly BlockCount[], part: number): number {
  const all = ascending.reduce((sum, { count }) => sum + count, 0);
  const wanted = Math.round((all - 1) * part);
  let before = 0;
  for (const { power, count } of ascending) {
    before += count;
    if (before > wanted) return power;
  }
  return ascending.at(-1)?.power ?? 0;
}

function lufs(power: number): number {
  return CALIBRATION_DB + 10 * Math.log10(power);
}

/** A hundredth of a decibel is more than anyone hears. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
