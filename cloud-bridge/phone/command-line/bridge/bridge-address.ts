/** What people type for a bridge's address, made whole: `kitchen.local`, `10.0.0.5:4747`, `http://host:port`. */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { BRIDGE_PORT_DEFAULT } from '#protocol/wire/versions';

/** @returns `http://host:port` without a path; the default port where none is named */
export function parseBridgeAddress(text: string): Result<string, TonearmError> {
  const trimmed = text.trim();
  const withScheme = /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  const url = URL.parse(withScheme.replace(/^ws(s?):/i, 'http$1:'));
  if (url === null || url.hostname === '') return refused(invalid(text, 'expected http://HOST:PORT'));
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refused(invalid(text, 'expected http or https'));
  if (url.username !== '' || url.password !== '') return refused(invalid(text, 'no name or password belongs in it'));
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return refused(invalid(text, 'expected no path after the port'));
  }
  const hasPort = url.port !== '' || /:(80|443)\/?$/.test(withScheme);
  if (!hasPort && url.protocol === 'http:') url.port = String(BRIDGE_PORT_DEFAULT);
  return ok(url.origin);
}

function invalid(text: string, why: string): TonearmError {
  const shown = text.replace(/\/\/.*@/, '//…@').slice(0, 80);
  return new TonearmError('input.invalid', `not an address for --bridge: ${JSON.stringify(shown)}; ${why}`, {
    field: '--bridge',
  });
}

/** The address of a service found on the network; IPv6 in brackets. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
