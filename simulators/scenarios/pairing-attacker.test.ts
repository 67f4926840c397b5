/**
 * Somebody on the same network who does not know the code: asks, listens, stands in between, has a web page do it. The
 * speaker's door is a real one, and so is the cryptography; what the speaker and the bridge keep is in memory.
 */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpSpeakerDoors } from '#bridge/adapters/speaker-door/http-speaker-doors';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import type { SpeakerDoors } from '#bridge/core/ports/speaker-doors';
import { Pairing } from '#bridge/core/services/pairing/pairing';
import { type LanDoor, openLanDoor } from '#device/adapters/lan-door/lan-door';
import { POSTS_OF_ALL_PER_MINUTE, POSTS_PER_MINUTE } from '#device/adapters/lan-door/lan-posts';
import { PairingDesk } from '#device/core/control/pairing/pairing-desk';
import { ed25519Check, identityOf, makePrivateKey } from '#protocol/adapters/ed25519';
import { createNoblePairingCipher } from '#protocol/adapters/noble-pairing-cipher';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { Identity } from '#protocol/ports/identity';
import { bridgeId, speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { PAIRING_ATTEMPT_MS, PAIRING_PATHS } from '#protocol/wire/pairing';
import {
  createPairingDisk,
  createVirtualOwnershipStore,
  createVirtualPairingMemory,
  type PairingDisk,
} from '#sim/pairing/virtual-pairing-memory';
import { createMemoryPairedSpeakers, type PairedDisk } from '#sim/world/memory-paired-speakers';
import { VirtualClock } from '#sim/world/virtual-clock';

const cipher = createNoblePairingCipher();
const speaker = identityOf(makePrivateKey());
const speakerOf = speakerId(ed25519Check.idOfPublicKey(speaker.publicKey));
const LOCAL_KEY = 'local-key';
const OPEN = '/v1/pairing/open';
const PIN = new Uint8Array(32).fill(4);

let clock: VirtualClock;
let disk: PairingDisk;
let desk: PairingDesk;
let door: LanDoor;
let code: string;
let asked: { readonly path: string; readonly body: object; readonly answer: unknown }[];

beforeEach(async () => {
  clock = new VirtualClock();
  disk = createPairingDisk();
  code = '';
  asked = [];
  desk = createDesk(speaker);
  await desk.start(true);
  const info = () => ({
    id: speakerOf,
    name: 'Kitchen',
    model: 'test',
    version: '1',
    bridge: null,
    output: 'virtual',
    pairing: desk.status(),
  });
  const posts = {
    open: {
      [PAIRING_PATHS.begin]: (body: unknown, from: string) => desk.begin(body, from),
      [PAIRING_PATHS.confirm]: (body: unknown) => desk.confirm(body),
      [PAIRING_PATHS.finish]: (body: unknown) => desk.finish(body),
    },
    own: { [OPEN]: async () => ({ ok: true, value: { code } }) as const },
    key: LOCAL_KEY,
  };
  door = await openLanDoor(info, { port: 0, host: '127.0.0.1', posts });
});
afterEach(async () => {
  await door.close();
  await desk.stop();
});

/** One that says it is `speakerOf`, by whichever key. */
function createDesk(identity: Identity): PairingDesk {
  const ports = {
    clock,
    random: createSystemRandom(),
    logger: silentLogger,
    memory: createVirtualPairingMemory(disk),
    ownership: createVirtualOwnershipStore(disk),
    check: ed25519Check,
    loadCipher: async () => cipher,
  };
  const self = { id: speakerOf, ...identity, name: () => 'Kitchen' };
  const listener = { speak: (spoken: string) => (code = spoken), paired: () => undefined };
  return new PairingDesk(ports, self, listener);
}

const address = () => `127.0.0.1:${door.port}`;

/** What a listener on the network hears of it is in `asked`. */
function listenedDoors(): SpeakerDoors {
  const doors = createHttpSpeakerDoors();
  return {
    info: (at) => doors.info(at),
    ask: async (at, path, body) => {
      const answer = await doors.ask(at, path, body);
      asked.push({ path, body, answer: answer.ok ? answer.value : answer.error.toBody() });
      return answer;
    },
  };
}

function createBridge(doors: SpeakerDoors = listenedDoors(), paired: PairedDisk = new Map()) {
  const identity = identityOf(makePrivateKey());
  const id = bridgeId(ed25519Check.idOfPublicKey(identity.publicKey));
  const kept = createMemoryPairedSpeakers(paired);
  const ports = {
    clock,
    logger: silentLogger,
    doors,
    discovery: null,
    paired: kept,
    check: ed25519Check,
    loadCipher: async () => cipher,
  };
  const house = {
    bridgeId: id,
    publicKey: identity.publicKey,
    householdId: 'household-1',
    tlsPin: PIN,
    tlsPort: () => 4748,
    addresses: () => ['wss://127.0.0.1:4748'],
  };
  const pairing = new Pairing(ports, house);
  const pair = (typed: string) =>
    pairing.pair({ speaker: { address: address() }, code: typed, ownerId: HOUSE_ACCOUNT });
  return { pair, pairing, paired, id, publicKey: identity.publicKey };
}

/** As any program sends it. */
function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  localAddress = '127.0.0.1',
): Promise<{ status: number; text: string }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const all = { host: address(), 'content-type': 'application/json', ...headers };
    const sent = request(
      { host: '127.0.0.1', port: door.port, path, method: 'POST', headers: all, agent: false, localAddress },
      (reply) => {
        let heard = '';
        reply.on('data', (part) => {
          heard += part;
        });
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: heard }));
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

