/** What every bus must do, whatever carries it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, BusMessage, BusWill } from '#bridge/core/ports/bus';

export interface BusRoom {
  /** A connection; connected when this resolves. */
  dial(will?: BusWill): Promise<Bus>;
  /** Breaks it, as a pulled plug does. */
  cut(bus: Bus): Promise<void>;
  /** Lets time pass until the check holds. */
  until(holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Under this prefix everything is allowed to the connections of the room. */
const BASE = 'tonearm/suite-of-a-house';

export function busSuite(name: string, openRoom: () => Promise<BusRoom>): void {
  describe(`bus: ${name}`, () => {
    let room: BusRoom;
    let marks = 0;
    beforeEach(async () => {
      room = await openRoom();
    });
    afterEach(() => room.close());

    function hear(bus: Bus, filter: string): BusMessage[] {
      const heard: BusMessage[] = [];
      bus.subscribe(filter, (message) => heard.push(message));
      return heard;
    }

    /** Everything said before this has been delivered once the mark has come round. */
    async function settle(bus: Bus): Promise<void> {
      marks += 1;
      const own = String(marks);
      let hasCome = false;
      const mark = bus.subscribe(`${BASE}/mark`, ({ text }) => {
        hasCome ||= text === own;
      });
      await room.until(() => {
        bus.publish(`${BASE}/mark`, own);
        return hasCome;
      });
      mark.end();
    }

    it('delivers in order to whoever has asked for the topic, and to the publisher', async () => {
      const [one, two] = [await room.dial(), await room.dial()];
      const all = hear(two, `${BASE}/a/#`);
      const level = hear(two, `${BASE}/b/+/c`);
      const own = hear(one, `${BASE}/a/x`);
      await settle(two);
      await settle(one);
      for (let n = 0; n < 20; n += 1) one.publish(`${BASE}/a/x`, String(n));
      one.publish(`${BASE}/b/x/c`, 'yes');
      one.publish(`${BASE}/b/x/d`, 'no');
      await room.until(() => all.length >= 20 && own.length >= 20 && level.length >= 1);
      expect(all.map((message) => message.text)).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
      expect(own.map((message) => message.text)).toEqual(all.map((message) => message.text));
      expect(level).toEqual([{ topic: `${BASE}/b/x/c`, text: 'yes', isRetained: false }]);
    });

    it('keeps the last retained message of a topic for who comes later, until an empty one', async () => {
      const one = await room.dial();
      one.publish(`${BASE}/r/x`, 'old', { isRetained: true });
      one.publish(`${BASE}/r/x`, 'grün', { isRetained: true });
      one.publish(`${BASE}/r/y`, 'gone', { isRetained: true });
      one.publish(`${BASE}/r/y`, '', { isRetained: true });
      one.publish(`${BASE}/r/z`, 'not kept');
      await settle(one);
      const two = await room.dial();
      const heard = hear(two, `${BASE}/r/+`);
      await settle(two);
      expect(heard).toEqual([{ topic: `${BASE}/r/x`, text: 'grün', isRetained: true }]);
      one.publish(`${BASE}/r/x`, '', { isRetained: true });
      await room.until(() => heard.length === 2);
    });

    it('says what a connection wanted said when it breaks, and not when it is closed', async () => {
      const watcher = await room.dial();
      const heard = hear(watcher, `${BASE}/will/+`);
      await settle(watcher);
      const broken = await room.dial({ topic: `${BASE}/will/broken`, text: 'lost' });
      const closed = await room.dial({ topic: `${BASE}/will/closed`, text: 'lost' });
      await closed.close();
      await room.cut(broken);
      await room.until(() => heard.length > 0);
      await settle(watcher);
      expect(heard).toEqual([{ topic: `${BASE}/will/broken`, text: 'lost', isRetained: false }]);
    });

    it('comes back by itself, listening to the same topics before it says so', async () => {
      const [one, two] = [await room.dial(), await room.dial()];
      const heard = hear(one, `${BASE}/back/+`);
      const told: boolean[] = [];
      one.watch((isConnected) => {
        told.push(isConnected);
        if (isConnected && told.length > 1) two.publish(`${BASE}/back/x`, 'welcome');
      });
      await room.until(() => told.length === 1);
      await room.cut(one);
      await room.until(() => heard.length > 0);
      expect(told).toEqual([true, false, true]);
      expect(heard[0]?.text).toBe('welcome');
    });

    it('is silent once a subscription or the connection has ended', async () => {
      const [one, two] = [await room.dial(), await room.dial()];
      const heard: string[] = [];
      const subscription = one.subscribe(`${BASE}/quiet`, ({ text }) => heard.push(text));
      await settle(one);
      two.publish(`${BASE}/quiet`, 'first');
      await room.until(() => heard.length === 1);
      subscription.end();
      subscription.end();
      two.publish(`${BASE}/quiet`, 'second');
      await settle(two);
      await settle(one);
      await one.close();
      await one.close();
      expect(one.publish(`${BASE}/quiet`, 'from nowhere')).toBe(false);
      expect(heard).toEqual(['first']);
    });
  });
}
