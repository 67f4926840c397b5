/** What shapes, one-way partitions, forgotten links and names do to links and requests. */
import { describe, expect, it } from 'vitest';
import { CLOSE_CODES, type TransportLink } from '#protocol/ports/transport';
import { ok } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createTrace } from './trace.ts';
import { exchange } from './virtual-exchange.ts';
import { ANYWHERE } from './virtual-reach.ts';
import { createVirtualNetwork } from './virtual-transport.ts';

const BRIDGE = 'ws://10.0.0.1:4747';
const BY_NAME = 'ws://bridge.house:4747';

interface Ear {
  readonly link: TransportLink;
  readonly heard: { readonly text: string; readonly atMs: number }[];
  readonly closes: number[];
}

function rig(seed = 1) {
  const clock = new VirtualClock();
  const network = createVirtualNetwork(clock, new SeededRandom(seed), { latency: ms(5), jitter: ms(0) });
  const accepted: Ear[] = [];
  const ear = (link: TransportLink): Ear => {
    const it: Ear = { link, heard: [], closes: [] };
    link.listen({
      received: (text) => it.heard.push({ text, atMs: clock.nowUs() / 1_000 }),
      closed: (code) => it.closes.push(code),
    });
    return it;
  };
  network.listen(BRIDGE, (link) => accepted.push(ear(link)));
  network.names.set('bridge.house', '10.0.0.1');
  const dial = async (
    address: string,
    limit = 6_000,
  ): Promise<{ outcome: string; tookMs: number; near: Ear | null }> => {
    const fromUs = clock.nowUs();
    let near: Ear | null = null;
    let outcome = 'nothing';
    void network
      .dialerAt('speaker')
      .dial(address)
      .outcome.then((result) => {
        outcome = result.ok ? 'open' : result.error.code;
        if (result.ok) near = ear(result.value);
      });
    await clock.runUntil(() => outcome !== 'nothing', ms(limit));
    return { outcome, tookMs: (clock.nowUs() - fromUs) / 1_000, near };
  };
  const connect = async (): Promise<{ near: Ear; far: Ear }> => {
    const { near } = await dial(BRIDGE);
    const far = accepted.at(-1);
    if (near === null || far === undefined) throw new Error('no link');
    return { near, far };
  };
  const ask = (mayRepeat = false) => {
    const seen = { served: 0, result: 'nothing' };
    void exchange(
      { clock, network },
      { from: 'phone', to: BRIDGE },
      async () => {
        seen.served += 1;
        return ok('answer');
      },
      { mayRepeat },
    ).outcome.then((outcome) => {
      seen.result = outcome.ok ? outcome.value : outcome.error.code;
    });
    return seen;
  };
  return { clock, network, dial, connect, ask };
}

describe('a shaped place', () => {
  it('is farther away, each way, and near again when it is mended, also for what was under way', async () => {
    const { clock, network, connect } = rig();
    const { near, far } = await connect();
    network.shape('speaker', { latency: ms(300) });
    near.link.send('far');
    await clock.advance(ms(304));
    expect(far.heard).toEqual([]);
    await clock.advance(ms(2));
    expect(far.heard.map(({ text }) => text)).toEqual(['far']);
    far.link.send('there');
    await clock.advance(ms(10));
    network.shape('speaker', null);
    await clock.advance(ms(6));
    expect(near.heard.map(({ text }) => text)).toEqual(['there']);
  });

  it('carries no more than its trace, each way by itself, and nothing where the trace has nothing', async () => {
    const { clock, network, connect } = rig();
    const { near, far } = await connect();
    const startMs = clock.nowUs() / 1_000;
    network.shape('speaker', {
      trace: createTrace([
        { duration_ms: 1_000, bandwidth_kbps: 80 },
        { duration_ms: 2_000, bandwidth_kbps: 0 },
      ]),
    });
    // 80 kbit/s are 10 bytes a millisecond: 5,000 bytes take half a second, so the third waits for the next round.
    for (let place = 0; place < 3; place += 1) near.link.send('x'.repeat(5_000));
    far.link.send('the other way is free');
    await clock.advance(ms(10_000));
    expect(far.heard.map(({ atMs }) => Math.round(atMs - startMs))).toEqual([505, 1_005, 3_505]);
    expect(near.heard.map(({ atMs }) => atMs - startMs < 20)).toEqual([true]);
  });

  it('loses nothing of a link, in order, and is late by what had to be sent again', async () => {
    const { clock, network, connect } = rig(3);
    const { near, far } = await connect();
    network.shape('speaker', { lossRate: 0.3 });
    const texts = Array.from({ length: 40 }, (_, place) => String(place));
    const startMs = clock.nowUs() / 1_000;
    for (const text of texts) near.link.send(text);
    await clock.advance(ms(60_000));
    expect(far.heard.map(({ text }) => text)).toEqual(texts);
    expect((far.heard.at(-1)?.atMs ?? 0) - startMs).toBeGreaterThan(200);
  });

  it('loses requests: of some the question, of some the answer; and repeats those that may be', async () => {
    const { clock, network, ask } = rig();
    network.shape('phone', { requestLossRate: 1 });
    const lost = Array.from({ length: 20 }, () => ask());
    await clock.advance(ms(11_000));
    expect(lost.every(({ result }) => result === 'fetch.timed-out')).toBe(true);
    expect(new Set(lost.map(({ served }) => served))).toEqual(new Set([0, 1]));
    network.shape('phone', { requestRepeatRate: 1 });
    const [once, twice] = [ask(false), ask(true)];
    await clock.advance(ms(100));
    expect([once, twice]).toEqual([
      { served: 1, result: 'answer' },
      { served: 2, result: 'answer' },
    ]);
  });

  it('that never carries anything is refused', () => {
    const { network } = rig();
    const trace = createTrace([{ duration_ms: 1, bandwidth_kbps: 0 }]);
    expect(() => network.shape('speaker', { trace })).toThrow('never carries anything');
  });
});

