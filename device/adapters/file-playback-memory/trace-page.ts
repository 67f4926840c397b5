/**
 * The file of a sound trace: two lines, written in turn, so that one of them is whole whenever the process ends. It is
 * mapped into memory where that can be had, and a line is then left by storing it; elsewhere each is written.
 */
import { openSync, writeSync } from 'node:fs';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import { parseTrace, TRACE_BYTES, type TraceRecord } from './playback-record.ts';
import { TraceLine } from './trace-line.ts';

const LINES = 2;
const FILE_MODE = 0o600;

export interface TracePage {
  /** @throws what the system says when it cannot be written */
  leave(trace: TraceRecord): void;
}

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
  if (mapped !== null) return new InTurns(mapped, () => undefined);
  const bytes = new Uint8Array(LINES * TRACE_BYTES);
  const file = openSync(path, 'w', FILE_MODE);
  return new InTurns(bytes, (at) => writeSync(file, bytes, at, TRACE_BYTES, at));
}

/** @returns the newest that is whole of what the file holds; null when none is */
export function readTracePage(text: string): TraceRecord | null {
  let newest: TraceRecord | null = null;
  for (let line = 0; line < LINES; line += 1) {
    const part = text.slice(line * TRACE_BYTES, (line + 1) * TRACE_BYTES);
    const trace = part.endsWith('\n') ? parseTrace(part) : null;
    if (trace !== null && trace.atUs >= (newest?.atUs ?? Number.NEGATIVE_INFINITY)) newest = trace;
  }
  return newest;
}

class InTurns implements TracePage {
  readonly #lines: readonly TraceLine[];
  readonly #written: (at: number) => void;
  #next = 0;

  constructor(bytes: Uint8Array, written: (at: number) => void) {
    this.#lines = Array.from({ length: LINES }, (_, line) => {
      return new TraceLine(bytes.subarray(line * TRACE_BYTES, (line + 1) * TRACE_BYTES));
    });
    this.#written = written;
  }

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
