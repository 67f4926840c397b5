/**
 * Where a bridge may be, in the order in which to try: the address somebody gave, the one last spoken to, then every
 * bridge that announces itself. The given one first, because it was chosen later than the remembered one was learnt.
 */
import type { FoundService } from '#protocol/ports/discovery';

/** Bridges remembered from discovery; a household has one, a neighbourhood on one network a handful. */
const FOUND_BRIDGES_MAX = 16;
/** Addresses tried of one bridge: wire, radio, and a virtual network or two. */
const ADDRESSES_PER_BRIDGE_MAX = 4;

export interface AddressBook {
  readonly given: string | null;
  readonly last: string | null;
  readonly found: readonly FoundService[];
}

export function addFound(book: AddressBook, service: FoundService): AddressBook {
  const others = book.found.filter((it) => it.name !== service.name);
  // The newest first: whoever has just come up is likeliest to answer.
  return { ...book, found: [service, ...others].slice(0, FOUND_BRIDGES_MAX) };
}

export function removeLost(book: AddressBook, name: string): AddressBook {
  return { ...book, found: book.found.filter((it) => it.name !== name) };
}

/** @returns each address once, e.g. `ws://192.168.1.5:4747`, `ws://[2001:db8::5]:4747` */
export function candidates(book: AddressBook): readonly string[] {
  const known = [book.given, book.last].filter((address) => address !== null);
  return [...new Set([...known, ...book.found.flatMap(addressesOf)])];
}

export function addressesOf(service: FoundService): readonly string[] {
  return service.addresses
    .filter((address) => !isLinkLocal(address))
    .slice(0, ADDRESSES_PER_BRIDGE_MAX)
    .map((address) => `ws://${address.includes(':') ? `[${address}]` : address}:${service.port}`);
}

/** Without the name of a network interface such an address cannot be dialled, and a record does not carry one. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}
