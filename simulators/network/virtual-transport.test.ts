/** What the network adds to the transport's contract: faults on command, and order whatever the jitter. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSE_CODES, type TransportLink } from '#protocol/ports/transport';
import { ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualNetwork, type VirtualNetwork, type VirtualNetworkOptions } from './virtual-transport.ts';

const BRIDGE = 'ws://bridge';

interface Ear {
  readonly link: TransportLink;
  readonly heard: { readonly text: string; readonly atMs: number }[];
  readonly closes: number[];
}

class Rig {
  readonly clock = new VirtualClock();
  readonly network: VirtualNetwork;
  readonly accepted: Ear[] = [];

  constructor(options: VirtualNetworkOptions = {}, seed = 1) {
    this.network = createVirtualNetwork(this.clock, new SeededRandom(seed), options);
    this.network.listen(BRIDGE, (link) => this.accepted.push(this.ear(link)));
  }

  ear(link: TransportLink): Ear {
    const ear: Ear = { link, heard: [], closes: [] };
    link.listen({
      received: (text) => ear.heard.push({ text, atMs: this.clock.nowUs() / 1000 }),
      closed: (code) => ear.closes.push(code),
    });
    return ear;
  }

  async connect(place: string): Promise<{ near: Ear; far: Ear }> {
    let near: Ear | undefined;
    void this.network
      .dialerAt(place)
      .dial(BRIDGE)
      .outcome.then((outcome) => {
        if (outcome.ok) near = this.ear(outcome.value);
      });
    await this.clock.runUntil(() => near !== undefined, ms(1_000));
    const far = this.accepted.at(-1);
    if (near === undefined || far === undefined) throw new Error('no link');
    return { near, far };
  }
}

describe('virtual network', () => {
  it('keeps order and stays within its delays for any schedule of sends', async () => {
    const schedule = fc.array(fc.nat(20), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(schedule, fc.nat(1_000), async (gaps, seed) => {
        const rig = new Rig({ latency: ms(5), jitter: ms(50) }, seed);
        const { near, far } = await rig.connect('speaker');
        const sentAtMs: number[] = [];
        for (const gap of gaps) {
          await rig.clock.advance(ms(gap));
          near.link.send(String(sentAtMs.length));
          sentAtMs.push(rig.clock.nowUs() / 1000);
        }
        await rig.clock.advance(ms(1_000));
        expect(far.heard.map(({ text }) => text)).toEqual(sentAtMs.map((_, place) => String(place)));
        for (const [place, { atMs }] of far.heard.entries()) {
          const took = atMs - (sentAtMs[place] ?? 0);
          expect(took).toBeGreaterThanOrEqual(5);
          expect(took).toBeLessThanOrEqual(55.001);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('holds messages back on a silent path and delivers them late, in order', async () => {
    const rig = new Rig();
    const { near, far } = await rig.connect('speaker');
    near.link.send('under way when it went silent');
    rig.network.cut('speaker', 'silent');
    near.link.send('into the silence');
    await rig.clock.advance(ms(30_000));
    expect(far.heard).toEqual([]);
    expect([near.closes, far.closes]).toEqual([[], []]);
    expect(near.link.queuedBytes()).toBe('into the silence'.length);
    rig.network.heal('speaker');
    await rig.clock.advance(ms(100));
    expect(far.heard.map(({ text }) => text)).toEqual(['under way when it went silent', 'into the silence']);
    expect(near.link.queuedBytes()).toBe(0);
  });

  it('lets an end that gave up on a silent path be noticed only after it heals', async () => {
    const rig = new Rig();
    const { near, far } = await rig.connect('speaker');
    rig.network.cut(BRIDGE, 'silent');
    near.link.close(CLOSE_CODES.heartbeatLost, 'nothing heard');
    await rig.clock.advance(ms(60_000));
    expect([near.closes, far.closes]).toEqual([[CLOSE_CODES.heartbeatLost], []]);
    rig.network.heal(BRIDGE);
    await rig.clock.advance(ms(100));
    expect(far.closes).toEqual([CLOSE_CODES.heartbeatLost]);
  });

  it('breaks every link of a place that is cut with a reset, refuses dials, and takes them again when healed', async () => {
    const rig = new Rig();
    const first = await rig.connect('first');
    const second = await rig.connect('second');
    rig.network.cut('first', 'reset');
    await rig.clock.advance(ms(10));
    expect([first.near.closes, first.far.closes]).toEqual([[1006], [1006]]);
    expect([second.near.closes, second.far.closes]).toEqual([[], []]);
    const outcome = rig.network.dialerAt('first').dial(BRIDGE).outcome;
    await rig.clock.advance(ms(100));
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'connect.unreachable' } });
    rig.network.heal('first');
    await expect(rig.connect('first')).resolves.toBeDefined();
  });

  it('lets a dial into silence wait, open when it heals in time, and give up when it does not', async () => {
    const rig = new Rig();
    rig.network.cut('speaker', 'silent');
    const patient = rig.network.dialerAt('speaker').dial(BRIDGE).outcome;
    await rig.clock.advance(ms(4_000));
    rig.network.heal('speaker');
    await rig.clock.advance(ms(100));
    expect((await patient).ok).toBe(true);
    rig.network.cut('speaker', 'silent');
    const hopeless = rig.network.dialerAt('speaker').dial(BRIDGE).outcome;
    await rig.clock.advance(ms(5_500));
    expect(await hopeless).toMatchObject({ ok: false, error: { code: 'connect.unreachable' } });
  });

  it('tells the peers of a killed process 1006, after what it had sent, and the process itself nothing', async () => {
    const rig = new Rig();
    const { near, far } = await rig.connect('speaker');
    far.link.send('said before dying');
    near.link.send('never read');
    rig.network.kill(BRIDGE);
    await rig.clock.advance(ms(100));
    expect(near.heard.map(({ text }) => text)).toEqual(['said before dying']);
    expect(near.closes).toEqual([1006]);
    expect([far.heard, far.closes]).toEqual([[], []]);
    expect(far.link.send('from the grave')).toBe(false);
    const outcome = rig.network.dialerAt('speaker').dial(BRIDGE).outcome;
    await rig.clock.advance(ms(100));
    expect((await outcome).ok).toBe(false);
  });

  it('bounds what may wait, and counts what happened', async () => {
    const rig = new Rig({ queueBytesMax: 100 });
    const { near } = await rig.connect('speaker');
    rig.network.cut('speaker', 'silent');
    expect(near.link.send('x'.repeat(90))).toBe(true);
    expect(near.link.send('x'.repeat(20))).toBe(false);
    expect(rig.network.statistics()).toMatchObject({ sent: 1, refused: 1, queuedBytesPeak: 90, linksOpen: 1 });
    rig.network.breakLinks('speaker');
    await rig.clock.advance(ms(10));
    expect(rig.network.statistics()).toMatchObject({ lost: 1, linksOpen: 0, linksOpened: 1 });
    expect(rig.clock.timers()).toEqual([]);
  });
});
