import { describe, expect, it } from 'vitest';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { ok } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import { createVirtualNetwork } from '#sim/network/virtual-transport';
import { SeededRandom } from '#sim/world/seeded-random';
import { Timeline } from '#sim/world/timeline';
import { VirtualClock } from '#sim/world/virtual-clock';
import { VirtualPhone } from './virtual-phone.ts';

const { valid, invalid } = loadGoldenVectors('phone');
const EVENTS = 'ws://bridge/events';
const HEARD_WITHIN = ms(100);

/** @returns what the phone has to say against an event socket on which `text` is the first word */
async function problemsOf(text: string): Promise<readonly string[]> {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const network = createVirtualNetwork(clock, random);
  network.listen(EVENTS, (link) => {
    link.listen({ received: () => {}, closed: () => {} });
    link.send(text);
  });
  const door = { eventsAddress: EVENTS, requestAddress: 'bridge', answer: async () => ok(undefined) };
  const phone = new VirtualPhone('phone', { clock, random, network, timeline: new Timeline(clock) }, door);
  phone.start();
  await clock.advance(HEARD_WITHIN);
  phone.stop();
  await clock.advance(HEARD_WITHIN);
  expect(clock.timers()).toEqual([]);
  return phone.problems();
}

describe('a simulated phone’s events socket', () => {
  it.each(valid.map((vector) => [vector.name, vector] as const))('reads: %s', async (_, { text }) => {
    for (const problem of await problemsOf(text)) expect(problem).not.toContain('what no phone understands');
  });

  it.each(invalid.map((vector) => [vector.name, vector] as const))('refuses: %s', async (_, { text, field }) => {
    const [problem] = await problemsOf(text);
    expect(problem).toContain('what no phone understands');
    if (field !== undefined) expect(problem).toContain(field);
  });
});
