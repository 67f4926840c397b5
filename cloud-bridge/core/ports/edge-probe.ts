/** Asks an edge whether it is well, from where the bridge stands. */
import type { Ms } from '#protocol/vocabulary/units';

export interface EdgeProbe {
  /** `GET {url}/healthz`. @returns the time to its first byte, or null when there was no 200 within the probe's own limit; never rejects */
  probe(url: string): Promise<Ms | null>;
}
