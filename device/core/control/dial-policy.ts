/**
 * Whom a speaker may dial, and how it makes sure of them: the bridge of the house that it belongs to, by a pinned
 * certificate; while it is nobody's, a bridge that somebody gave it or one that says that it asks nobody who they are.
 */
import type { Ownership } from '#device/core/ports/ownership-store';
import { base64url } from '#protocol/kit/base64url';
import type { FoundService } from '#protocol/ports/discovery';
import type { Challenge } from '#protocol/wire/hello';
import { type AddressBook, addressesOf, candidates } from './address-book.ts';

export type DialPolicy =
  /** Whatever is known: for who keeps no ownership. */
  | { readonly kind: 'anybody' }
  /** Nobody's: what was given, and what is open. */
  | { readonly kind: 'openOnly' }
  | { readonly kind: 'house'; readonly house: Ownership }
  /** Whose it is cannot be read, so everybody could be the wrong one. */
  | { readonly kind: 'nobody' };

/** TXT entries of a bridge: the port of its TLS door, and that it lets in everybody. */
export const TXT_TLS = 'tls';
export const TXT_OPEN = 'open';
const OPEN = '1';

/** @returns where to dial now, the likeliest first, each once */
export function dialAddresses(book: AddressBook, policy: DialPolicy): readonly string[] {
  switch (policy.kind) {
    case 'anybody':
      return candidates(book);
    case 'openOnly':
      return candidates({ ...book, found: book.found.filter(isOpen) });
    case 'house': {
      const known = [book.given, book.last].filter((address) => address?.startsWith('wss:') === true);
      const found = book.found.flatMap((service) => foundAddresses(service, policy));
      return [...new Set([...known, ...found, ...policy.house.addresses])].filter((address) => address !== null);
    }
    case 'nobody':
      return [];
  }
}

/** @returns where a bridge that announces itself may be dialled; none when it may not */
export function foundAddresses(service: FoundService, policy: DialPolicy): readonly string[] {
  switch (policy.kind) {
    case 'anybody':
      return addressesOf(service);
    case 'openOnly':
      return isOpen(service) ? addressesOf(service) : [];
    case 'house': {
      const port = Number(service.txt[TXT_TLS]);
      if (service.txt['id'] !== policy.house.bridgeId || !Number.isInteger(port) || port < 1 || port > 65_535)
        return [];
      return addressesOf({ ...service, port }).map((address) => address.replace(/^ws:/, 'wss:'));
    }
    case 'nobody':
      return [];
  }
}

/** Who must answer; undefined: whoever does. */
export function pinOf(policy: DialPolicy): Uint8Array | undefined {
  return policy.kind === 'house' ? policy.house.tlsPin : undefined;
}

/** Whether a challenge may be answered: a signature for another bridge could be shown to that one. */
export function isOurs({ bridge }: Challenge, policy: DialPolicy): boolean {
  if (policy.kind !== 'house') return true;
  const { bridgeId, bridgePublicKey } = policy.house;
  return bridge.id === bridgeId && bridge.publicKey === base64url(bridgePublicKey);
}

function isOpen(service: FoundService): boolean {
  return service.txt[TXT_OPEN] === OPEN;
}
