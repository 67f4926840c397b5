/**
 * The file of a sound trace: two lines, written in turn, so that one of them is whole whenever the process ends. It is
 * mapped into memory where that can be had, and a line is then left by storing it; elsewhere each is written.
 */
import { openSync, writeSync } from 'node:fs';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import { FRAMES_PER_US, frames } from '#protocol/vocabulary/units';
import { parseTrace, TRACE_BYTES, type TraceRecord } from './playback-record.ts';
import { TraceLine } from './trace-line.ts';

const LINES = 2;
const FILE_MODE = 0o600;
/** Between two that are further apart there was silence. */
const IN_A_ROW_US_MAX = 200_000;

interface MappedFileAddon {
  mapFile(path: string, sizeBytes: number): ArrayBuffer;
}

/**
 * Begins the file anew.
 * @param root folder that holds `.build/addons`; null, or without the addon: each line is written
 * @throws what the system says when there can be no such file
 */
export function openTracePage(path: string, root: string | null): TracePage {
  const mapped = root === null ? null : mapFile(path, root);
  if (mapped !== null) return new TracePage(mapped, () => undefined);
  const bytes = new Uint8Array(LINES * TRACE_BYTES);
  const file = openSync(path, 'w', FILE_MODE);
  return new TracePage(bytes, (at) => writeSync(file, bytes, at, TRACE_BYTES, at));
}

/**
 * Where the process ended, as far as its file tells: half-way from the newest line that is whole to the one that would have
 * followed it, if they were left in a row.
 * @returns null when no line is whole
 */
export function readTracePage(text: string): TraceRecord | null {
  const [newest, before] = Array.from({ length: LINES }, (_, line) => readLine(text, line))
    .filter((trace) => trace !== null)
    .sort((one, other) => other.atUs - one.atUs);
  if (newest === undefined) return null;
  const sinceUs = before === undefined || !isSameSound(newest, before) ? 0 : newest.atUs - before.atUs;
  if (sinceUs > IN_A_ROW_US_MAX) return newest;
  const halfFrames = Math.round((sinceUs / 2) * FRAMES_PER_US);
  return { ...newest, positionFrames: frames(newest.positionFrames + halfFrames) };
}

function readLine(text: string, line: number): TraceRecord | null {
  const part = text.slice(line * TRACE_BYTES, (line + 1) * TRACE_BYTES);
  return part.endsWith('\n') ? parseTrace(part) : null;
}

function isSameSound(one: TraceRecord, other: TraceRecord): boolean {
  return one.generation === other.generation && one.trackId === other.trackId;
}

export class TracePage {
  readonly #lines: readonly TraceLine[];
  readonly #written: (at: number) => void;
  #next = 0;

  constructor(bytes: Uint8Array, written: (at: number) => void) {
    this.#lines = Array.from({ length: LINES }, (_, line) => {
      return new TraceLine(bytes.subarray(line * TRACE_BYTES, (line + 1) * TRACE_BYTES));
    });
    this.#written = written;
  }

  /** @throws what the system says when it cannot be written */
  leave(trace: TraceRecord): void {
    this.#lines[this.#next]?.set(trace);
    this.#written(this.#next * TRACE_BYTES);
    this.#next = (this.#next + 1) % LINES;
  }
}

/** Null where it cannot be had: without the addon, or on a system of files that maps none. */
function mapFile(path: string, root: string): Uint8Array | null {
  try {
    const { mapFile: map } = loadNativeAddon<MappedFileAddon>(addonPath(root, 'mapped-file'));
    return map === undefined ? null : new Uint8Array(map(path, LINES * TRACE_BYTES));
  } catch {
    return null;
  }
}
