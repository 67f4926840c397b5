/** Our errors as HTTP says them: one table for every door. */
import type { ErrorCode, TonearmError } from '#protocol/vocabulary/errors';

const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  'input.invalid': 400,
  'input.out-of-order': 400,
  'input.too-large': 413,
  'input.unknown': 404,
  'access.origin-refused': 403,
  'access.host-refused': 403,
  'access.rate-limited': 429,
  'access.sign-in-needed': 401,
  'access.sign-in-refused': 403,
  'access.scope-missing': 403,
  'access.account-not-found': 404,
  'access.last-owner': 409,
  'pairing.refused': 403,
  'pairing.closed': 403,
  'pairing.locked': 403,
  'pairing.busy': 503,
  'pairing.owned': 409,
  'catalogue.not-found': 404,
  'content.preparing': 503,
  'content.unreadable': 404,
  'content.not-found': 404,
  'content.range-refused': 416,
  'content.not-allowed': 403,
  'content.token-refused': 403,
  'content.overloaded': 503,
  'storage.full': 507,
  'ingest.folder-not-found': 404,
  'ingest.busy': 409,
  'session.no-active-speaker': 404,
  'session.speaker-not-found': 404,
  'session.superseded': 409,
  'session.deadline-passed': 504,
  'session.nothing-to-play': 403,
  'session.no-next-track': 403,
  'session.no-previous-track': 403,
  'session.not-playing': 403,
  'session.queue-full': 403,
  'session.entry-not-found': 404,
  'session.list-missing': 503,
  'session.taken': 409,
  'session.busy': 503,
  'update.not-found': 404,
  'update.held-back': 409,
  'update.bad-signature': 409,
  'update.marked-bad': 409,
  'connect.closed': 503,
  'connect.not-paired': 403,
  'connect.identity-refused': 403,
  'connect.unreachable': 503,
  'connect.slow-reader': 503,
};

/** What a speaker could not do (fetch, decode, sound) is a failure behind this server, which 502 says. */
const STATUS_BY_AREA: Readonly<Record<string, number>> = { fetch: 502, demux: 502, decode: 502, sink: 502 };
const STATUS_OTHERWISE = 500;

/** Seconds after which a client may try again what is worth trying again; a track is prepared in about that. */
const RETRY_AFTER_SECONDS = 1;
const STATUSES_WITH_RETRY: ReadonlySet<number> = new Set([429, 503]);

export function statusOf(error: TonearmError): number {
  return STATUS_BY_CODE[error.code] ?? STATUS_BY_AREA[error.code.split('.')[0] ?? ''] ?? STATUS_OTHERWISE;
}

/** The value of `Retry-After` in whole seconds; null when the header does not belong to this status. */
export function retryAfterOf(status: number): number | null {
  return STATUSES_WITH_RETRY.has(status) ? RETRY_AFTER_SECONDS : null;
}
