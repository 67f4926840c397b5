/** The network behind the doors, in virtual time: its trace, what is told over it, its cuts and its chances. */
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { createTrace, type NetworkTrace } from '#sim/network/trace';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { applyConditions, CLEAR, type ConditionsChange } from './conditions.ts';
import { isProfileName, PROFILE_NAMES, planOf } from './network-profiles.ts';
import { type NetworkConnection, type NetworkEvent, SimulatedNetwork } from './simulated-network.ts';

const RIDE = createTrace([
  { duration_ms: 1_000, bandwidth_kbps: 500, latency_ms: 80 },
  { duration_ms: 2_000, bandwidth_kbps: 0 },
]);

function openNetwork(change: ConditionsChange = {}, trace: NetworkTrace | null = null, seed = 1) {
  const clock = new VirtualClock();
  const events: NetworkEvent[] = [];
  const ports = { clock, random: new SeededRandom(seed), told: (event: NetworkEvent) => events.push(event) };
  const network = new SimulatedNetwork(ports, { base: applyConditions(CLEAR, change), trace });
  return { clock, network, events };
}

class Connection implements NetworkConnection {
  hasHole = false;
  resets = 0;

  reset(): void {
    this.resets += 1;
  }
}

describe('a simulated network', () => {
  it('is what its trace says when, and begins it again at its end', async () => {
    const { clock, network } = openNetwork({ down: { delayMs: 20 } }, RIDE);
    const seen: (number | null)[] = [];
    for (const wait of [500, 1_000, 2_000]) {
      await clock.advance(ms(wait));
      seen.push(network.conditions.down.kbps, network.conditions.down.delayMs);
    }
    expect(seen).toEqual([500, 80, 0, 20, 500, 80]);
  });

  it('keeps what it was told over its trace, field by field', async () => {
    const { clock, network } = openNetwork({}, RIDE);
    network.change({ down: { kbps: 64 } });
    network.change({ down: { jitterMs: 5 }, resetsPerMinute: 0 });
    await clock.advance(ms(1_500));
    expect(network.conditions.down).toMatchObject({ kbps: 64, jitterMs: 5 });
    expect(network.conditions.up.kbps).toBe(0);
  });

  it('resets connections by chance, about as often as it says', async () => {
    const { clock, network, events } = openNetwork({ resetsPerMinute: 6 });
    const connections = [new Connection(), new Connection()];
    for (const connection of connections) network.enter(connection);
    await clock.advance(ms(100 * 60_000));
    const resets = connections.map((connection) => connection.resets);
    expect(Math.min(...resets)).toBeGreaterThan(200);
    expect(resets.reduce((sum, count) => sum + count)).toBeGreaterThan(500);
    expect(resets.reduce((sum, count) => sum + count)).toBeLessThan(700);
    expect(events.every(({ kind }) => kind === 'reset')).toBe(true);
  });

  it('stalls for as long as it says, and goes on', async () => {
    const { clock, network, events } = openNetwork({ stallsPerMinute: 60, stallMs: 100 });
    let stalled = 0;
    for (let round = 0; round < 1_000; round += 1) {
      await clock.advance(ms(20));
      if (network.state().isStalled) stalled += 1;
    }
    expect(events.length).toBeGreaterThan(10);
    expect(stalled).toBeGreaterThan(events.length);
    network.change({ stallsPerMinute: 0 });
    await clock.advance(ms(100));
    expect(network.state().isStalled).toBe(false);
    expect(events.at(-1)).toEqual({ kind: 'flowing' });
    expect(clock.timers()).toEqual([]);
  });

  it('mended, resets those who have missed something and nobody else', () => {
    const { network } = openNetwork();
    const [whole, holed] = [new Connection(), new Connection()];
    network.enter(whole);
    network.enter(holed);
    network.cut('up', 'swallow');
    expect([network.swallows('up'), network.swallows('down')]).toEqual([true, false]);
    holed.hasHole = true;
    network.heal();
    expect([whole.resets, holed.resets]).toEqual([0, 1]);
    expect(network.swallows('up')).toBe(false);
  });

  it('leaves no timer when it is closed', () => {
    const { clock, network } = openNetwork({ resetsPerMinute: 1, stallsPerMinute: 1, stallMs: 10 }, RIDE);
    network.close();
    expect(clock.timers()).toEqual([]);
  });
});

describe('a profile', () => {
  it.each(PROFILE_NAMES)('%s is the same with the same seed, and carries music', (name) => {
    const [one, same] = [7, 7].map((seed) => planOf(name, new SeededRandom(seed)));
    expect(one?.trace?.stretches).toEqual(same?.trace?.stretches);
    const kbps = one?.trace?.stretches.map((stretch) => stretch.bandwidth_kbps) ?? [one?.base.down.kbps ?? Infinity];
    const mean = kbps.reduce((sum, it) => sum + it) / kbps.length;
    expect(mean).toBeGreaterThan(300);
  });

  it('is known by its own name only', () => {
    expect([isProfileName('home'), isProfileName('toString'), isProfileName('')]).toEqual([true, false, false]);
  });
});
