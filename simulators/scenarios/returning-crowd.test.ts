/**
 * A crowd of speakers whose bridge is killed and comes back: more at once than it can greet, each of them the real control
 * core in virtual time. All are back within a minute, and none was kept waiting until it gave up. Today's share is what
 * CI has time for; TONEARM_CROWD=5000 is all of it (a minute or two), and `npm run bench -- connect --rows return` is the
 * same with real sockets and keys.
 */
import { describe, expect, it } from 'vitest';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { crowdIdentity } from '#sim/crowd/crowd-identity';
import { CrowdSpeaker } from '#sim/crowd/crowd-speaker';
import { CrowdTally } from '#sim/crowd/crowd-tally';
import { createVirtualNetwork } from '#sim/network/virtual-transport';
import { SeededRandom } from '#sim/world/seeded-random';
import { Timeline } from '#sim/world/timeline';
import { BRIDGE_ADDRESS, VirtualBridge } from '#sim/world/virtual-bridge';
import { VirtualClock } from '#sim/world/virtual-clock';

const SPEAKERS = Number(process.env['TONEARM_CROWD'] ?? 1_500);
const COME_WITHIN: Ms = ms(60_000);
const AWAY: Ms = ms(3_000);

function crowd(seed: number) {
  const random = new SeededRandom(seed);
  const clock = new VirtualClock();
  const network = createVirtualNetwork(clock, random.fork('network'), { linksMax: 2 * SPEAKERS });
  const bridge = new VirtualBridge({ clock, random, network, air: null, timeline: new Timeline(clock) }, []);
  const tally = new CrowdTally();
  const speakers = Array.from({ length: SPEAKERS }, (_, number) => {
    const name = `crowd-${number}`;
    const ports = { clock: clock.ownedBy(name), random: random.fork(name), dialer: network.dialerAt(name), tally };
    return new CrowdSpeaker(ports, crowdIdentity(number), { address: BRIDGE_ADDRESS, house: null, pace: 1 });
  });
  return { clock, bridge, tally, speakers };
}

describe('a crowd that returns', () => {
  it(`of ${SPEAKERS}, at once: all are in within a minute, and none has given up`, { timeout: 300_000 }, async () => {
    const { clock, bridge, tally, speakers } = crowd(1);
    void bridge.start();
    for (const speaker of speakers) void speaker.switchOn();
    expect(await clock.runUntil(() => tally.up === SPEAKERS, COME_WITHIN), 'all have come').toBe(true);
    bridge.kill();
    await clock.advance(AWAY);
    expect(tally.up).toBe(0);
    const beforeTheirReturn = tally.timedOut;
    void bridge.start();
    expect(await clock.runUntil(() => tally.up === SPEAKERS, COME_WITHIN), 'all are back').toBe(true);
    expect(tally.timedOut - beforeTheirReturn, 'gave up waiting').toBe(0);
    for (const speaker of speakers) void speaker.switchOff();
    await clock.advance(ms(5_000));
  });
});
