import { describe, expect, it } from 'vitest';
import type { Ownership } from '#device/core/ports/ownership-store';
import { base64url } from '#protocol/kit/base64url';
import type { FoundService } from '#protocol/ports/discovery';
import { bridgeId } from '#protocol/vocabulary/ids';
import type { Challenge } from '#protocol/wire/hello';
import type { AddressBook } from './address-book.ts';
import { type DialPolicy, dialAddresses, foundAddresses, isOurs, pinOf } from './dial-policy.ts';

const HOUSE: Ownership = {
  householdId: 'our-household',
  bridgeId: bridgeId('our-bridge-id'),
  bridgePublicKey: new Uint8Array(32).fill(1),
  tlsPin: new Uint8Array(32).fill(2),
  addresses: ['wss://10.0.0.1:4748', 'wss://[2001:db8::1]:4748'],
  pairedAtMs: 0,
};
const OURS: DialPolicy = { kind: 'house', house: HOUSE };
const OPEN_ONLY: DialPolicy = { kind: 'openOnly' };

function found(name: string, txt: Record<string, string>, ...addresses: string[]): FoundService {
  return { type: 'tonearm-bridge', name, host: `${name}.local`, port: 4747, txt, addresses };
}

function book(...services: FoundService[]): AddressBook {
  return { given: 'ws://10.0.0.9:4747', last: 'ws://10.0.0.8:4747', found: services };
}

const MOVED = found('moved', { id: 'our-bridge-id', tls: '5000', open: '1' }, '10.0.0.2', '2001:db8::2', 'fe80::1');
const STRANGER = found('stranger', { id: 'another-bridge', tls: '5000', open: '1' }, '10.0.0.3');

describe('whom a speaker dials', () => {
  it('is its own bridge and nobody else once it belongs to a house: where that is seen, then where it was', () => {
    expect(dialAddresses(book(STRANGER, MOVED), OURS)).toEqual([
      'wss://10.0.0.2:5000',
      'wss://[2001:db8::2]:5000',
      'wss://10.0.0.1:4748',
      'wss://[2001:db8::1]:4748',
    ]);
    expect(pinOf(OURS)).toEqual(HOUSE.tlsPin);
  });

  it('is first where somebody says that it is, by TLS alone', () => {
    const given = { given: 'wss://bridge.example:443', last: 'wss://10.0.0.1:4748', found: [] };
    expect(dialAddresses(given, OURS)).toEqual([
      'wss://bridge.example:443',
      'wss://10.0.0.1:4748',
      'wss://[2001:db8::1]:4748',
    ]);
  });

  it.each([{}, { tls: '' }, { tls: '0' }, { tls: '65536' }, { tls: '47.5' }, { tls: 'x' }])(
    'is not a bridge of our id that announces no port for it: %j',
    (txt) => {
      expect(foundAddresses(found('ours', { id: 'our-bridge-id', ...txt }, '10.0.0.2'), OURS)).toEqual([]);
    },
  );

  it('is what was given and what is open to all, while it is nobody’s', () => {
    const closed = found('closed', { id: 'closed-bridge', tls: '5000' }, '10.0.0.4');
    const addresses = dialAddresses(book(closed, STRANGER), OPEN_ONLY);
    expect(addresses).toEqual(['ws://10.0.0.9:4747', 'ws://10.0.0.8:4747', 'ws://10.0.0.3:4747']);
    expect(foundAddresses(closed, OPEN_ONLY)).toEqual([]);
    expect(pinOf(OPEN_ONLY)).toBeUndefined();
  });

  it('is nobody when whose it is cannot be read', () => {
    expect(dialAddresses(book(STRANGER, MOVED), { kind: 'nobody' })).toEqual([]);
    expect(foundAddresses(MOVED, { kind: 'nobody' })).toEqual([]);
  });
});

describe('a challenge', () => {
  const challenge = (id: string, key: number): Challenge => ({
    kind: 'challenge',
    nonce: 'n'.repeat(43),
    bridge: { id: bridgeId(id), publicKey: base64url(new Uint8Array(32).fill(key)) },
    isOpen: true,
  });

  it('is answered to its own bridge alone', () => {
    expect(isOurs(challenge('our-bridge-id', 1), OURS)).toBe(true);
    expect(isOurs(challenge('our-bridge-id', 3), OURS)).toBe(false);
    expect(isOurs(challenge('another-bridge', 1), OURS)).toBe(false);
    expect(isOurs(challenge('another-bridge', 3), OPEN_ONLY)).toBe(true);
  });
});
