/**
 * Where the bridge is, when nobody said: on this machine first (the common case, and it takes a millisecond), then
 * whoever announces itself on the network.
 */
import type { Clock } from '#protocol/ports/clock';
import type { Discovery, FoundService } from '#protocol/ports/discovery';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { BRIDGE_PORT_DEFAULT, BRIDGE_SERVICE_TYPE } from '#protocol/wire/versions';
import { CommandFailure } from '../command-failure.ts';
import { addressOf } from './bridge-address.ts';

/** mDNS answers come within 0.1 s or, asked again after 1 s, within a little more (RFC 6762 5.2). */
export const BROWSE_MS = ms(2_000);
export const LOCAL_BRIDGE = `http://127.0.0.1:${BRIDGE_PORT_DEFAULT}`;

export interface BridgeSearch {
  readonly clock: Clock;
  openDiscovery(): Discovery & { close(): Promise<void> };
  /** Whether a bridge answers at this address. */
  probe(url: string): Promise<boolean>;
}

/** @throws CommandFailure `connect.unreachable` when none was found */
export async function findBridge(search: BridgeSearch): Promise<string> {
  if (await search.probe(LOCAL_BRIDGE)) return LOCAL_BRIDGE;
  const found = await browseForBridge(search);
  if (found !== null) return found;
  throw new CommandFailure(
    new TonearmError(
      'connect.unreachable',
      `no bridge answers at ${LOCAL_BRIDGE}, and none announced itself on this network within ${BROWSE_MS / 1000} s`,
    ),
  );
}

/** The first announced bridge that answers; null when the time is over. */
async function browseForBridge(search: BridgeSearch): Promise<string | null> {
  const discovery = search.openDiscovery();
  try {
    return await new Promise<string | null>((resolve) => {
      const timer = search.clock.setTimer('find-bridge', BROWSE_MS, () => resolve(null));
      const settle = (url: string) => {
        timer.cancel();
        resolve(url);
      };
      discovery.browse(BRIDGE_SERVICE_TYPE, {
        found: (service) => void firstAnswering(search, service).then((url) => url !== null && settle(url)),
        lost: () => undefined,
      });
    });
  } finally {
    await discovery.close();
  }
}

/** Addresses tried per announcement; a machine with more is a router, and its first ones are the house's. */
const ADDRESSES_TRIED_MAX = 4;

async function firstAnswering(search: BridgeSearch, service: FoundService): Promise<string | null> {
  for (const address of service.addresses.slice(0, ADDRESSES_TRIED_MAX)) {
    const url = addressOf(address, service.port);
    if (await search.probe(url)) return url;
  }
  return null;
}
