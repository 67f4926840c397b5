/**
 * What `tonearm` tells the shell. Scripts branch on these, so they are few, documented (README.md, `--help`) and only
 * ever added to.
 */
import type { ErrorCode } from '#protocol/vocabulary/errors';

export const EXIT_CODES = {
  ok: 0,
  /** Asked for rightly, could not be done. */
  failure: 1,
  /** The command line itself was wrong: an unknown word, a value out of range, a name that fits two speakers. */
  usage: 2,
  /** No bridge answers. */
  unreachable: 3,
  /** A bridge answers and does not let us in. */
  access: 4,
  /** Done, with something amiss: some files could not be read, a check of the doctor found something. */
  degraded: 5,
  /** Ended by Ctrl-C: 128 and the signal's number, as shells have it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const UNREACHABLE: readonly ErrorCode[] = [
  'connect.unreachable',
  'connect.closed',
  'fetch.unreachable',
  'fetch.timed-out',
];

/** The exit code of a failure by its stable code; pure, so that README and behaviour can be tested against each other. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (UNREACHABLE.includes(code)) return EXIT_CODES.unreachable;
  // Too many requests is no question of who asks.
  if (code === 'access.rate-limited') return EXIT_CODES.failure;
  const area = code.slice(0, code.indexOf('.'));
  if (area === 'access') return EXIT_CODES.access;
  if (area === 'input' || area === 'config') return EXIT_CODES.usage;
  return EXIT_CODES.failure;
}
