import { describe, expect, it } from 'vitest';
import { type AddressBook, addFound, addressesOf, candidates, removeLost } from '#device/core/control/address-book';
import type { FoundService } from '#protocol/ports/discovery';

function found(name: string, ...addresses: string[]): FoundService {
  return { type: 'tonearm-bridge', name, host: `${name}.local`, port: 4747, txt: {}, addresses };
}

const EMPTY: AddressBook = { given: null, last: null, found: [] };

describe('where a bridge may be', () => {
  it('is first where somebody said, then where it was, then where one announces itself', () => {
    const book = addFound(
      { ...EMPTY, given: 'ws://given:1', last: 'ws://last:1' },
      found('a', '10.0.0.1', '2001:db8::1'),
    );
    expect(candidates(book)).toEqual(['ws://given:1', 'ws://last:1', 'ws://10.0.0.1:4747', 'ws://[2001:db8::1]:4747']);
  });

  it('is tried once per round, however often it is known', () => {
    const book = addFound(
      { ...EMPTY, given: 'ws://10.0.0.1:4747', last: 'ws://10.0.0.1:4747' },
      found('a', '10.0.0.1'),
    );
    expect(candidates(book)).toEqual(['ws://10.0.0.1:4747']);
  });

  it('is where it announced itself last, and nowhere when it is gone', () => {
    const moved = addFound(addFound(EMPTY, found('a', '10.0.0.1')), found('a', '10.0.0.2'));
    expect(candidates(moved)).toEqual(['ws://10.0.0.2:4747']);
    expect(candidates(removeLost(moved, 'a'))).toEqual([]);
  });

  it('is not at an address that cannot be dialled without an interface, and not at endless ones', () => {
    expect(addressesOf(found('a', 'fe80::1', '10.0.0.1'))).toEqual(['ws://10.0.0.1:4747']);
    const many = Array.from({ length: 50 }, (_, index) => `10.0.0.${index}`);
    expect(addressesOf(found('a', ...many))).toHaveLength(4);
    const crowd = Array.from({ length: 100 }, (_, index) => found(`bridge-${index}`, `10.0.1.${index}`));
    expect(candidates(crowd.reduce(addFound, EMPTY))).toHaveLength(16);
  });
});