const wrong = () => (code === '000000000' ? '000000001' : '000000000');

describe('a bridge that is told the code', () => {
  it('comes to own the speaker, and both know the other by its key', async () => {
    const bridge = createBridge();
    const typed = `${code.slice(0, 3)} ${code.slice(3, 6)}-${code.slice(6)}`;
    expect(await bridge.pair(typed)).toEqual({
      ok: true,
      value: { id: speakerOf, publicKey: speaker.publicKey, name: 'Kitchen' },
    });
    expect(bridge.paired.get(speakerOf)).toMatchObject({ publicKey: speaker.publicKey, ownerId: HOUSE_ACCOUNT });
    expect(disk.ownership).toMatchObject({ bridgeId: bridge.id, bridgePublicKey: bridge.publicKey, tlsPin: PIN });
    expect(JSON.stringify(asked)).not.toContain(code);
    expect(await createBridge().pair(code)).toMatchObject({ ok: false, error: { code: 'pairing.owned' } });
  });

  it('that was told it wrong may try again at once', async () => {
    const bridge = createBridge();
    expect(await bridge.pair(wrong())).toMatchObject({ ok: false, error: { code: 'pairing.refused', field: 'code' } });
    expect(bridge.paired.size).toBe(0);
    expect((await bridge.pair(code)).ok).toBe(true);
  });

  it('does not tell a speaker that there is not from a wrong code', async () => {
    const { pair, pairing } = createBridge();
    const unknown = { speaker: { id: speakerId('speaker-unknown') }, code, ownerId: HOUSE_ACCOUNT };
    const [one, other] = [await pairing.pair(unknown), await pair(wrong())];
    if (one.ok || other.ok) throw new Error('was paired');
    expect(one.error.toBody()).toEqual(other.error.toBody());
  });

  it('still has it when the last answer was lost', async () => {
    const doors = listenedDoors();
    let lost = 0;
    const losing: SpeakerDoors = {
      ...doors,
      ask: async (at, path, body) => {
        const answer = await doors.ask(at, path, body);
        if (path !== PAIRING_PATHS.finish || lost > 0) return answer;
        lost += 1;
        return createHttpSpeakerDoors().ask('127.0.0.1:1', path, body);
      },
    };
    expect((await createBridge(losing).pair(code)).ok).toBe(true);
    expect(lost).toBe(1);
  });
});

describe('a speaker that is none of its id', () => {
  it('is not taken in, though it knows the code', async () => {
    await desk.stop();
    desk = createDesk(identityOf(makePrivateKey()));
    await desk.start(true);
    const bridge = createBridge();
    expect(await bridge.pair(code)).toMatchObject({ ok: false, error: { code: 'fetch.unexpected-answer' } });
    expect(bridge.paired.size).toBe(0);
  });
});

