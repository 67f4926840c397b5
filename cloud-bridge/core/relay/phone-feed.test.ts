import { describe, expect, it } from 'vitest';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { speakerId } from '#protocol/vocabulary/ids';
import { frames, ms } from '#protocol/vocabulary/units';
import { MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';
import type { HouseholdEvent } from '#protocol/wire/household';
import { RelayRoom, trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import type { PhoneRequest } from '../ports/household.ts';
import { PHONE_REFRESH_EVERY } from './limits.ts';

async function room(): Promise<RelayRoom> {
  const it = new RelayRoom();
  await it.start();
  return it;
}

function play(speaker: ScriptedSpeaker): PhoneRequest {
  const trackIds = [trackNumber(1), trackNumber(2)];
  return { kind: 'play', speakerId: speakerId(speaker.id), contextUri: null, trackIds, index: 0, positionMs: ms(0) };
}

/** Every difference follows what came before it. */
function isUnbroken(events: readonly HouseholdEvent[]): boolean {
  let revision: number | null = null;
  for (const event of events) {
    if (event.kind === 'householdDifference' && event.baseRevision !== revision) return false;
    revision = event.revision;
  }
  return true;
}

describe('phones', () => {
  it('are told the household once, then what changed', async () => {
    const house = await room();
    const phone = await house.phone();
    expect(phone.events).toMatchObject([{ kind: 'householdSnapshot', speakers: [], bridge: { name: 'Room' } }]);
    await house.connected('kitchen');
    await house.run(ms(200));
    const later = phone.events.slice(1);
    expect(later.at(-1)).toMatchObject({
      kind: 'householdDifference',
      speakers: [{ name: 'kitchen', isOnline: true }],
    });
    expect(later.some((event) => event.ingest !== undefined)).toBe(false);
    expect(isUnbroken(phone.events)).toBe(true);
  });

  it('are told when each event was made, on a clock that only goes on', async () => {
    const house = await room();
    const phone = await house.phone();
    const first = phone.events[0]?.atMs;
    await house.run(ms(5_000));
    await house.connected('kitchen');
    await house.run(ms(200));
    const later = phone.events.at(-1)?.atMs;
    if (first === undefined || later === undefined) throw new Error('an event says when it was made');
    expect(later - first).toBeGreaterThanOrEqual(5_000);
    expect(later - first).toBeLessThan(5_300);
  });

  it('hear of a command’s change at once, with the track’s title', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.run(ms(1_000));
    const phone = await house.phone();
    await house.ask(play(kitchen));
    await house.run(ms(5));
    expect(phone.events.at(-1)).toMatchObject({
      kind: 'householdDifference',
      session: {
        playback: 'playing',
        track: { title: 'Title 1', artists: ['Somebody'] },
        next: [{ title: 'Title 2' }],
      },
    });
  });

  it('hear of other changes at most ten times a second', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    await house.run(ms(1_000));
    const phone = await house.phone();
    const before = phone.events.length;
    for (let n = 0; n < 100; n += 1) {
      kitchen.volume = n;
      kitchen.revision += 1;
      kitchen.snapshot();
      await house.run(ms(20));
    }
    const told = phone.events.length - before;
    expect(told).toBeGreaterThanOrEqual(18);
    expect(told).toBeLessThanOrEqual(21);
    await house.run(ms(200));
    expect(phone.events.at(-1)).toMatchObject({ speakers: [{ status: { volume: 99 } }] });
    expect(isUnbroken(phone.events)).toBe(true);
  });

  it('are told a playing position again only now and then, and at once when the position jumps', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    await house.run(ms(500));
    const startUs = house.clock.nowUs();
    kitchen.moveTo(frames(0));
    await house.run(ms(300));
    const phone = await house.phone();
    const before = phone.events.length;
    for (let n = 0; n < 8; n += 1) {
      await house.run(ms(1_000));
      kitchen.moveTo(frames(Math.floor(((house.clock.nowUs() - startUs) * 48_000) / 1_000_000)));
    }
    await house.run(ms(200));
    expect(phone.events.length).toBe(before);
    await house.run(PHONE_REFRESH_EVERY);
    expect(phone.events.length).toBe(before + 1);
    kitchen.moveTo(frames(48_000 * 40));
    await house.run(ms(200));
    const last = phone.events.at(-1);
    if (last?.kind !== 'householdDifference' || last.session === undefined) throw new Error('the session has changed');
    expect(Math.round(last.session.positionMs / 1_000)).toBe(40);
  });

  it('may not speak', async () => {
    const house = await room();
    const phone = await house.phone();
    phone.say('{"kind":"pause"}');
    await house.run(ms(50));
    expect(phone.ended).toEqual([CLOSE_CODES.invalidMessage]);
  });

  it('that do not read are cut, and the others go on', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const lazy = await house.phone();
    house.network.cut('phone', 'silent');
    const failures = Array.from({ length: 50 }, (_, n) => ({
      path: `/${n}/${'x'.repeat(250)}`,
      error: { code: 'ingest.unreadable-file' as const, message: 'no' },
    }));
    for (let n = 0; n < 40; n += 1) {
      house.changeIngest({ isRunning: true, folder: '/music', found: n, done: n, failed: 50, failures });
      await house.run(ms(150));
    }
    house.network.heal('phone');
    await house.run(ms(1_000));
    expect(lazy.ended).toEqual([CLOSE_CODES.slowReader]);
    expect(await house.ask(play(kitchen))).toMatchObject({ ok: true });
  });

  it('get an event that fits, however long the names of bad files are', async () => {
    const house = await room();
    const failures = Array.from({ length: 50 }, (_, n) => ({
      path: `/${n}/${'x'.repeat(4_000)}`,
      error: { code: 'ingest.unreadable-file' as const, message: 'no' },
    }));
    house.ingestView = { isRunning: false, folder: '/music', found: 50, done: 0, failed: 50, failures };
    const phone = await house.phone();
    const [snapshot] = phone.events;
    expect(JSON.stringify(snapshot).length).toBeLessThan(MESSAGE_LENGTH_MAX);
    expect(snapshot?.ingest).toMatchObject({ failed: 50, failures: [{ path: failures[0]?.path }, {}, {}, {}] });
  });

  it('see a track’s new data after the catalogue has changed', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    const reads = house.catalogueReads;
    await house.ask({ kind: 'pause', speakerId: null });
    expect(house.catalogueReads).toBe(reads);
    house.changeIngest({ isRunning: true, folder: '/music', found: 1, done: 1, failed: 0, failures: [] });
    await house.run(ms(200));
    expect(house.catalogueReads).toBe(reads + 1);
  });
});
