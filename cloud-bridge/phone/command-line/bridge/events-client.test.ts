import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { household, session } from '../household.fixture.ts';
import { createEventsClient, type EventsListener } from './events-client.ts';

const RETRY_MS_MAX = ms(10_000);

function watch() {
  const clock = new VirtualClock();
  const sockets: { listener: EventsListener; isClosed: boolean }[] = [];
  const seen: HouseholdSnapshot[] = [];
  const waits: number[] = [];
  const client = createEventsClient(
    {
      clock,
      random: new SeededRandom(7),
      dial: (listener) => {
        const socket = { listener, isClosed: false };
        sockets.push(socket);
        return () => {
          socket.isClosed = true;
        };
      },
    },
    { changed: (view) => seen.push(view), lost: (_reason, retryInMs) => waits.push(retryInMs) },
  );
  client.start();
  const send = (message: object) => sockets.at(-1)?.listener.received(JSON.stringify(message));
  return { clock, client, sockets, seen, waits, send };
}

describe('events client', () => {
  it('joins differences to the snapshot', () => {
    const { send, seen } = watch();
    send(household({ revision: 4 }));
    send({ kind: 'householdDifference', baseRevision: 4, revision: 5, session: session({ playback: 'playing' }) });
    expect(seen.map((it) => [it.revision, it.session.playback, it.bridge.name])).toEqual([
      [4, 'stopped', 'Test bridge'],
      [5, 'playing', 'Test bridge'],
    ]);
  });

  it.each([
    ['a difference that does not follow', { kind: 'householdDifference', baseRevision: 9, revision: 10 }],
    ['a message it does not know', { kind: 'surprise' }],
  ])('connects anew after %s', async (_what, message) => {
    const { clock, sockets, send, seen } = watch();
    send(household({ revision: 4 }));
    send(message);
    expect(sockets[0]?.isClosed).toBe(true);
    await clock.advance(RETRY_MS_MAX);
    expect(sockets.length).toBe(2);
    send(household({ revision: 2 }));
    expect(seen.at(-1)?.revision).toBe(2);
  });

  it('waits longer after each loss, at random, and never gives up', async () => {
    const { clock, sockets, waits } = watch();
    for (let loss = 0; loss < 40; loss += 1) {
      sockets.at(-1)?.listener.closed('refused');
      await clock.advance(RETRY_MS_MAX);
    }
    expect(sockets.length).toBe(41);
    expect(Math.max(...waits.slice(0, 2))).toBeLessThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeGreaterThan(5_000);
    expect(new Set(waits).size).toBe(waits.length);
  });

  it('leaves no timer and no socket behind when stopped', () => {
    const first = watch();
    first.client.stop();
    expect(first.sockets[0]?.isClosed).toBe(true);
    const second = watch();
    second.sockets[0]?.listener.closed('gone');
    second.client.stop();
    expect(second.clock.timers()).toEqual([]);
  });
});
