/**
 * Log lines as JSON, one object per line, flat: `at` (ISO 8601), `level`, `event`, then the fields.
 *
 * Flat, so that `grep` and `jq` need no path; where a line goes is the caller's, so that a core can be given one too.
 */
import type { Clock } from '#protocol/ports/clock';
import type { LogFields, Logger } from '#protocol/ports/logger';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Characters of one text field; longer ones are cut, since a log must not grow with what a peer sends. */
export const LOG_TEXT_LENGTH_MAX = 2_000;
const RESERVED = new Set(['at', 'level', 'event']);

/** @param level the least grave level that is written */
export function createJsonLogger(
  write: (line: string) => void,
  clock: Pick<Clock, 'wallMs'>,
  level: LogLevel = 'info',
): Logger {
  return loggerWith(write, clock, LOG_LEVELS.indexOf(level), {});
}

function loggerWith(
  write: (line: string) => void,
  clock: Pick<Clock, 'wallMs'>,
  threshold: number,
  own: LogFields,
): Logger {
  const log =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(level) < threshold) return;
      const line: Record<string, unknown> = { at: new Date(clock.wallMs()).toISOString(), level, event };
      for (const [key, value] of Object.entries({ ...own, ...fields })) {
        // A field of that name would hide what the line is; it keeps its value under another.
        line[RESERVED.has(key) ? `field.${key}` : key] = presentable(value);
      }
      write(JSON.stringify(line));
    };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: (fields) => loggerWith(write, clock, threshold, { ...own, ...fields }),
  };
}

function presentable(value: LogFields[string]): LogFields[string] {
  if (typeof value === 'string' && value.length > LOG_TEXT_LENGTH_MAX) return `${value.slice(0, LOG_TEXT_LENGTH_MAX)}…`;
  // JSON would make null of these, and null means something else.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
