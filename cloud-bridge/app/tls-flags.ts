/** The flags of the bridge's TLS port, checked. Whether the files are what they should be is found out when they are read. */
import { resolve } from 'node:path';
import { fail, type Given, readPort } from '#protocol/adapters/flag-values';

export interface TlsConfig {
  /** 0: any that is free. */
  readonly port: number;
  /** Whether somebody asked for that one; another is taken where it is in use and nobody did. */
  readonly isPortGiven: boolean;
  /** Certificate and key of one's own, as paths; null: the bridge's own. */
  readonly given: { readonly cert: string; readonly key: string } | null;
}

const PORT_MAX = 65_535;

/**
 * @param flags as they were given; @param plainPort of the same program without TLS, 0 for any
 * @returns null: no TLS
 */
export function readTls(
  flags: { readonly port: Given | null; readonly cert: Given | null; readonly key: Given | null },
  plainPort: number,
): TlsConfig | null {
  const { port, cert, key } = flags;
  if (cert !== null && key === null) return fail(cert, 'needs --tls-key beside it');
  if (key !== null && cert === null) return fail(key, 'needs --tls-cert beside it');
  const given = cert === null || key === null ? null : { cert: resolve(cert.text), key: resolve(key.text) };
  if (port === null) {
    const next = plainPort === 0 || plainPort === PORT_MAX ? 0 : plainPort + 1;
    return { port: next, isPortGiven: false, given };
  }
  const asked = readPort(port, 0);
  if (asked !== 0 && asked === plainPort) return fail(port, 'must be another port than --port');
  return asked === 0 ? null : { port: asked, isPortGiven: true, given };
}
