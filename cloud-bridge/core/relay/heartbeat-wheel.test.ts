import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createVirtualProcess } from '#sim/world/virtual-process';
import { ASK_AFTER, HeartbeatWheel, LOOK_EVERY, type WatchedLink } from './heartbeat-wheel.ts';
import { HEARTBEAT_DEAD_AFTER, HEARTBEAT_EVERY } from './limits.ts';

const US_PER_MS = 1_000;

class Link implements WatchedLink {
  heardAtUs: number;
  asked = 0;
  diedAtUs: number | null = null;
  readonly #clock: VirtualClock;
  readonly #wheel: HeartbeatWheel;

  constructor(clock: VirtualClock, wheel: HeartbeatWheel) {
    this.#clock = clock;
    this.#wheel = wheel;
    this.heardAtUs = clock.nowUs();
    wheel.add(this);
  }

  ask(): void {
    this.asked += 1;
  }

  die(): void {
    this.diedAtUs = this.#clock.nowUs();
    this.#wheel.remove(this);
  }
}

describe('the heartbeats of all links', () => {
  it('leave alone who says something in time', async () => {
    const clock = new VirtualClock();
    const link = new Link(clock, new HeartbeatWheel(clock));
    for (let n = 0; n < 20; n += 1) {
      await clock.advance(HEARTBEAT_EVERY);
      link.heardAtUs = clock.nowUs();
    }
    expect([link.asked, link.diedAtUs]).toEqual([0, null]);
  });

  it('ask who is silent, and find its death out in time, whenever it fell silent', async () => {
    const clock = new VirtualClock();
    const wheel = new HeartbeatWheel(clock);
    const links: Link[] = [];
    for (let n = 0; n < 50; n += 1) {
      links.push(new Link(clock, wheel));
      await clock.advance(ms(173));
    }
    await clock.advance(HEARTBEAT_DEAD_AFTER);
    for (const { asked, diedAtUs, heardAtUs } of links) {
      const silentMs = ((diedAtUs ?? Number.POSITIVE_INFINITY) - heardAtUs) / US_PER_MS;
      expect(asked).toBeGreaterThan(3);
      expect(silentMs).toBeGreaterThanOrEqual(HEARTBEAT_DEAD_AFTER - LOOK_EVERY);
      expect(silentMs).toBeLessThanOrEqual(HEARTBEAT_DEAD_AFTER);
    }
    expect(clock.timers()).toEqual([]);
  });

  it('ask only after a heartbeat was due', async () => {
    const clock = new VirtualClock();
    const link = new Link(clock, new HeartbeatWheel(clock));
    await clock.advance(ms(ASK_AFTER - 1));
    expect(link.asked).toBe(0);
    await clock.advance(LOOK_EVERY);
    expect(link.asked).toBe(1);
  });

  it('take nobody for dead because this process was not running', async () => {
    const clock = new VirtualClock();
    const process = createVirtualProcess(clock);
    const link = new Link(clock, new HeartbeatWheel(process.clock));
    await clock.advance(ms(1_000));
    process.standStill();
    await clock.advance(ms(600_000));
    process.goOn();
    await clock.advance(ms(100));
    // What had come meanwhile is read now.
    link.heardAtUs = clock.nowUs();
    await clock.advance(HEARTBEAT_EVERY);
    expect(link.diedAtUs).toBeNull();
  });
});