describe('somebody who listened to a pairing', () => {
  it('gets nothing by saying it again, to a speaker that was reset', async () => {
    expect((await createBridge().pair(code)).ok).toBe(true);
    const heard = asked;
    disk.ownership = null;
    await desk.start(true);
    const begun = await post(PAIRING_PATHS.begin, heard[0]?.body);
    const { attempt } = JSON.parse(begun.text);
    await post(PAIRING_PATHS.confirm, { ...heard[1]?.body, attempt });
    const finished = await post(PAIRING_PATHS.finish, { ...heard[2]?.body, attempt });
    expect([finished.status, JSON.parse(finished.text).error.code]).toEqual([403, 'pairing.refused']);
    // Nor by what was said, word for word.
    expect((await post(PAIRING_PATHS.finish, heard[2]?.body)).text).toBe(finished.text);
    expect(disk.ownership).toBeNull();
  });
});

describe('somebody in between', () => {
  /** Stands between bridge and speaker, and changes one thing. */
  function between(alter: (path: string, part: Record<string, unknown>, isAnswer: boolean) => object): SpeakerDoors {
    const doors = createHttpSpeakerDoors();
    return {
      info: (at) => doors.info(at),
      ask: async (at, path, body) => {
        const answer = await doors.ask(at, path, alter(path, { ...body }, false));
        return answer.ok ? { ok: true, value: alter(path, { ...(answer.value as object) }, true) } : answer;
      },
    };
  }
  const flip = (text: unknown) => `${String(text).startsWith('A') ? 'B' : 'A'}${String(text).slice(1)}`;
  const other = identityOf(makePrivateKey());
  const otherId = ed25519Check.idOfPublicKey(other.publicKey);

  it.each<[string, (path: string, part: Record<string, unknown>, isAnswer: boolean) => object]>([
    [
      'takes the bridge’s place',
      (path, part) => (path.endsWith('begin') && 'bridgeId' in part ? { ...part, bridgeId: otherId } : part),
    ],
    [
      'takes the speaker’s place',
      (path, part, back) => (path.endsWith('begin') && back ? { ...part, speakerId: otherId } : part),
    ],
    [
      'changes the salt',
      (path, part, back) => (path.endsWith('begin') && back ? { ...part, salt: flip(part['salt']) } : part),
    ],
    [
      'changes what the bridge sealed',
      (path, part, back) => (path.endsWith('finish') && !back ? { ...part, sealed: flip(part['sealed']) } : part),
    ],
    [
      'changes the bridge’s confirmation',
      (path, part, back) =>
        path.endsWith('finish') && !back ? { ...part, confirmation: flip(part['confirmation']) } : part,
    ],
    [
      'changes the speaker’s confirmation',
      (path, part, back) =>
        path.endsWith('confirm') && back ? { ...part, confirmation: flip(part['confirmation']) } : part,
    ],
    [
      'changes the bridge’s value',
      (path, part, back) => (path.endsWith('confirm') && !back ? { ...part, share: flip(part['share']) } : part),
    ],
    [
      'asks for another version',
      (path, part, back) => (path.endsWith('begin') && !back ? { ...part, pairing: 0 } : part),
    ],
  ])('who %s ends it', async (_what, alter) => {
    const bridge = createBridge(between(alter));
    expect((await bridge.pair(code)).ok).toBe(false);
    expect([disk.ownership, bridge.paired.size]).toEqual([null, 0]);
  });

  it('who gives the bridge a speaker of his own does not pass for the one at the address', async () => {
    const sealedElsewhere = between((path, part, back) =>
      path.endsWith('finish') && back ? { sealed: 'A'.repeat(40) } : part,
    );
    const bridge = createBridge(sealedElsewhere);
    expect(await bridge.pair(code)).toMatchObject({ ok: false, error: { code: 'fetch.unexpected-answer' } });
    expect(bridge.paired.size).toBe(0);
  });
});

