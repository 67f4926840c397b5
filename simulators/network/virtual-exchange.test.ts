/** One question and one answer: every way in which an HTTP request ends, ends a virtual one. */
import { describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result } from '#protocol/vocabulary/result';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { type ExchangeTerms, exchange } from './virtual-exchange.ts';
import { createVirtualNetwork } from './virtual-transport.ts';

const BRIDGE = 'ws://bridge';

function rig() {
  const clock = new VirtualClock();
  const network = createVirtualNetwork(clock, new SeededRandom(1));
  network.listen(BRIDGE, () => {});
  const thinking = (time: Ms): (() => Promise<Result<string, TonearmError>>) => {
    return () => new Promise((resolve) => clock.setTimer('thinks', time, () => resolve(ok('answer'))));
  };
  const ask = (serve: () => Promise<Result<string, TonearmError>>, terms: ExchangeTerms<string> = {}) => {
    const pending = exchange({ clock, network }, { from: 'phone', to: BRIDGE }, serve, terms);
    const seen: { result?: string; atMs?: number } = {};
    void pending.outcome.then((outcome) => {
      seen.result = outcome.ok ? outcome.value : outcome.error.code;
      seen.atMs = clock.nowUs() / 1000;
    });
    return { pending, seen };
  };
  return { clock, network, ask, thinking };
}

describe('exchange', () => {
  it('brings the answer after both ways, the thinking and the bytes', async () => {
    const { clock, ask, thinking } = rig();
    const { seen } = ask(thinking(ms(100)), { size: () => 1_000, kbps: 80 });
    await clock.advance(ms(1_000));
    expect(seen.result).toBe('answer');
    // 3 to 7 ms each way, 100 of thinking, 8,000 bits at 80 kbit/s.
    expect(seen.atMs).toBeGreaterThanOrEqual(206);
    expect(seen.atMs).toBeLessThanOrEqual(215);
    expect(clock.timers()).toEqual([]);
  });

  it('is refused where nobody listens, and where the way is cut', async () => {
    const { clock, network, ask, thinking } = rig();
    network.kill(BRIDGE);
    const dead = ask(thinking(ms(1)));
    await clock.advance(ms(50));
    expect(dead.seen.result).toBe('fetch.unreachable');
    network.listen(BRIDGE, () => {});
    network.cut('phone', 'reset');
    const cut = ask(thinking(ms(1)));
    await clock.advance(ms(50));
    expect(cut.seen.result).toBe('fetch.unreachable');
  });

  it('breaks when who was asked dies while it thinks, also when another has taken its place', async () => {
    const { clock, network, ask, thinking } = rig();
    const { seen } = ask(thinking(ms(2_000)));
    await clock.advance(ms(100));
    network.kill(BRIDGE);
    network.listen(BRIDGE, () => {});
    await clock.advance(ms(500));
    expect(seen.result).toBe('fetch.unreachable');
    await clock.advance(ms(3_000));
    expect(clock.timers()).toEqual([]);
  });

  it('waits on a silent path: the answer comes late when it heals, and the time-out ends it when it does not', async () => {
    const { clock, network, ask, thinking } = rig();
    network.cut(BRIDGE, 'silent');
    const patient = ask(thinking(ms(1)));
    const hopeless = ask(thinking(ms(1)), { timeout: ms(1_000) });
    await clock.advance(ms(2_000));
    expect([patient.seen.result, hopeless.seen.result]).toEqual([undefined, 'fetch.timed-out']);
    network.heal(BRIDGE);
    await clock.advance(ms(500));
    expect(patient.seen.result).toBe('answer');
  });

  it('ends once when it is cancelled, and hands on a refusal', async () => {
    const { clock, ask, thinking } = rig();
    const { pending, seen } = ask(thinking(ms(100)));
    pending.cancel();
    pending.cancel();
    const no = ask(async () => ({ ok: false, error: new TonearmError('catalogue.not-found', 'no') }));
    await clock.advance(ms(500));
    expect([seen.result, no.seen.result]).toEqual(['fetch.cancelled', 'catalogue.not-found']);
    expect(clock.timers()).toEqual([]);
  });
});
