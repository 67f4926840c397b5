/** What happened in a simulated household, in order, for the person who has to understand why a seed fails. */
import { createHash } from 'node:crypto';
import type { Clock } from '#protocol/ports/clock';
import type { LogFields, Logger } from '#protocol/ports/logger';

/** Lines kept; the oldest go first. A failing run of minutes fits. */
const LINES_MAX = 2_000;
const US_PER_SECOND = 1_000_000;
const WHO_WIDTH = 9;
const TIME_WIDTH = 9;

export class Timeline {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #hash = createHash('sha256');
  #lines: string[] = [];

  constructor(clock: Pick<Clock, 'nowUs'>) {
    this.#clock = clock;
  }

  note(who: string, what: string): void {
    const at = (this.#clock.nowUs() / US_PER_SECOND).toFixed(3).padStart(TIME_WIDTH);
    const line = `${at}  ${who.padEnd(WHO_WIDTH)} ${what}`;
    this.#hash.update(line).update('\n');
    this.#lines.push(line);
    if (this.#lines.length > 2 * LINES_MAX) this.#lines = this.#lines.slice(-LINES_MAX);
  }

  /** A logger whose lines (but those for debugging) stand in the timeline. */
  loggerOf(who: string): Logger {
    return this.#logger(who, {});
  }

  text(): string {
    return this.#lines.slice(-LINES_MAX).join('\n');
  }

  /** Of every line since the beginning: the same only when the same happened at the same times. */
  fingerprint(): string {
    return this.#hash.copy().digest('hex');
  }

  #logger(who: string, own: LogFields): Logger {
    const write =
      (level: string) =>
      (event: string, fields: LogFields = {}): void =>
        this.note(who, `${level}${event} ${describe({ ...own, ...fields })}`);
    return {
      debug: () => {},
      info: write(''),
      warn: write('warning: '),
      error: write('ERROR: '),
      with: (fields) => this.#logger(who, { ...own, ...fields }),
    };
  }
}

function describe(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
