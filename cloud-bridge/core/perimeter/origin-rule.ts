/**
 * Which pages may command the bridge: its own. A browser sends `Origin` with every write and every socket that a page
 * opens; programs send none.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

/**
 * @param origin the request's `Origin`, if any
 * @param host the request's `Host`, which has been checked to be one of ours
 */
export function checkOrigin(origin: string | undefined, host: string): Result<void, TonearmError> {
  if (origin === undefined) return ok(undefined);
  const own = host.toLowerCase();
  const given = origin.toLowerCase();
  if (given === `http://${own}` || given === `https://${own}`) return ok(undefined);
  const message = 'pages of other sites may not command this bridge';
  return refused(new TonearmError('access.origin-refused', message, { field: 'origin' }));
}
