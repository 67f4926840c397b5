/** The core of the proxy in virtual time: rate, delay, jitter, loss, order and turns, to the microsecond. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { CLEAR_PATH, type PathConditions } from './conditions.ts';
import { PACKET_BYTES } from './packet-luck.ts';
import { type Flow, ShapedPath } from './shaped-path.ts';

interface Arrival {
  readonly atMs: number;
  readonly data: Uint8Array;
}

function openPath(conditions: Partial<PathConditions>, seed = 1) {
  const clock = new VirtualClock();
  const path = new ShapedPath({ clock, random: new SeededRandom(seed) });
  path.set({ ...CLEAR_PATH, ...conditions });
  const open = (isStream = true) => {
    const came: Arrival[] = [];
    const flow: Flow = {
      waiting: [],
      isStream,
      deliver: (data) => came.push({ atMs: clock.nowUs() / 1_000, data }),
    };
    const send = (...packets: readonly Uint8Array[]) => {
      flow.waiting.push(...packets);
      path.offer(flow);
    };
    return { flow, came, send };
  };
  return { clock, path, open };
}

const numbered = (count: number, size = 100) =>
  Array.from({ length: count }, (_, place) => new Uint8Array(size).fill(place));
const sizeOf = (came: readonly Arrival[]) => came.reduce((sum, { data }) => sum + data.length, 0);
const bytesOf = (came: readonly Arrival[]) => came.flatMap(({ data }) => [...data]);

describe('a shaped path', () => {
  it('that is asked for nothing hands on at once, within the call', () => {
    const { open } = openPath({});
    const { came, send } = open();
    send(new Uint8Array(200_000));
    expect(sizeOf(came)).toBe(200_000);
  });

  it('delays by what was asked for, half a millisecond at most before it', async () => {
    const { clock, open } = openPath({ delayMs: 50 });
    const { came, send } = open();
    send(new Uint8Array(10));
    await clock.advance(ms(49));
    expect(came).toEqual([]);
    await clock.advance(ms(1));
    expect(came[0]?.atMs).toBeGreaterThanOrEqual(49.5);
  });

  it('carries its rate to within a thousandth, idle or in many pieces', async () => {
    const { clock, open } = openPath({ kbps: 1_000 });
    const { came, send } = open();
    await clock.advance(ms(5_000));
    send(...numbered(200, 2_500));
    await clock.advance(ms(2_000));
    expect(sizeOf(came)).toBeGreaterThan(250_000 - PACKET_BYTES);
    expect(sizeOf(came)).toBeLessThan(250_000 + PACKET_BYTES);
  });

  it('makes up for a timer that was late, and not for a pause of the program', async () => {
    const { clock, open } = openPath({ kbps: 1_000 });
    const { came, send } = open();
    send(new Uint8Array(1_000_000));
    for (let round = 0; round < 100; round += 1) {
      clock.stall(ms(15));
      await clock.advance(ms(5));
    }
    expect(sizeOf(came) / 250_000).toBeCloseTo(1, 1);
    const before = sizeOf(came);
    clock.stall(ms(5_000));
    await clock.advance(ms(1));
    expect(sizeOf(came) - before).toBeLessThan(5_000);
  });

  it('lets flows take turns, packet by packet', async () => {
    const { clock, open } = openPath({ kbps: 1_000 });
    const [one, other] = [open(), open()];
    one.send(new Uint8Array(100_000));
    other.send(new Uint8Array(100_000));
    await clock.advance(ms(400));
    expect(Math.abs(sizeOf(one.came) - sizeOf(other.came))).toBeLessThanOrEqual(2 * PACKET_BYTES);
  });

  it('carries nothing at no rate, and goes on when there is one', async () => {
    const { clock, path, open } = openPath({ kbps: 0 });
    const { came, send } = open();
    send(new Uint8Array(500));
    await clock.advance(ms(10_000));
    expect(came).toEqual([]);
    expect(clock.timers()).toEqual([]);
    path.set({ ...CLEAR_PATH, kbps: 1_000 });
    await clock.advance(ms(5));
    expect(sizeOf(came)).toBe(500);
  });

  it('holds what was sent while it is held, and loses none of it', async () => {
    const { clock, path, open } = openPath({ delayMs: 20 });
    const { came, send } = open();
    send(...numbered(3));
    path.hold(true);
    await clock.advance(ms(5_000));
    expect(came).toEqual([]);
    path.hold(false);
    await clock.advance(ms(20));
    expect(came.map(({ data }) => data[0])).toEqual([0, 1, 2]);
    expect(path.lateness.worstMs, 'it was not this program that was late').toBeLessThan(1);
    expect(clock.timers()).toEqual([]);
  });

  it('forgets a flow whole: nothing of it is delivered, and its timer goes', async () => {
    const { clock, path, open } = openPath({ delayMs: 20, kbps: 100 });
    const { flow, came, send } = open();
    send(...numbered(50));
    path.forget(flow);
    await clock.advance(ms(5_000));
    expect(came).toEqual([]);
    expect(clock.timers()).toEqual([]);
  });

  it('costs a stream that loses a packet a retransmission, with all that is behind it', async () => {
    const { clock, open } = openPath({ delayMs: 30, lossShare: 1 });
    const { came, send } = open();
    send(new Uint8Array(PACKET_BYTES));
    await clock.advance(ms(229));
    expect(came).toEqual([]);
    await clock.advance(ms(60_000));
    expect(sizeOf(came), 'it comes in the end').toBe(PACKET_BYTES);
  });

  it('loses as many datagrams as it says, delivers some twice and some late', async () => {
    const { clock, path, open } = openPath({ lossShare: 0.2, duplicateShare: 0.1, reorderShare: 0.1, delayMs: 5 });
    const { came, send } = open(false);
    for (const packet of numbered(2_000, 1)) {
      send(packet);
      await clock.advance(ms(1));
    }
    await clock.advance(ms(1_000));
    expect(path.counts.lost / 2_000).toBeCloseTo(0.2, 1);
    expect(came.length / (2_000 - path.counts.lost)).toBeCloseTo(1.1, 1);
    const places = came.map(({ data }) => data[0] ?? 0);
    const overtaken = places.filter((place, at) => at > 0 && place < (places[at - 1] ?? 0) && place !== 0);
    expect(overtaken.length).toBeGreaterThan(50);
  });

  it('spoils one bit of the packets that it was told to', () => {
    const { path, open } = openPath({});
    const { came, send } = open(false);
    path.corruptNext(2);
    send(...Array.from({ length: 4 }, () => new Uint8Array(64)));
    const wrong = came.map(({ data }) =>
      data.reduce((bits, byte) => bits + byte.toString(2).replaceAll('0', '').length, 0),
    );
    expect(wrong).toEqual([1, 1, 0, 0]);
  });

  it('keeps every byte of a stream in its place, whatever the network does', async () => {
    const share = fc.double({ min: 0, max: 0.4, noNaN: true });
    const way = fc.record({
      delayMs: fc.integer({ min: 0, max: 300 }),
      jitterMs: fc.integer({ min: 0, max: 300 }),
      kbps: fc.option(fc.integer({ min: 8, max: 20_000 })),
      lossShare: share,
      duplicateShare: share,
      reorderShare: share,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(way, way, sizes, fc.nat(), async (first, second, writes, seed) => {
        const { clock, path, open } = openPath(first, seed);
        const { came, send } = open();
        const sent = writes.map((size, place) => Uint8Array.from({ length: size }, (_, at) => (place * 31 + at) & 255));
        for (const [place, packet] of sent.entries()) {
          if (place === writes.length >> 1) path.set({ ...CLEAR_PATH, ...second });
          send(packet);
          await clock.advance(ms(50));
        }
        await clock.advance(ms(600_000));
        expect(bytesOf(came)).toEqual(sent.flatMap((packet) => [...packet]));
      }),
      { numRuns: 60 },
    );
  });

  it('does the same with the same seed', async () => {
    const run = async () => {
      const { clock, open } = openPath({ delayMs: 20, jitterMs: 20, kbps: 500, lossShare: 0.1, corruptShare: 0.1 }, 7);
      const { came, send } = open();
      send(...numbered(40, 1_000));
      await clock.advance(ms(60_000));
      return came.map(({ atMs, data }) => `${atMs} ${data.join()}`);
    };
    expect(await run()).toEqual(await run());
  });
});