describe('a second pairing', () => {
  it('has to wait while one is under way, and is refused once it has come to its end', async () => {
    const hold = Promise.withResolvers<void>();
    const doors = listenedDoors();
    const slow: SpeakerDoors = {
      ...doors,
      ask: async (at, path, body) => {
        if (path === PAIRING_PATHS.finish) await hold.promise;
        return doors.ask(at, path, body);
      },
    };
    const first = createBridge(slow).pair(code);
    await expect.poll(() => asked.length).toBe(2);
    expect(await createBridge().pair(code)).toMatchObject({ ok: false, error: { code: 'pairing.busy' } });
    hold.resolve();
    expect((await first).ok).toBe(true);
    expect(await createBridge().pair(code)).toMatchObject({ ok: false, error: { code: 'pairing.owned' } });
  });

  it('may have its turn when the first has gone away', async () => {
    await post(PAIRING_PATHS.begin, { pairing: 1, bridgeId: 'bridge-gone-away' });
    expect(await createBridge().pair(code)).toMatchObject({ error: { code: 'pairing.busy' } });
    await clock.advance(ms(PAIRING_ATTEMPT_MS));
    expect((await createBridge().pair(code)).ok).toBe(true);
  });
});

describe('a web page in a browser on the network', () => {
  const begin = { pairing: 1, bridgeId: 'bridge-of-a-page' };

  it.each([
    ['that has rebound its name', { host: 'evil.example' }, 'access.host-refused'],
    ['of another origin', { origin: 'http://evil.example' }, 'access.origin-refused'],
    ['of no origin that it tells', { origin: 'null' }, 'access.origin-refused'],
    ['that calls itself this speaker', { origin: 'http://127.0.0.1' }, 'access.origin-refused'],
    ['that sends a form', { 'content-type': 'text/plain' }, 'input.invalid'],
  ])('%s gets nothing', async (_what, headers, expected) => {
    const reply = await post(PAIRING_PATHS.begin, begin, headers);
    expect(JSON.parse(reply.text).error.code).toBe(expected);
    // The attempt has not begun: the owner's can.
    expect((await createBridge().pair(code)).ok).toBe(true);
  });
});

describe('the speaker’s door', () => {
  it('tells everybody whether it can be paired, and nobody the code', async () => {
    const info = await createHttpSpeakerDoors().info(address());
    expect(info).toMatchObject({ ok: true, value: { pairing: 'open' } });
    expect(JSON.stringify(info)).not.toContain(code);
  });

  it('opens the window for this machine alone, by the key in the speaker’s folder', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer other-key', LOCAL_KEY]) {
      const reply = await post(OPEN, {}, { authorization });
      expect([reply.status, reply.text.includes(code)]).toEqual([401, false]);
    }
    expect((await post(OPEN, {}, { authorization: `Bearer ${LOCAL_KEY}` })).text).toContain(code);
  });

  it('reads no more than 4 kB, and only so many questions a minute', async () => {
    expect((await post(PAIRING_PATHS.begin, 'x'.repeat(5_000))).status).toBe(413);
    const statuses = new Set<number>();
    for (let asking = 0; asking < POSTS_PER_MINUTE; asking += 1) {
      statuses.add((await post(PAIRING_PATHS.begin, {})).status);
    }
    expect(statuses).toEqual(new Set([400, 429]));
    // Others still have their turn, until all together have had theirs.
    const others: number[] = [];
    for (let asking = POSTS_PER_MINUTE; asking <= POSTS_OF_ALL_PER_MINUTE; asking += 1) {
      const from = `127.0.0.${1 + Math.floor(asking / (POSTS_PER_MINUTE - 1))}`;
      others.push((await post(PAIRING_PATHS.begin, {}, {}, from)).status);
    }
    expect([others[0], others.at(-2), others.at(-1)]).toEqual([400, 400, 429]);
  });

  it('refuses a wrong code and an attempt that there is not in the same bytes', async () => {
    await createBridge().pair(wrong());
    const ended = asked.at(-1);
    const unknown = await post(PAIRING_PATHS.finish, { ...ended?.body, attempt: 'A'.repeat(22) });
    expect(JSON.parse(unknown.text).error.code).toBe('pairing.refused');
    const begun = JSON.parse((await post(PAIRING_PATHS.begin, { pairing: 1, bridgeId: 'bridge-unknown' })).text);
    await post(PAIRING_PATHS.confirm, { ...asked[1]?.body, attempt: begun.attempt });
    const refused = await post(PAIRING_PATHS.finish, { ...ended?.body, attempt: begun.attempt });
    expect(refused).toEqual(unknown);
  });
});
