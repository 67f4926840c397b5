/**
 * The one failure type. A closed list of codes `area.problem` lets a phone translate them, a test name them and a
 * policy decide on `retryable` without reading prose.
 */

/** Code → whether the same request may succeed later without being changed. Spec section 9 explains each. */
const RETRYABLE_BY_CODE = {
  'input.invalid': false,
  'input.too-large': false,
  'input.unknown': false,
  'input.out-of-order': false,
  'access.origin-refused': false,
  'access.host-refused': false,
  'access.rate-limited': true,
  'access.sign-in-needed': false,
  'access.sign-in-refused': false,
  'access.scope-missing': false,
  'access.account-not-found': false,
  'access.last-owner': false,
  'pairing.refused': false,
  'pairing.closed': false,
  'pairing.locked': false,
  'pairing.busy': true,
  'pairing.owned': false,
  'catalogue.not-found': false,
  'content.preparing': true,
  'content.unreadable': false,
  'content.not-found': false,
  'content.range-refused': false,
  'content.not-allowed': false,
  'content.token-refused': false,
  'content.overloaded': true,
  'content.corrupt': false,
  'ingest.folder-not-found': false,
  'ingest.unreadable-file': false,
  'ingest.unsupported-format': false,
  'ingest.busy': true,
  'fetch.unreachable': true,
  'fetch.timed-out': true,
  'fetch.unexpected-answer': true,
  'fetch.range-mismatch': true,
  'fetch.corrupt-segment': true,
  'fetch.cancelled': false,
  'demux.malformed': false,
  'decode.corrupt-packet': false,
  'decode.unavailable': false,
  'sink.unavailable': true,
  'sink.lost': true,
  'session.no-active-speaker': false,
  'session.speaker-not-found': false,
  'session.superseded': false,
  'session.deadline-passed': true,
  'session.nothing-to-play': false,
  'session.no-next-track': false,
  'session.no-previous-track': false,
  'session.not-playing': false,
  'session.queue-full': false,
  'session.entry-not-found': false,
  'session.list-missing': true,
  'session.taken': false,
  'session.busy': true,
  'connect.unreachable': true,
  'connect.closed': true,
  'connect.version-refused': false,
  'connect.not-paired': false,
  'connect.identity-refused': false,
  'connect.replaced': false,
  'connect.slow-reader': true,
  'update.bad-signature': false,
  'update.old-sequence': false,
  'update.expired': false,
  'update.clock-unset': true,
  'update.wrong-board': false,
  'update.system-too-old': false,
  'update.no-space': false,
  'update.marked-bad': false,
  'update.held-back': true,
  'update.not-found': false,
  'update.endless': false,
  'update.corrupt': true,
  'update.self-test-failed': false,
  'update.trial-failed': false,
  'config.invalid': false,
  'config.port-in-use': false,
  'config.data-locked': false,
  'storage.failed': true,
  'storage.full': false,
  'internal.bug': false,
} as const;

/** What went wrong, as one of a closed list; spec section 9 says when each is used. */
export type ErrorCode = keyof typeof RETRYABLE_BY_CODE;

/** All of them, for schemas and for tests that want one of each. */
export const ERROR_CODES = Object.keys(RETRYABLE_BY_CODE) as readonly ErrorCode[];

/** Whether a text from outside is a code that we know. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(RETRYABLE_BY_CODE, text);
}

export interface ErrorDetails {
  /** Dotted path of the input that was wrong, e.g. `queue.trackIds.3`; absent when no single field is at fault. */
  readonly field?: string;
  readonly cause?: unknown;
  /** Facts for the log, never secrets. */
  readonly context?: Readonly<Record<string, string | number | boolean>>;
}

/** Characters of an error's message on a wire; a longer one is cut, or the receiver would refuse the error itself. */
export const ERROR_MESSAGE_LENGTH_MAX = 1_000;

/** An error as it travels on a wire (spec section 9). */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

/** The one thing our code throws or refuses with; anything else that is thrown is a bug. */
export class TonearmError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly context: Readonly<Record<string, string | number | boolean>>;

  /** @param message what was wrong and, where known, what to do; shown to people */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TonearmError';
    this.code = code;
    this.field = details.field;
    this.context = details.context ?? {};
  }

  get retryable(): boolean {
    return RETRYABLE_BY_CODE[this.code];
  }

  toBody(): ErrorBody {
    const message = this.message.slice(0, ERROR_MESSAGE_LENGTH_MAX);
    return { code: this.code, message, ...(this.field === undefined ? {} : { field: this.field }) };
  }
}

/** Whatever was thrown, as one of ours; what is not ours is a bug or a failure nobody foresaw, and keeps its cause. */
export function toTonearmError(thrown: unknown, code: ErrorCode = 'internal.bug'): TonearmError {
  if (thrown instanceof TonearmError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new TonearmError(code, message, { cause: thrown });
}
