/**
 * Which names the bridge answers to. A page of a foreign site can make a browser believe that the site's own name is
 * this machine's address (DNS rebinding) and then read and command everything; its requests still carry the foreign
 * name in `Host`, so a bridge that answers only to its own names and to bare addresses gives it nothing.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

const HOST_LENGTH_MAX = 255;
const BRACKETED_V6 = /^\[[0-9a-f:.]+\](?::\d{1,5})?$/i;
const NAME_AND_PORT = /^([a-z0-9._-]+)(?::\d{1,5})?$/i;
const V4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/**
 * @param header the request's `Host`
 * @param names what else the bridge is called: the machine's host name and what its owner has configured, without ports
 */
export function checkHost(header: string | undefined, names: readonly string[]): Result<void, TonearmError> {
  if (header !== undefined && header.length <= HOST_LENGTH_MAX && isOurs(header, names)) return ok(undefined);
  const message =
    'this bridge answers to its address, to localhost, to .local names and to names given with --host-name only';
  return refused(new TonearmError('access.host-refused', message, { field: 'host' }));
}

function isOurs(header: string, names: readonly string[]): boolean {
  if (BRACKETED_V6.test(header)) return true;
  const name = NAME_AND_PORT.exec(header)?.[1]?.toLowerCase().replace(/\.$/, '');
  if (name === undefined) return false;
  if (V4.test(name) || name === 'localhost' || name.endsWith('.local')) return true;
  return names.some((own) => own.toLowerCase() === name);
}
