/**
 * A failure as a person at a terminal needs it: what went wrong and why (the `TonearmError`), what to do next, and what
 * the shell is told. Thrown by commands, caught in one place (`program.ts`).
 */
import type { ErrorCode } from '#protocol/vocabulary/errors';
import { type TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';

/** The next step for a code when the thrower knows no better one. */
const NEXT_STEP_BY_CODE: Partial<Record<ErrorCode, string>> = {
  'connect.unreachable': 'start a bridge with `tonearm bridge`, or name one: --bridge http://HOST:4747',
  'fetch.timed-out': 'look at the bridge’s log; `tonearm doctor` checks the way there',
  'fetch.unexpected-answer': 'is this really a Tonearm bridge? `tonearm doctor` tells',
  'access.sign-in-needed': '`tonearm login` signs you in (add --bridge if the bridge is elsewhere)',
  'access.scope-missing': 'ask an owner of this house; `tonearm login` again if you have become one',
  'access.host-refused': 'use the address that the bridge printed when it started',
  'access.origin-refused': 'use the address that the bridge printed when it started',
  'session.no-active-speaker': 'say where: `tonearm play --on SPEAKER`; `tonearm devices` lists them',
  'session.speaker-not-found': '`tonearm devices` shows who is online; `tonearm transfer SPEAKER` moves the music',
  'session.nothing-to-play': 'add music with `tonearm ingest FOLDER`, or name some: `tonearm play WORDS`',
  'session.not-playing': 'start something with `tonearm play`',
  'session.no-next-track': 'add one with `tonearm queue add WORDS`',
  'session.deadline-passed': 'the speaker did not answer in time; try again, and see `tonearm devices`',
  'catalogue.not-found': 'look for it with `tonearm search WORDS`',
  'ingest.folder-not-found': 'the folder must exist on the machine where the bridge runs',
  'ingest.busy': 'wait for the ingest that runs; `tonearm status` shows it',
  'content.preparing': 'it is being encoded; try again in a moment',
  'pairing.refused': 'listen to the speaker again, or run `tonearm speaker pair` on it for a new code',
  'pairing.busy': 'try again in a minute',
  'internal.bug': 'this should not happen; please report it with the line above',
};

export interface FailureAdvice {
  readonly nextStep?: string;
  /** Overrides what the code would give. */
  readonly exitCode?: ExitCode;
}

export class CommandFailure extends Error {
  readonly error: TonearmError;
  readonly nextStep: string | null;
  readonly exitCode: ExitCode;

  constructor(error: TonearmError, advice: FailureAdvice = {}) {
    super(error.message, { cause: error });
    this.name = 'CommandFailure';
    this.error = error;
    this.nextStep = advice.nextStep ?? NEXT_STEP_BY_CODE[error.code] ?? null;
    this.exitCode = advice.exitCode ?? exitCodeOf(error.code);
  }
}

/** Whatever a command threw, as a failure that can be shown. */
export function toCommandFailure(thrown: unknown): CommandFailure {
  return thrown instanceof CommandFailure ? thrown : new CommandFailure(toTonearmError(thrown));
}
