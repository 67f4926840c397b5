/** The connection alone: where it dials, when it tries again, and what it does not do. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RETRY_CAP_MS, Session, type SessionView } from '#device/core/control/session';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { BrowseListener, Browser, Discovery } from '#protocol/ports/discovery';
import type { DialAttempt, TransportDialer, TransportLink } from '#protocol/ports/transport';
import { TonearmError } from '#protocol/vocabulary/errors';
import { speakerId } from '#protocol/vocabulary/ids';
import { assert, ok, type Result, refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { ScriptedBridge } from '#sim/speakers/scripted-bridge';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';

const GIVEN = 'ws://given:4747';

/** Dials the network, and remembers when it was asked to. */
class RecordingDialer implements TransportDialer {
  readonly dials: { address: string; atMs: number }[] = [];
  readonly #clock: VirtualClock;
  readonly #inner: TransportDialer;

  constructor(clock: VirtualClock, inner: TransportDialer) {
    this.#clock = clock;
    this.#inner = inner;
  }

  dial(address: string): DialAttempt {
    this.dials.push({ address, atMs: this.#clock.nowUs() / 1_000 });
    return this.#inner.dial(address);
  }
}

class ScriptedDiscovery implements Discovery {
  listener: BrowseListener | null = null;
  isStopped = false;

  advertise(): never {
    throw new Error('a connection advertises nothing');
  }

  browse(_type: string, listener: BrowseListener): Browser {
    this.listener = listener;
    return {
      stop: () => {
        this.isStopped = true;
      },
    };
  }

  find(address: string, name = 'bridge'): void {
    const service = { type: 'tonearm-bridge', name, host: `${name}.local`, port: 4747, txt: {}, addresses: [address] };
    this.listener?.found(service);
  }
}

let clock: VirtualClock;
let network: VirtualNetwork;
let dialer: RecordingDialer;
let discovery: ScriptedDiscovery;
let bridge: ScriptedBridge;
let seen: string[];

const view: SessionView = {
  hello: () => ({
    kind: 'hello',
    protocol: 1,
    speaker: { id: speakerId('speaker-under-test'), name: 'Kitchen', model: 'test', version: '1' },
    capabilities: { hasVolume: true, codecs: ['opus'] },
    resume: null,
  }),
  welcomed: (_welcome, address) => void seen.push(`welcomed at ${address}`),
  received: (message) => void seen.push(message.kind),
  disconnected: () => void seen.push('disconnected'),
  disowned: () => void seen.push('disowned'),
};

function createSession(bridgeAddress: string | null = GIVEN, through: TransportDialer = dialer): Session {
  const ports = { clock, random: new SeededRandom(3), logger: silentLogger, dialer: through, discovery };
  return new Session(ports, view, { bridgeAddress });
}

async function stop(session: Session): Promise<void> {
  const stopped = session.stop();
  await clock.advance(ms(2_000));
  await stopped;
  expect(clock.timers().filter((name) => name.startsWith('session') || name.startsWith('heartbeat'))).toEqual([]);
}

beforeEach(() => {
  clock = new VirtualClock();
  network = createVirtualNetwork(clock, new SeededRandom(1));
  dialer = new RecordingDialer(clock, network.dialerAt('speaker'));
  discovery = new ScriptedDiscovery();
  bridge = new ScriptedBridge(clock);
  seen = [];
});

describe('a connection with nobody there', () => {
  it('tries for ever, ever more rarely, never more rarely than its cap', async () => {
    const session = createSession();
    session.start(null);
    await clock.advance(ms(3_600_000));
    const gaps = dialer.dials.map((dial, index) => dial.atMs - (dialer.dials[index - 1]?.atMs ?? 0)).slice(1);
    // The mean wait is half the cap once it is reached.
    expect(dialer.dials.length).toBeGreaterThan(3_600_000 / RETRY_CAP_MS);
    expect(dialer.dials.length).toBeLessThan((3_600_000 / RETRY_CAP_MS) * 3);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(RETRY_CAP_MS + 100);
    expect(dialer.dials.filter((dial) => dial.atMs < 1_000).length).toBeGreaterThanOrEqual(2);
    await stop(session);
  });

  it('tries every place it knows in one round', async () => {
    const session = createSession();
    session.start('ws://last:4747');
    await clock.advance(ms(100));
    expect(dialer.dials.slice(0, 2).map((dial) => dial.address)).toEqual([GIVEN, 'ws://last:4747']);
    await stop(session);
    expect(discovery.isStopped).toBe(true);
  });

  it('goes where a bridge announces itself, at once', async () => {
    network.listen('ws://10.0.0.7:4747', bridge.accept);
    const session = createSession();
    session.start(null);
    await clock.advance(ms(60_000));
    discovery.find('10.0.0.7');
    await clock.advance(ms(100));
    expect(seen).toEqual(['welcomed at ws://10.0.0.7:4747']);
    await stop(session);
  });

  it('does not wait for an address that swallows what it is sent when a bridge announces itself elsewhere', async () => {
    network.listen('ws://old:4747', () => undefined);
    network.cut('ws://old:4747', 'silent');
    network.listen('ws://10.0.0.7:4747', bridge.accept);
    const session = createSession(null);
    session.start('ws://old:4747');
    await clock.advance(ms(100));
    discovery.find('10.0.0.7');
    await clock.advance(ms(100));
    expect(seen).toEqual(['welcomed at ws://10.0.0.7:4747']);
    await stop(session);
  });

  it('with no address at all waits for one to be announced', async () => {
    network.listen('ws://10.0.0.7:4747', bridge.accept);
    const session = createSession(null);
    session.start(null);
    await clock.advance(ms(60_000));
    expect(dialer.dials).toEqual([]);
    discovery.find('10.0.0.7');
    await clock.advance(ms(100));
    expect(session.view().kind).toBe('connected');
    await stop(session);
  });
});

describe('a connection', () => {
  it('does not hammer a bridge that welcomes and hangs up', async () => {
    network.listen(GIVEN, (link) => {
      bridge.accept(link);
      clock.setTimer('hang up', ms(50), () => bridge.hangUp());
    });
    const session = createSession();
    session.start(null);
    await clock.advance(ms(600_000));
    expect(dialer.dials.length).toBeLessThan(150);
    expect(dialer.dials.length).toBeGreaterThan(40);
    await stop(session);
  });

  it('leaves one that accepts and never answers, and one of another version', async () => {
    network.listen(GIVEN, bridge.accept);
    bridge.isWelcoming = false;
    const session = createSession();
    session.start(null);
    await clock.advance(ms(5_200));
    expect(bridge.closes[0]?.code).toBe(4001);
    bridge.isWelcoming = true;
    bridge.welcome = { ...bridge.welcome, protocol: 99 };
    await clock.advance(ms(10_000));
    expect(bridge.closes.at(-1)?.code).toBe(4002);
    expect(seen).toEqual([]);
    await stop(session);
  });

  it('keeps to the time it was told to stay away, whoever announces what', async () => {
    network.listen(GIVEN, bridge.accept);
    const session = createSession();
    session.start(null);
    await clock.advance(ms(100));
    bridge.say({ kind: 'goodbye', error: null, retryAfterMs: ms(30_000) });
    await clock.advance(ms(1_000));
    discovery.find('10.0.0.7');
    await clock.advance(ms(28_000));
    expect(dialer.dials).toHaveLength(1);
    await clock.advance(ms(3_000));
    expect(bridge.hellos).toHaveLength(2);
    await stop(session);
  });

  it('is not kept away for ever', async () => {
    network.listen(GIVEN, bridge.accept);
    const session = createSession();
    session.start(null);
    await clock.advance(ms(100));
    bridge.say({ kind: 'goodbye', error: null, retryAfterMs: ms(1e12) });
    await clock.advance(ms(601_000));
    expect(bridge.hellos).toHaveLength(2);
    await stop(session);
  });

  it('keeps its heartbeats within reason, whatever the welcome says', async () => {
    network.listen(GIVEN, bridge.accept);
    bridge.welcome = { ...bridge.welcome, heartbeatEveryMs: ms(0), heartbeatDeadAfterMs: ms(0) };
    const session = createSession();
    session.start(null);
    await clock.advance(ms(10_000));
    expect(bridge.heartbeats).toBeLessThanOrEqual(110);
    expect(session.view().kind).toBe('connected');
    bridge.isAlive = false;
    await clock.advance(ms(1_000));
    expect(seen).toContain('disconnected');
    await stop(session);
  });

  it('answers heartbeats', async () => {
    const said: string[] = [];
    network.listen(GIVEN, (link) => {
      link.listen({ received: (text) => said.push(text), closed: () => undefined });
      link.send(JSON.stringify(bridge.welcome));
      link.send(JSON.stringify({ kind: 'heartbeat', sequence: 41 }));
    });
    const session = createSession();
    session.start(null);
    await clock.advance(ms(1_000));
    expect(said).toContain(JSON.stringify({ kind: 'heartbeatAnswer', sequence: 41 }));
    await stop(session);
  });

  it('drops a link that comes after it was given up, and one that comes after the stop', async () => {
    const outcomes: ((outcome: Result<TransportLink, TonearmError>) => void)[] = [];
    const closed: number[] = [];
    const late: TransportLink = {
      send: () => true,
      queuedBytes: () => 0,
      close: (code) => void closed.push(code),
      listen: () => undefined,
    };
    // A dialer that settles only when it likes: the worst that the port allows.
    const slow: TransportDialer = {
      dial: () => ({
        outcome: new Promise((resolve) => outcomes.push(resolve)),
        cancel: () => undefined,
      }),
    };
    const session = createSession(null, slow);
    session.start('ws://old:4747');
    await clock.advance(ms(10));
    discovery.find('10.0.0.7');
    await clock.advance(ms(10));
    expect(outcomes).toHaveLength(2);
    outcomes[0]?.(ok(late));
    await clock.advance(ms(10));
    expect(closed).toEqual([1001]);
    expect(session.view()).toEqual({ kind: 'dialing', address: 'ws://10.0.0.7:4747' });
    await stop(session);
    outcomes[1]?.(ok(late));
    await clock.advance(ms(10));
    expect(closed).toEqual([1001, 1001]);
  });

  it('leaves a bridge that does not read what it is sent', async () => {
    let queued = 0;
    const link: TransportLink = {
      send: () => {
        queued += 1;
        return queued < 3;
      },
      queuedBytes: () => 0,
      close: (code) => void seen.push(`closed ${code}`),
      listen: (listener) =>
        void clock.setTimer('welcome', ms(1), () => listener.received(JSON.stringify(bridge.welcome))),
    };
    let dials = 0;
    const once: TransportDialer = {
      dial: () => {
        dials += 1;
        const outcome = dials === 1 ? ok(link) : refused(new TonearmError('connect.unreachable', 'gone'));
        return { outcome: Promise.resolve(outcome), cancel: () => undefined };
      },
    };
    const session = createSession(GIVEN, once);
    session.start(null);
    await clock.advance(ms(10));
    expect(seen).toEqual([`welcomed at ${GIVEN}`]);
    assert(session.send({ kind: 'heartbeatAnswer', sequence: 0 }) === false, 'the queue is full by now');
    expect(seen.slice(1)).toEqual(['disconnected', 'closed 4005']);
    expect(session.send({ kind: 'heartbeatAnswer', sequence: 1 })).toBe(false);
    await stop(session);
  });
});

describe('a connection of a machine whose addresses change', () => {
  it('dials at once instead of waiting', async () => {
    const session = createSession();
    session.start(null);
    await clock.advance(ms(300_000));
    network.listen(GIVEN, bridge.accept);
    session.networkChanged();
    await clock.advance(ms(100));
    expect(seen).toEqual([`welcomed at ${GIVEN}`]);
    await stop(session);
  });

  it('gives up what it is dialling from an address that has gone', async () => {
    let isHanging = true;
    const hanging: TransportDialer = {
      dial: (address) => {
        if (!isHanging) return dialer.dial(address);
        const { promise, resolve } = Promise.withResolvers<Result<TransportLink, TonearmError>>();
        return { outcome: promise, cancel: () => resolve(refused(new TonearmError('connect.unreachable', 'no more'))) };
      },
    };
    network.listen(GIVEN, bridge.accept);
    const session = createSession(GIVEN, hanging);
    session.start(null);
    await clock.advance(ms(100));
    isHanging = false;
    session.networkChanged();
    await clock.advance(ms(100));
    expect(seen).toEqual([`welcomed at ${GIVEN}`]);
    await stop(session);
  });

  it('asks whether the bridge is still there: if it is, nothing happens, else it is dialled anew within seconds', async () => {
    network.listen(GIVEN, bridge.accept);
    const session = createSession();
    session.start(null);
    await clock.advance(ms(1_000));
    session.networkChanged();
    await clock.advance(ms(10_000));
    expect(seen).toEqual([`welcomed at ${GIVEN}`]);
    network.cut('speaker', 'silent');
    session.networkChanged();
    await clock.advance(ms(3_000));
    expect(seen).toEqual([`welcomed at ${GIVEN}`, 'disconnected']);
    network.heal('speaker');
    session.networkChanged();
    await clock.advance(ms(1_000));
    expect(seen.at(-1)).toBe(`welcomed at ${GIVEN}`);
    await stop(session);
  });

  it('comes back when the bridge told it to, not sooner', async () => {
    network.listen(GIVEN, bridge.accept);
    const session = createSession();
    session.start(null);
    await clock.advance(ms(1_000));
    bridge.say({ kind: 'goodbye', error: null, retryAfterMs: ms(5_000) });
    await clock.advance(ms(1_000));
    const { length } = dialer.dials;
    session.networkChanged();
    await clock.advance(ms(1_000));
    expect(dialer.dials).toHaveLength(length);
    await stop(session);
  });
});
