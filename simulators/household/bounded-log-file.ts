/** A log file that cannot fill a disk: when it is full it becomes FILE.1, and the FILE.1 of before is gone. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Enough for days of a quiet household and for the minutes before a crash of a loud one. */
export const LOG_FILE_BYTES_MAX = 2 * 1024 * 1024;

export interface BoundedLogFile {
  readonly path: string;
  /** Appends one line. A disk that cannot take it loses the line: a log must not end what it describes. */
  write(line: string): void;
}

/** @param bytesMax size at which a new file is begun; there are at most twice as many bytes and one line */
export function createBoundedLogFile(path: string, bytesMax = LOG_FILE_BYTES_MAX): BoundedLogFile {
  mkdirSync(dirname(path), { recursive: true });
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    path,
    write(line) {
      try {
        if (size >= bytesMax) {
          renameSync(path, `${path}.1`);
          size = 0;
        }
        appendFileSync(path, `${line}\n`);
        size += Buffer.byteLength(line) + 1;
      } catch {
        // See above: the line is lost, and the next one is tried again.
      }
    },
  };
}