describe('a way that is parted', () => {
  it('carries the other direction, holds back its own, and lets nobody dial', async () => {
    const { clock, network, connect, dial } = rig();
    const { near, far } = await connect();
    network.part('speaker', ANYWHERE);
    near.link.send('unheard');
    far.link.send('heard');
    await clock.advance(ms(1_000));
    expect([far.heard.length, near.heard.length]).toEqual([0, 1]);
    expect([near.link.queuedBytes(), far.link.queuedBytes()]).toEqual(['unheard'.length, 0]);
    expect((await dial(BRIDGE)).outcome).toBe('connect.unreachable');
    network.rejoin('speaker', ANYWHERE);
    await clock.advance(ms(100));
    expect(far.heard.map(({ text }) => text)).toEqual(['unheard']);
  });

  it('takes in a question whose answer does not come back', async () => {
    const { clock, network, ask } = rig();
    network.part(BRIDGE, 'phone');
    const seen = ask();
    await clock.advance(ms(5_000));
    expect(seen).toEqual({ served: 1, result: 'nothing' });
    network.rejoin(BRIDGE, 'phone');
    await clock.advance(ms(500));
    expect(seen.result).toBe('answer');
  });
});

describe('links that nobody is told of', () => {
  it('stay open at both ends when they are forgotten, and dead for good', async () => {
    const { clock, network, connect } = rig();
    const { near, far } = await connect();
    network.forgetLinks('speaker');
    near.link.send('into nothing');
    network.cut('speaker', 'silent');
    network.heal('speaker');
    await clock.advance(ms(59_000));
    expect([far.heard, near.closes, far.closes]).toEqual([[], [], []]);
    expect(near.link.queuedBytes()).toBe('into nothing'.length);
    await clock.advance(ms(2_000));
    expect([far.heard, near.closes, far.closes]).toEqual([[], [1006], [1006]]);
    expect(network.joins('speaker', [BRIDGE])).toBe(false);
    expect(await connect()).toBeDefined();
    expect(network.joins('speaker', [BRIDGE])).toBe(true);
    network.part(BRIDGE, ANYWHERE);
    expect(network.joins('speaker', [BRIDGE])).toBe(false);
  });

  it('have one end when a machine loses its power', async () => {
    const { clock, network, connect } = rig();
    const { near, far } = await connect();
    network.vanish('speaker');
    expect(near.link.send('from the grave')).toBe(false);
    far.link.send('to the dead');
    await clock.advance(ms(59_000));
    expect([far.closes, near.heard]).toEqual([[], []]);
    expect(far.link.queuedBytes()).toBe('to the dead'.length);
    far.link.close(CLOSE_CODES.heartbeatLost, 'nothing heard');
    await clock.advance(ms(1));
    expect(clock.timers()).toEqual([]);
  });
});

describe('a name', () => {
  it('means its host, and what it meant last while its server fails', async () => {
    const { network, dial } = rig();
    expect(await dial(BY_NAME)).toMatchObject({ outcome: 'open' });
    for (const kind of ['not-found', 'fails', 'silent'] as const) {
      network.names.trouble('bridge.house', { kind });
      const { outcome, tookMs } = await dial(BY_NAME);
      expect([kind, outcome]).toEqual([kind, 'open']);
      expect(tookMs).toBeLessThan(2_000);
    }
  });

  it('that was never known is refused at once, after a while, or given up, as its server does', async () => {
    for (const [kind, within] of [
      ['not-found', 100],
      ['fails', 1_500],
      ['silent', 6_000],
    ] as const) {
      const { network, dial } = rig();
      network.names.trouble('bridge.house', { kind });
      const { outcome, tookMs } = await dial(BY_NAME);
      expect(outcome).toBe('connect.unreachable');
      expect(tookMs).toBeLessThanOrEqual(within);
      network.names.trouble('bridge.house', null);
      expect((await dial(BY_NAME)).outcome).toBe('open');
    }
  });

  it('that leads elsewhere does so until it is asked again, and is forgotten with the process', async () => {
    const { network, dial } = rig();
    expect((await dial(BY_NAME)).outcome).toBe('open');
    network.names.trouble('bridge.house', { kind: 'wrong', host: '10.0.0.66' });
    expect((await dial(BY_NAME)).outcome).toBe('connect.unreachable');
    network.names.trouble('bridge.house', { kind: 'not-found' });
    expect((await dial(BY_NAME)).outcome).toBe('connect.unreachable');
    network.kill('speaker');
    network.names.trouble('bridge.house', null);
    expect((await dial(BY_NAME)).outcome).toBe('open');
  });
});
