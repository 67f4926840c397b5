/**
 * A refusal by the bridge's REST door, as one of our errors. Our bridges send their stable code; for what else may
 * answer (another Web-API server, a proxy, a captive portal) it is derived from the player's reason or the status.
 */
import { type ErrorCode, isErrorCode, TonearmError } from '#protocol/vocabulary/errors';
import { CommandFailure } from '../command-failure.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { ErrorAnswer } from './web-api-wire.ts';

const CODE_BY_REASON: Readonly<Record<string, ErrorCode>> = {
  NO_ACTIVE_DEVICE: 'session.no-active-speaker',
  NO_NEXT_TRACK: 'session.no-next-track',
  NO_PREV_TRACK: 'session.no-previous-track',
  NOT_PLAYING_TRACK: 'session.not-playing',
  NOT_PLAYING_CONTEXT: 'session.not-playing',
};

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'input.invalid',
  404: 'catalogue.not-found',
  413: 'input.too-large',
};

/**
 * @param answer the parsed error body; null when there was none that could be read
 * @param request method and path, for the message when the answer has none
 */
export function failureOfAnswer(status: number, answer: ErrorAnswer | null, request: string): CommandFailure {
  const body = answer?.error;
  const code = codeOf(status, body?.code, body?.reason);
  const message = body?.message ?? `the bridge answered ${status} to ${request}`;
  const error = new TonearmError(code, message, {
    ...(body?.field === undefined ? {} : { field: body.field }),
    context: { status, request },
  });
  // Without a word of why, 401 and 403 are about who asks; with one, 403 is also what a player answers to "no next track".
  const isAboutAccess = (status === 401 || status === 403) && code === 'fetch.unexpected-answer';
  return new CommandFailure(error, isAboutAccess ? { exitCode: EXIT_CODES.access } : {});
}

function codeOf(status: number, code: string | undefined, reason: string | undefined): ErrorCode {
  if (code !== undefined && isErrorCode(code)) return code;
  const byReason = reason === undefined ? undefined : CODE_BY_REASON[reason];
  return byReason ?? CODE_BY_STATUS[status] ?? 'fetch.unexpected-answer';
}
