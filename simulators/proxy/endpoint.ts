/** `HOST:PORT` as people write it, with brackets for IPv6; what is none, or cannot be listened on, is refused by name. */
import { isIPv6 } from 'node:net';
import { TonearmError } from '#protocol/vocabulary/errors';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const ENDPOINT = /^(?:\[([0-9a-f:.]{2,45})\]|([0-9a-z._-]{1,253})):(\d{1,5})$/i;
const PORT_MAX = 65_535;

/**
 * @param flag for the message
 * @param isAnyPort whether port 0 (any that is free) will do
 * @throws TonearmError input.invalid that names the flag
 */
export function parseEndpoint(text: string, flag: string, isAnyPort: boolean): Endpoint {
  const [, bracketed, name, digits] = ENDPOINT.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits ?? Number.NaN);
  const isHost = host !== undefined && (bracketed === undefined || isIPv6(bracketed));
  if (isHost && port <= PORT_MAX && (isAnyPort || port > 0)) return { host, port };
  const rule = isAnyPort ? 'HOST:PORT (port 0: any that is free)' : 'HOST:PORT';
  throw new TonearmError('input.invalid', `${flag} must be ${rule}, not ${JSON.stringify(text.slice(0, 80))}`, {
    field: flag,
  });
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Why nothing listens there, as one of ours. */
export function listeningFailure(at: Endpoint, cause: NodeJS.ErrnoException): TonearmError {
  const where = formatEndpoint(at);
  if (cause.code === 'EADDRINUSE') {
    return new TonearmError('config.port-in-use', `${where} is in use by another program`, { cause });
  }
  return new TonearmError('config.invalid', `cannot listen on ${where}: ${cause.code ?? cause.message}`, { cause });
}
