/**
 * Where a program's log lines go: to a stream whose reader may be slow, stuck or gone. Nothing waits for it, and what waits
 * to be read is bounded: beyond that lines are let go, and how many is said as soon as somebody reads again.
 */
import type { Clock } from '#protocol/ports/clock';

/** What may wait to be read, in bytes: minutes of a busy speaker at the finest level. */
export const LOG_WAITING_BYTES_MAX = 256 * 1024;

/** The little that is needed of `process.stdout`. */
export interface LogStream {
  /** Bytes that wait to be read. */
  readonly writableLength: number;
  write(text: string): unknown;
}

/** In which a limit of lines is counted. */
export const LOG_WINDOW_MS = 10_000;

/**
 * @param linesMax in each `LOG_WINDOW_MS`; for who logs to a card that wears, however fast it is read
 * @returns writes a line, or lets it go; never throws, never waits
 */
export function createLogOutput(
  stream: LogStream,
  clock: Pick<Clock, 'wallMs'>,
  linesMax: number = Number.POSITIVE_INFINITY,
): (line: string) => void {
  let letGo = 0;
  let window = { number: Number.NaN, lines: 0 };
  return (line) => {
    // A clock that was set begins another window, too.
    const number = Math.floor(clock.wallMs() / LOG_WINDOW_MS);
    if (number !== window.number) window = { number, lines: 0 };
    window.lines += 1;
    if (stream.writableLength >= LOG_WAITING_BYTES_MAX || window.lines > linesMax) {
      letGo += 1;
      return;
    }
    if (letGo > 0) {
      const at = new Date(clock.wallMs()).toISOString();
      stream.write(`${JSON.stringify({ at, level: 'warn', event: 'log.lines-let-go', lines: letGo })}\n`);
      letGo = 0;
    }
    stream.write(`${line}\n`);
  };
}
