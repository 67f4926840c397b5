import { beforeEach, describe, expect, it } from 'vitest';
import type { Ownership } from '#device/core/ports/ownership-store';
import { base64url } from '#protocol/kit/base64url';
import { silentLogger } from '#protocol/kit/silent-logger';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { bridgeId, speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import type { Challenge } from '#protocol/wire/hello';
import { createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { ScriptedBridge } from '#sim/speakers/scripted-bridge';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { Session, type SessionView } from './session.ts';

const OPEN = 'ws://given:4747';
const SECURE = 'wss://home:4748';
const CONNECTED = 100;
const HOUSE: Ownership = {
  householdId: 'our-household',
  bridgeId: bridgeId('our-bridge-id'),
  bridgePublicKey: new Uint8Array(32).fill(1),
  tlsPin: new Uint8Array(32).fill(2),
  addresses: [SECURE],
  pairedAtMs: 0,
};

let clock: VirtualClock;
let network: VirtualNetwork;
let bridge: ScriptedBridge;
let challenges: (Challenge | null)[];
let disowned: number;

beforeEach(() => {
  clock = new VirtualClock();
  network = createVirtualNetwork(clock, new SeededRandom(1));
  bridge = new ScriptedBridge(clock);
  challenges = [];
  disowned = 0;
});

function challenge(key = 1): Challenge {
  const publicKey = base64url(new Uint8Array(32).fill(key));
  return { kind: 'challenge', nonce: 'n'.repeat(43), bridge: { id: HOUSE.bridgeId, publicKey }, isOpen: false };
}

function createSession(): Session {
  const view: SessionView = {
    hello: (given) => {
      challenges.push(given);
      return {
        kind: 'hello',
        protocol: 1,
        speaker: { id: speakerId('speaker-under-test'), name: 'Kitchen', model: 'test', version: '1' },
        capabilities: { hasVolume: true, codecs: ['opus'] },
        resume: null,
      };
    },
    welcomed: () => {},
    received: () => {},
    disconnected: () => {},
    disowned: () => {
      disowned += 1;
    },
  };
  const ports = { clock, random: new SeededRandom(3), logger: silentLogger, dialer: network.dialer, discovery: null };
  return new Session(ports, view, { bridgeAddress: OPEN, hasIdentity: true });
}

async function stop(session: Session): Promise<void> {
  const stopped = session.stop();
  await clock.advance(ms(2_000));
  await stopped;
  expect(clock.timers().filter((name) => name.startsWith('session'))).toEqual([]);
}

describe('a speaker with a key', () => {
  it('waits for the challenge, and answers it', async () => {
    network.listen(OPEN, bridge.accept);
    const session = createSession();
    session.start(null, { kind: 'openOnly' });
    await clock.advance(ms(CONNECTED));
    expect(bridge.hellos).toEqual([]);
    bridge.say(challenge());
    await clock.advance(ms(CONNECTED));
    expect(challenges).toEqual([challenge()]);
    expect(session.view().kind).toBe('connected');
    await stop(session);
  });

  it('greets a bridge that never challenges after a second, and a later challenge changes nothing', async () => {
    network.listen(OPEN, bridge.accept);
    bridge.isWelcoming = false;
    const session = createSession();
    session.start(null, { kind: 'openOnly' });
    await clock.advance(ms(1_000 + CONNECTED));
    bridge.say(challenge());
    await clock.advance(ms(CONNECTED));
    expect(challenges).toEqual([null]);
    expect(bridge.closes).toEqual([]);
    await stop(session);
  });

  it('takes a second challenge for what it is: out of order', async () => {
    network.listen(OPEN, bridge.accept);
    const session = createSession();
    session.start(null, { kind: 'openOnly' });
    await clock.advance(ms(CONNECTED));
    bridge.say(challenge());
    await clock.advance(ms(CONNECTED));
    bridge.say(challenge());
    await clock.advance(ms(CONNECTED));
    expect(bridge.closes.map(({ code }) => code)).toEqual([CLOSE_CODES.protocolError]);
    await stop(session);
  });

  it('signs nothing for a bridge that says it is ours with another key', async () => {
    network.listen(SECURE, bridge.accept, HOUSE.tlsPin);
    const session = createSession();
    session.start(null, { kind: 'house', house: HOUSE });
    await clock.advance(ms(CONNECTED));
    bridge.say(challenge(3));
    await clock.advance(ms(CONNECTED));
    expect(challenges).toEqual([]);
    expect(bridge.closes.map(({ code }) => code)).toEqual([CLOSE_CODES.identityRefused]);
    await stop(session);
  });
});

describe('a speaker of a house', () => {
  const goodbye = {
    kind: 'goodbye',
    error: { code: 'connect.not-paired', message: 'forgotten' },
    retryAfterMs: ms(60_000),
  } as const;

  it('is disowned by its own bridge alone', async () => {
    network.listen(OPEN, bridge.accept);
    const session = createSession();
    session.start(null, { kind: 'openOnly' });
    await clock.advance(ms(CONNECTED));
    bridge.say(goodbye);
    await clock.advance(ms(CONNECTED));
    expect(disowned).toBe(0);
    await stop(session);

    const own = new ScriptedBridge(clock);
    network.listen(SECURE, own.accept, HOUSE.tlsPin);
    const owned = createSession();
    owned.start(null, { kind: 'house', house: HOUSE });
    await clock.advance(ms(CONNECTED));
    own.say(goodbye);
    await clock.advance(ms(CONNECTED));
    expect(disowned).toBe(1);
    await stop(owned);
  });

  it('leaves whoever it spoke to as soon as it belongs to it', async () => {
    network.listen(OPEN, bridge.accept);
    const session = createSession();
    session.start(null, { kind: 'openOnly' });
    await clock.advance(ms(1_000 + CONNECTED));
    expect(session.view()).toMatchObject({ kind: 'connected', address: OPEN });
    const own = new ScriptedBridge(clock);
    network.listen(SECURE, own.accept, HOUSE.tlsPin);
    session.follow({ kind: 'house', house: HOUSE });
    await clock.advance(ms(1_000 + CONNECTED));
    expect(session.view()).toMatchObject({ kind: 'connected', address: SECURE });
    expect(bridge.closes.map(({ code }) => code)).toEqual([CLOSE_CODES.normal]);
    session.follow({ kind: 'nobody' });
    await clock.advance(ms(60_000));
    expect(session.view().kind).toBe('waiting');
    await stop(session);
  });
});
