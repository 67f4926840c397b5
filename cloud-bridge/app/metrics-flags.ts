/** Where figures are shown without a token: on a port and an address of their own, or nowhere. */
import { type Given, readHost, readPort } from '#protocol/adapters/flag-values';

/** Whoever may reach it may read it, so nobody else's machine unless it is said. */
export const METRICS_HOST_DEFAULT = '127.0.0.1';

/** Null: nowhere. */
export type MetricsAddress = { readonly port: number; readonly host: string } | null;

export function readMetricsAddress(flags: {
  readonly port: Given | null;
  readonly host: Given | null;
}): MetricsAddress {
  const host = readHost(flags.host, METRICS_HOST_DEFAULT);
  return flags.port === null ? null : { port: readPort(flags.port, 0), host };
}
