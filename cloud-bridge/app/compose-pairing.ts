/** Puts together how speakers come to this house. */
import { networkInterfaces } from 'node:os';
import { createHttpSpeakerDoors } from '#bridge/adapters/speaker-door/http-speaker-doors';
import type { PairedSpeakers } from '#bridge/core/ports/paired-speakers';
import { Pairing } from '#bridge/core/services/pairing/pairing';
import { ed25519Check } from '#protocol/adapters/ed25519';
import { createNoblePairingCipher } from '#protocol/adapters/noble-pairing-cipher';
import type { Clock } from '#protocol/ports/clock';
import type { Discovery } from '#protocol/ports/discovery';
import type { Logger } from '#protocol/ports/logger';
import { PAIRING_ADDRESSES_MAX } from '#protocol/wire/pairing';
import type { ComposedTrust } from './compose-trust.ts';

export interface PairingParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly discovery: Discovery | null;
  readonly paired: PairedSpeakers;
  readonly trust: ComposedTrust;
}

/** @param where of the door with TLS, which is opened later */
export function composePairing(
  { trust, ...ports }: PairingParts,
  where: { readonly host: string; readonly tlsPort: () => number | null },
): Pairing {
  const pin = trust.pin;
  const house = {
    bridgeId: trust.bridgeId,
    publicKey: trust.speakers.identity.publicKey,
    // One bridge, one house: several nodes of it share its key.
    householdId: trust.bridgeId,
    tlsPin: pin ?? new Uint8Array(),
    tlsPort: () => (pin === null ? null : where.tlsPort()),
    addresses: () => {
      const port = where.tlsPort();
      return pin === null || port === null ? [] : ownAddresses(where.host).map((host) => `wss://${host}:${port}`);
    },
  };
  const doors = createHttpSpeakerDoors();
  const loadCipher = async () => createNoblePairingCipher();
  return new Pairing({ ...ports, doors, check: ed25519Check, loadCipher }, house);
}

/** Where other machines reach this one, IPv4 first; where it listens on one address alone, that one. */
function ownAddresses(host: string): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [bracketed(host)];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const found = (outside.length === 0 ? all : outside).toSorted((a, b) => a.family.localeCompare(b.family));
  return found.slice(0, PAIRING_ADDRESSES_MAX).map(({ address }) => bracketed(address));
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
