import { beforeEach, describe, expect, it } from 'vitest';
import { PairingDesk } from '#device/core/control/pairing/pairing-desk';
import { ADDRESS_ATTEMPTS_MAX, FAILURES_MAX, WINDOW_MS } from '#device/core/control/pairing/pairing-state';
import { base64url, parseBase64url } from '#protocol/kit/base64url';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { Identity } from '#protocol/ports/identity';
import type { PairingCipher } from '#protocol/ports/pairing-cipher';
import { speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { PAIRING_ATTEMPT_MS, type PairingBegun, parsePairingCode } from '#protocol/wire/pairing';
import { createVirtualPairingCipher } from '#sim/pairing/virtual-pairing-cipher';
import {
  createPairingDisk,
  createVirtualOwnershipStore,
  createVirtualPairingMemory,
  type PairingDisk,
} from '#sim/pairing/virtual-pairing-memory';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { VirtualIdentities } from '#sim/world/virtual-identities';

const WRONG = '000000000';
const ADDRESSES = ['wss://192.168.1.5:4748'];
const PIN = base64url(new Uint8Array(32).fill(9));

let clock: VirtualClock;
let random: SeededRandom;
let identities: VirtualIdentities;
let cipher: PairingCipher;
let disk: PairingDisk;
let speaker: Identity;
let bridge: Identity;
let spoken: string[];
let paired: number;

beforeEach(() => {
  clock = new VirtualClock();
  random = new SeededRandom(5);
  identities = new VirtualIdentities(random);
  cipher = createVirtualPairingCipher(random);
  disk = createPairingDisk();
  speaker = identities.create();
  bridge = identities.create();
  spoken = [];
  paired = 0;
});

/** As after a start of the process, over the same disk. */
async function startDesk(isOpening = true): Promise<PairingDesk> {
  const ports = {
    clock,
    random,
    logger: silentLogger,
    memory: createVirtualPairingMemory(disk),
    ownership: createVirtualOwnershipStore(disk),
    check: identities,
    loadCipher: async () => cipher,
  };
  const self = {
    id: speakerId(identities.idOfPublicKey(speaker.publicKey)),
    ...speaker,
    name: () => 'Kitchen',
  };
  const desk = new PairingDesk(ports, self, {
    speak: (code) => spoken.push(code),
    paired: () => {
      paired += 1;
    },
  });
  await desk.start(isOpening);
  return desk;
}

const bridgeIdOf = () => identities.idOfPublicKey(bridge.publicKey);

const FROM = '192.168.1.2';
const ask = (desk: PairingDesk, from = FROM) => desk.begin({ pairing: 1, bridgeId: bridgeIdOf() }, from);

async function begin(desk: PairingDesk, from = FROM): Promise<PairingBegun> {
  const begun = await ask(desk, from);
  if (!begun.ok) throw begun.error;
  return begun.value;
}

interface Told {
  readonly publicKey?: Uint8Array;
  readonly from?: string;
}

/** What a bridge does after `begin`, to the end, whether or not the speaker convinced it. */
async function attempt(desk: PairingDesk, code: string, told: Told = {}) {
  const begun = await begin(desk, told.from);
  const how = { salt: parseBase64url(begun.salt) ?? new Uint8Array(), speakerId: begun.speakerId };
  const proving = await cipher.prove(code, how, { bridgeId: bridgeIdOf(), speakerId: begun.speakerId });
  const answer = await desk.confirm({ attempt: begun.attempt, share: base64url(proving.share) });
  if (!answer.ok) return answer;
  const share = parseBase64url(answer.value.share) ?? new Uint8Array();
  const proven = proving.finish(share, parseBase64url(answer.value.confirmation) ?? new Uint8Array());
  const key = proven.ok ? proven.value.key : new Uint8Array(32);
  const publicKey = base64url(told.publicKey ?? bridge.publicKey);
  const text = JSON.stringify({ householdId: 'household-1', publicKey, tlsPin: PIN, addresses: ADDRESSES });
  const finish = {
    attempt: begun.attempt,
    confirmation: base64url(proven.ok ? proven.value.confirmation : new Uint8Array(32)),
    sealed: base64url(cipher.seal(key, 'bridge', text)),
  };
  const finished = await desk.finish(finish);
  return { ...finished, finish, key };
}

describe('a speaker that is nobody’s', () => {
  it('opens a window with a code that it says, shows on its label and says again with each start', async () => {
    const desk = await startDesk();
    expect(desk.status()).toBe('open');
    expect(spoken).toHaveLength(1);
    expect(parsePairingCode(disk.label ?? '')).toBe(spoken[0]);
    await desk.stop();
    expect(disk.label).toBeNull();
    await startDesk();
    expect(spoken[1]).not.toBe(spoken[0]);
  });

  it('belongs to the bridge that knows the code, and tells it who it is', async () => {
    const desk = await startDesk();
    const finished = await attempt(desk, spoken[0] ?? '');
    if (!finished.ok || !('key' in finished)) throw new Error('was refused');
    const told = cipher.open(finished.key, 'speaker', parseBase64url(finished.value.sealed) ?? new Uint8Array());
    expect(JSON.parse(told ?? '')).toEqual({ publicKey: base64url(speaker.publicKey), name: 'Kitchen' });
    expect(disk.ownership).toMatchObject({
      householdId: 'household-1',
      bridgeId: bridgeIdOf(),
      bridgePublicKey: bridge.publicKey,
      addresses: ADDRESSES,
    });
    expect([desk.status(), paired, disk.label, disk.failures]).toEqual(['owned', 1, null, 0]);
    // The answer may have been lost: the same question has the same answer, and no other.
    expect(await desk.finish(finished.finish)).toMatchObject({ ok: true, value: finished.value });
    expect(await desk.finish({ ...finished.finish, confirmation: base64url(new Uint8Array(32)) })).toMatchObject({
      ok: false,
      error: { code: 'pairing.refused' },
    });
    expect(await ask(desk)).toMatchObject({
      error: { code: 'pairing.owned' },
    });
    expect(await desk.open(true)).toMatchObject({ error: { code: 'pairing.owned' } });
  });

  it('refuses a bridge whose key is not that of its id', async () => {
    const desk = await startDesk();
    const other = identities.create();
    expect(await attempt(desk, spoken[0] ?? '', { publicKey: other.publicKey })).toMatchObject({
      ok: false,
      error: { code: 'pairing.refused' },
    });
    expect([disk.ownership, desk.status()]).toEqual([null, 'open']);
  });

  it('closes its window in time, and takes the label away', async () => {
    const desk = await startDesk();
    await clock.advance(ms(WINDOW_MS - 1));
    expect(desk.status()).toBe('open');
    await clock.advance(ms(1));
    expect([desk.status(), disk.label, clock.timers()]).toEqual(['closed', null, []]);
    expect(await ask(desk)).toMatchObject({
      error: { code: 'pairing.closed' },
    });
  });

  it('takes one attempt at a time, each for a minute', async () => {
    const desk = await startDesk();
    const { attempt: first } = await begin(desk);
    const second = await ask(desk);
    expect(second).toMatchObject({ ok: false, error: { code: 'pairing.busy' } });
    await clock.advance(ms(PAIRING_ATTEMPT_MS));
    await begin(desk);
    const how = { salt: new Uint8Array(16), speakerId: 'x' };
    const { share } = await cipher.prove(WRONG, how, { bridgeId: 'x', speakerId: 'x' });
    const late = { attempt: first, confirmation: base64url(new Uint8Array(32)), sealed: base64url(new Uint8Array(32)) };
    expect(await desk.confirm({ attempt: first, share: base64url(share) })).toMatchObject({ ok: true });
    expect(await desk.finish(late)).toMatchObject({ ok: false, error: { code: 'pairing.refused' } });
  });
});

describe('who does not know the code', () => {
  it('is refused in the words that an unknown attempt is refused in', async () => {
    const desk = await startDesk();
    const wrong = await attempt(desk, WRONG);
    const unknown = await desk.finish({
      attempt: 'A'.repeat(22),
      confirmation: base64url(new Uint8Array(32)),
      sealed: base64url(new Uint8Array(32)),
    });
    if (wrong.ok || unknown.ok) throw new Error('was let in');
    expect(wrong.error.toBody()).toEqual(unknown.error.toBody());
    expect(disk.ownership).toBeNull();
  });

  it('gets an answer to confirm for an attempt that there is not, of the same form', async () => {
    const desk = await startDesk();
    const how = { salt: new Uint8Array(16), speakerId: 'x' };
    const { share } = await cipher.prove(WRONG, how, { bridgeId: 'x', speakerId: 'x' });
    const answer = await desk.confirm({ attempt: 'A'.repeat(22), share: base64url(share) });
    expect(answer).toMatchObject({ ok: true, value: { share: expect.stringMatching(/^.{87}$/) } });
    expect(disk.failures).toBe(0);
  });

  it('costs the same work for an attempt that there is not, to the last question', async () => {
    const desk = await startDesk();
    const work: string[] = [];
    const plain = cipher;
    const noted =
      <Args extends unknown[], Value>(what: string, done: (...args: Args) => Value) =>
      (...args: Args): Value => {
        work.push(what);
        return done(...args);
      };
    cipher = {
      ...plain,
      register: noted('register', plain.register),
      verify: noted('verify', plain.verify),
      decoy: noted('decoy', plain.decoy),
    };
    const begun = await begin(desk);
    work.length = 0;
    const how = { salt: new Uint8Array(16), speakerId: 'x' };
    const { share } = await plain.prove(WRONG, how, { bridgeId: 'x', speakerId: 'x' });
    const [unknown, known] = [[] as string[], [] as string[]];
    for (const [attemptId, did] of [['A'.repeat(22), unknown] as const, [begun.attempt, known] as const]) {
      await desk.confirm({ attempt: attemptId, share: base64url(share) });
      did.push(...work.splice(0));
    }
    expect(unknown).toEqual(['verify']);
    expect(known).toEqual(unknown);
  });

  it('has spent an attempt as soon as it is answered, though it goes away then', async () => {
    const desk = await startDesk();
    const begun = await begin(desk);
    const how = { salt: parseBase64url(begun.salt) ?? new Uint8Array(), speakerId: begun.speakerId };
    const { share } = await cipher.prove(WRONG, how, { bridgeId: bridgeIdOf(), speakerId: begun.speakerId });
    const question = { attempt: begun.attempt, share: base64url(share) };
    const first = await desk.confirm(question);
    expect(disk.failures).toBe(1);
    // A second guess in the same attempt is one at nothing, and costs nothing.
    const second = await desk.confirm(question);
    expect(second).not.toEqual(first);
    expect(disk.failures).toBe(1);
  });

  it('gets no answer when the attempt cannot be counted', async () => {
    const desk = await startDesk();
    const begun = await begin(desk);
    const how = { salt: parseBase64url(begun.salt) ?? new Uint8Array(), speakerId: begun.speakerId };
    const { share } = await cipher.prove(WRONG, how, { bridgeId: bridgeIdOf(), speakerId: begun.speakerId });
    disk.isFailing = true;
    await expect(desk.confirm({ attempt: begun.attempt, share: base64url(share) })).rejects.toMatchObject({
      code: 'storage.failed',
    });
  });

  it('is locked out after twenty attempts, whatever is started anew, until a person asks at the speaker', async () => {
    let desk = await startDesk();
    for (let tried = 1; tried <= FAILURES_MAX; tried += 1) {
      expect(desk.status()).toBe('open');
      expect((await attempt(desk, WRONG, { from: `192.168.1.${1 + (tried % 4)}` })).ok).toBe(false);
      if (tried !== 7) continue;
      await desk.stop();
      desk = await startDesk();
    }
    expect([desk.status(), disk.failures]).toEqual(['closed', FAILURES_MAX]);
    const locked = { ok: false, error: { code: 'pairing.locked' } };
    expect(await ask(desk)).toMatchObject(locked);
    desk = await startDesk();
    expect(desk.status()).toBe('closed');
    expect(await desk.open(false)).toMatchObject(locked);
    const opened = await desk.open(true);
    if (!opened.ok) throw opened.error;
    expect((await attempt(desk, opened.value)).ok).toBe(true);
  });

  it('is closed to an address that tried too often, and open to others', async () => {
    let desk = await startDesk();
    for (let tried = 0; tried < ADDRESS_ATTEMPTS_MAX; tried += 1) {
      // One that is begun and given up holds up the others as well.
      if (tried % 2 === 0) await begin(desk).then(() => clock.advance(ms(PAIRING_ATTEMPT_MS)));
      else expect((await attempt(desk, WRONG)).ok).toBe(false);
    }
    expect(await ask(desk)).toMatchObject({ ok: false, error: { code: 'pairing.locked' } });
    expect([desk.status(), disk.failures]).toEqual(['open', ADDRESS_ATTEMPTS_MAX / 2]);
    expect((await ask(desk, '192.168.1.3')).ok).toBe(true);
    // A window of its own, with another code, is another count.
    await desk.stop();
    desk = await startDesk();
    expect((await attempt(desk, spoken.at(-1) ?? '')).ok).toBe(true);
  });

  it('is locked out where the count of failures cannot be read', async () => {
    disk.failures = Number.NaN;
    const desk = await startDesk();
    expect(desk.status()).toBe('closed');
    expect(await ask(desk)).toMatchObject({
      error: { code: 'pairing.locked' },
    });
    expect((await desk.open(true)).ok).toBe(true);
  });

  it('finds a speaker whose record is damaged closed', async () => {
    disk.isDamaged = true;
    const desk = await startDesk();
    expect(desk.status()).toBe('owned');
  });
});

describe('a question that is none', () => {
  it.each([
    ['begin', { pairing: 2, bridgeId: 'bridge-of-the-house' }, 'pairing'],
    ['begin', { pairing: 1 }, 'bridgeId'],
    ['confirm', { attempt: 'A'.repeat(22), share: 'AAAA' }, 'share'],
    ['finish', { attempt: 'A'.repeat(22), confirmation: base64url(new Uint8Array(32)), sealed: '' }, 'sealed'],
  ] as const)('is refused by its field: %s %o', async (question, body, field) => {
    const desk = await startDesk();
    expect(await desk[question](body, FROM)).toMatchObject({ ok: false, error: { code: 'input.invalid', field } });
  });
});
