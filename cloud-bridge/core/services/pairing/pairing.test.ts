import { describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { PAIRED_SPEAKERS_MAX } from '#bridge/core/ports/paired-speakers';
import type { SpeakerDoors } from '#bridge/core/ports/speaker-doors';
import { base64url } from '#protocol/kit/base64url';
import type { Discovery } from '#protocol/ports/discovery';
import { TonearmError } from '#protocol/vocabulary/errors';
import { speakerId } from '#protocol/vocabulary/ids';
import { refused } from '#protocol/vocabulary/result';
import { linkProof } from '#protocol/wire/pairing';
import { createLonePairing } from '#sim/pairing/lone-pairing';
import { createMemoryPairedSpeakers, type PairedDisk } from '#sim/world/memory-paired-speakers';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { VirtualIdentities } from '#sim/world/virtual-identities';

const OWNED = 'speaker-of-ours';

/** A network on which each of these is announced, by name. */
function networkOf(speakers: Readonly<Record<string, { readonly id: string; readonly address: string }>>): Discovery {
  return {
    advertise: () => ({ start: () => {}, stop: async () => {} }),
    browse: (type, listener) => {
      for (const [name, { id, address }] of Object.entries(speakers)) {
        listener.found({ type, name, port: 4748, txt: { id, model: 'm' }, host: 'h', addresses: [address] });
      }
      return { stop: () => {} };
    },
  };
}

const paired = (id: string) => ({
  id: speakerId(id),
  publicKey: new Uint8Array(32),
  name: id,
  ownerId: HOUSE_ACCOUNT,
  pairedAtMs: 0,
});

describe('the speakers that could come into a house', () => {
  it('are those on the network that are not of it, the open ones first', async () => {
    const doors: SpeakerDoors = {
      info: async (address) => {
        if (address.includes('::')) return { ok: true, value: { pairing: 'open' } };
        if (address.includes('.2:')) return { ok: true, value: { pairing: 'owned' } };
        if (address.includes('.3:')) return { ok: true, value: { pairing: 'anything' } };
        return refused(new TonearmError('connect.unreachable', 'nobody'));
      },
      ask: async () => refused(new TonearmError('connect.unreachable', 'nobody')),
    };
    const disk: PairedDisk = new Map([[speakerId(OWNED), paired(OWNED)]]);
    const discovery = networkOf({
      Ours: { id: OWNED, address: '10.0.0.1' },
      Theirs: { id: 'speaker-of-theirs', address: '10.0.0.2' },
      Odd: { id: 'speaker-that-is-odd', address: '10.0.0.3' },
      Gone: { id: 'speaker-that-is-gone', address: '10.0.0.4' },
      Liar: { id: '<b>', address: '10.0.0.5' },
      New: { id: 'speaker-that-is-new', address: 'fd00::6' },
    });
    const pairing = createLonePairing(new VirtualClock(), {
      doors,
      discovery,
      paired: createMemoryPairedSpeakers(disk),
    });
    expect(await pairing.candidates()).toEqual([]);
    pairing.start();
    const found = await pairing.candidates();
    expect(found.map(({ name, pairing: state }) => [name, state])).toEqual([
      ['New', 'open'],
      ['Gone', 'unknown'],
      ['Odd', 'unknown'],
      ['Theirs', 'owned'],
    ]);
    expect(found[0]?.address).toBe('[fd00::6]:4748');
    pairing.stop();
    expect(await pairing.candidates()).toEqual([]);
  });
});

describe('a wish to pair', () => {
  it.each(['12345678', '1234567890', 'abc def ghi', ''])('needs nine digits, not %s', async (code) => {
    const pairing = createLonePairing(new VirtualClock());
    const wish = { speaker: { address: '10.0.0.1:1' }, code, ownerId: HOUSE_ACCOUNT };
    expect(await pairing.pair(wish)).toMatchObject({ ok: false, error: { code: 'input.invalid', field: 'code' } });
  });

  it('is refused in a house that is full, before anybody is asked', async () => {
    const disk: PairedDisk = new Map();
    for (let at = 0; at < PAIRED_SPEAKERS_MAX; at += 1) {
      disk.set(speakerId(`speaker-${at}-of-many`), paired(`speaker-${at}-of-many`));
    }
    const pairing = createLonePairing(new VirtualClock(), { paired: createMemoryPairedSpeakers(disk) });
    const wish = { speaker: { address: '10.0.0.1:1' }, code: '123456789', ownerId: HOUSE_ACCOUNT };
    expect(await pairing.pair(wish)).toMatchObject({ ok: false, error: { code: 'storage.full' } });
  });
});

describe('a link', () => {
  const identities = new VirtualIdentities(new SeededRandom(8));
  const speaker = identities.create();
  const id = identities.idOfPublicKey(speaker.publicKey);
  const told = (token: string, signer = speaker) => ({
    publicKey: base64url(speaker.publicKey),
    name: 'Attic',
    signature: base64url(signer.sign(linkProof(token, id))),
  });

  it('takes in the speaker that has the key, and tells it whose it is', async () => {
    const disk: PairedDisk = new Map();
    const pairing = createLonePairing(new VirtualClock(), {
      check: identities,
      paired: createMemoryPairedSpeakers(disk),
    });
    expect(await pairing.link(told('token-1'), 'token-1', HOUSE_ACCOUNT)).toMatchObject({
      ok: true,
      value: { bridgeId: 'bridge-alone', householdId: 'household-alone', addresses: ['wss://127.0.0.1:4748'] },
    });
    expect(disk.get(speakerId(id))).toMatchObject({ name: 'Attic', ownerId: HOUSE_ACCOUNT });
  });

  it.each([
    ['what was signed for another token', told('token-2')],
    ['what somebody else has signed', told('token-1', identities.create())],
  ])('takes nobody in by %s', async (_what, link) => {
    const disk: PairedDisk = new Map();
    const pairing = createLonePairing(new VirtualClock(), {
      check: identities,
      paired: createMemoryPairedSpeakers(disk),
    });
    const linked = await pairing.link(link, 'token-1', HOUSE_ACCOUNT);
    expect(linked).toMatchObject({ ok: false, error: { code: 'pairing.refused', field: 'signature' } });
    expect(disk.size).toBe(0);
  });
});
