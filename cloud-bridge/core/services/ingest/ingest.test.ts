import { afterEach, describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { refused } from '#protocol/vocabulary/result';
import { ms } from '#protocol/vocabulary/units';
import type { IngestView } from '#protocol/wire/household';
import { IngestRoom } from '#sim/content/ingest-room';
import { PASSED_OVER_MAX } from './encode-lanes.ts';
import { ROOM_AGAIN_AFTER_MS } from './ingest.ts';
import { LADDER_KBPS } from './quality-ladder.ts';

const ALL = { offset: 0, limit: 100 };
const rooms: IngestRoom[] = [];
afterEach(() => {
  for (const room of rooms.splice(0)) room.close();
});

function newRoom(): IngestRoom {
  const room = new IngestRoom();
  rooms.push(room);
  return room;
}

describe('ingest', () => {
  it('shows tracks before they are encoded, and encodes them in order', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3').put('3.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    expect(await room.titles()).toEqual(['1 preparing', '2 preparing', '3 preparing']);
    expect(room.ingest.view()).toMatchObject({ isRunning: true, found: 3, done: 0, folder: '/music' });
    for (const [index, name] of ['1', '2', '3'].entries()) {
      expect(room.encoding[index]?.path).toBe(`/music/${name}.mp3`);
      room.encoding[index]?.finish();
      await room.settle();
    }
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 ready', '2 ready', '3 ready']);
    expect(room.ingest.view()).toEqual({
      isRunning: false,
      folder: '/music',
      found: 3,
      done: 3,
      failed: 0,
      failures: [],
    });
  });

  it('encodes next what someone wants to hear', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3').put('3.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    const third = (await room.reader.allTracks(ALL)).items[2];
    if (third === undefined) throw new Error('three were put');
    room.ingest.bringForward(third.id);
    room.encoding[0]?.finish();
    await room.settle();
    expect(room.encoding.map((it) => it.path)).toEqual(['/music/1.mp3', '/music/3.mp3']);
    room.isQuick = true;
    room.encoding[1]?.finish();
    await room.ingest.settled();
  });

  it('makes every track playable before it makes the other qualities of any', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3');
    room.ladderKbps = LADDER_KBPS;
    await room.run();
    expect(room.encoding.map(({ path, rungsKbps }) => [path, ...rungsKbps])).toEqual([
      ['/music/1.mp3', 160],
      ['/music/2.mp3', 160],
      ['/music/1.mp3', 24, 96, 320],
      ['/music/2.mp3', 24, 96, 320],
    ]);
    const [track] = (await room.reader.allTracks(ALL)).items;
    const stored = track === undefined ? null : await room.writer.storedTrack(track.id);
    expect(stored?.files.map((file) => file.bitrateKbps)).toEqual(LADDER_KBPS);
  });

  it('takes up the qualities that are missing when it runs again, and leaves a track playable that cannot have them', async () => {
    const room = newRoom().put('1.mp3');
    room.ladderKbps = LADDER_KBPS;
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    room.encoding[0]?.finish();
    await room.settle();
    expect(room.encoding).toHaveLength(2);
    room.encoding[1]?.finish(refused(new TonearmError('ingest.unreadable-file', 'the drive is gone')));
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 ready']);
    expect(room.ingest.view()).toMatchObject({ done: 1, failed: 0 });
    room.isQuick = true;
    await room.run();
    expect(room.encoding.map(({ rungsKbps }) => rungsKbps.length)).toEqual([1, 3, 3]);
    await room.run();
    expect(room.encoding).toHaveLength(3);
  });

  it('opens only what changed', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3');
    await room.run();
    room.put('2.mp3', 'other music');
    expect(await room.run()).toMatchObject({ found: 2, done: 2 });
    expect(room.inspected).toEqual(['/music/1.mp3', '/music/2.mp3', '/music/2.mp3']);
    expect(room.encoding).toHaveLength(3);
  });

  it('knows a renamed file again, and does not encode it', async () => {
    const room = newRoom().put('old.mp3', 'music');
    await room.run();
    const [before] = (await room.reader.allTracks(ALL)).items;
    room.disk.clear();
    room.put('new.mp3', 'music');
    expect(await room.run()).toMatchObject({ found: 1, done: 1 });
    const [after] = (await room.reader.allTracks(ALL)).items;
    expect(after).toMatchObject({ id: before?.id, title: 'new', availability: 'ready' });
    expect(room.encoding).toHaveLength(1);
  });

  it('forgets what vanished', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3');
    await room.run();
    room.disk.delete('/music/1.mp3');
    await room.run();
    expect(await room.titles()).toEqual(['2 ready']);
    room.disk.clear();
    await room.run();
    expect(await room.titles()).toEqual([]);
  });

  it('keeps all of a folder that is away, or whose disk is', async () => {
    const room = newRoom().put('1.mp3');
    await room.run();
    room.disk.clear();
    room.isFolderThere = false;
    expect(await room.ingest.begin('/music')).toMatchObject({
      ok: false,
      error: { code: 'ingest.folder-not-found', field: 'folder' },
    });
    room.isFolderThere = true;
    room.deviceNumber = 2;
    await room.run();
    expect(await room.titles()).toEqual(['1 ready']);
  });

  it('names bad files and goes on, and does not try them again until they change', async () => {
    const room = newRoom().put('1.mp3', 'bad').put('2.mp3').put('3.mp3', 'locked').put('4.mp3', 'text');
    const first = await room.run();
    expect(first).toMatchObject({ found: 4, done: 1, failed: 3 });
    expect(first.failures.map((it) => `${it.path}: ${it.error.code}, ${it.error.message}`).sort()).toEqual([
      '1.mp3: ingest.unreadable-file, is no music',
      '3.mp3: ingest.unreadable-file, may not be read',
      '4.mp3: ingest.unreadable-file, is a letter',
    ]);
    const opened = room.inspected.length;
    const encoded = room.encoding.length;
    expect(await room.run()).toMatchObject({ found: 4, done: 1, failed: 3 });
    expect([room.inspected.length, room.encoding.length]).toEqual([opened, encoded]);
    room.put('1.mp3', 'mended');
    expect(await room.run()).toMatchObject({ found: 4, done: 2, failed: 2 });
    expect(await room.titles()).toEqual(['1 ready', '2 ready']);
  });

  it('tries a file again that only wanted another decoder', async () => {
    const room = newRoom().put('1.m4a', 'exotic');
    expect(await room.run()).toMatchObject({ failed: 1 });
    expect(await room.run()).toMatchObject({ failed: 1 });
    expect(room.encoding).toHaveLength(2);
  });

  it('does not blame a file that went away before it was encoded', async () => {
    const room = newRoom().put('1.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    room.disk.clear();
    room.encoding[0]?.finish(refused(new TonearmError('ingest.unreadable-file', 'no such file')));
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 preparing']);
  });

  it('does not blame a file for a full disk', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    room.encoding[0]?.finish(refused(new TonearmError('storage.failed', 'the disk is full')));
    await room.settle();
    room.encoding[1]?.finish();
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 preparing', '2 ready']);
    room.isQuick = true;
    await room.run();
    expect(await room.titles()).toEqual(['1 ready', '2 ready']);
  });

  it('gives up for now when nothing can be stored, and goes on later', async () => {
    const room = newRoom();
    for (let song = 1; song <= 6; song += 1) room.put(`${song}.mp3`);
    room.isDiskFull = true;
    expect(await room.run()).toMatchObject({ isRunning: false, found: 6, done: 0, failed: 3 });
    expect(room.encoding).toHaveLength(3);
    expect(room.discarded).toHaveLength(3);
    room.isDiskFull = false;
    expect(await room.run()).toMatchObject({ done: 6, failed: 0 });
  });

  it('goes on by itself when there is room again', async () => {
    const room = newRoom();
    for (let song = 1; song <= 6; song += 1) room.put(`${song}.mp3`);
    room.isDiskFull = true;
    await room.run();
    await room.clock.advance(ROOM_AGAIN_AFTER_MS);
    await room.ingest.settled();
    expect(room.ingest.view()).toMatchObject({ isRunning: false, found: 6, done: 0 });
    expect(room.encoding).toHaveLength(6);
    room.isDiskFull = false;
    await room.clock.advance(ROOM_AGAIN_AFTER_MS);
    await room.ingest.settled();
    expect(room.ingest.view()).toMatchObject({ isRunning: false, found: 6, done: 6, failed: 0 });
    await room.clock.advance(ms(10_000));
    expect(room.clock.timers()).toEqual([]);
  });

  it('leaves no timer behind when it is stopped with a full disk', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3').put('3.mp3');
    room.isDiskFull = true;
    await room.run();
    expect(room.clock.timers().length).toBeGreaterThan(0);
    await room.ingest.stop();
    expect(room.clock.timers()).toEqual([]);
  });

  it('counts a file once when its folder is given again while it is read', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3');
    const gate = Promise.withResolvers<void>();
    room.scanGate = gate.promise;
    await room.ingest.begin('/music');
    await room.settle();
    await room.ingest.begin('/music');
    gate.resolve();
    await room.ingest.settled();
    expect(room.ingest.view()).toMatchObject({ found: 2, done: 2, failed: 0 });
  });

  it('counts a file once that changes while its folder is read', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3', 'locked');
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    room.scanGate = gates[0]?.promise ?? Promise.resolve();
    await room.ingest.begin('/music');
    await room.settle();
    await room.ingest.begin('/music');
    room.scanGate = gates[1]?.promise ?? Promise.resolve();
    gates[0]?.resolve();
    await room.settle();
    expect(room.ingest.view()).toMatchObject({ found: 2, done: 1, failed: 1 });
    room.put('1.mp3', 'other music');
    room.put('2.mp3', 'locked no more');
    gates[1]?.resolve();
    await room.ingest.settled();
    expect(room.ingest.view()).toMatchObject({ found: 2, done: 1, failed: 1 });
    expect([...(await room.titles())].sort()).toEqual(['1 ready', '2 ready']);
  });

  it('fails at once what failed under another name', async () => {
    const room = newRoom().put('1.mp3', 'bad');
    await room.run();
    room.put('2.mp3', 'bad');
    expect(await room.run()).toMatchObject({ found: 2, done: 0, failed: 2 });
    expect(room.encoding).toHaveLength(1);
    expect(await room.run()).toMatchObject({ found: 2, done: 0, failed: 2 });
  });

  it('leaves the rest for another run when the drive of very many went away', async () => {
    const room = newRoom();
    for (let song = 0; song < PASSED_OVER_MAX + 9; song += 1) room.put(`${song}.mp3`);
    room.isQuick = false;
    await room.ingest.begin('/music');
    while (room.ingest.view().found < PASSED_OVER_MAX + 9) await room.settle();
    await room.settle();
    room.isQuick = true;
    room.disk.clear();
    room.encoding[0]?.finish(refused(new TonearmError('ingest.unreadable-file', 'no such file')));
    await room.ingest.settled();
    expect(room.encoding).toHaveLength(PASSED_OVER_MAX);
    expect(room.ingest.view()).toMatchObject({ isRunning: false, found: PASSED_OVER_MAX + 9, failed: PASSED_OVER_MAX });
  });

  it('counts the same music at two paths as two files and one track', async () => {
    const room = newRoom().put('1.mp3', 'same').put('2.mp3', 'same');
    expect(await room.run()).toMatchObject({ found: 2, done: 2, failed: 0 });
    expect(room.encoding).toHaveLength(1);
    expect(await room.titles()).toEqual(['2 ready']);
  });

  it('reads one folder after the other, and refuses too many', async () => {
    const room = newRoom().put('1.mp3');
    room.disk.set('/other/2.mp3', 'more');
    await Promise.all([room.ingest.begin('/music'), room.ingest.begin('/other')]);
    await room.ingest.settled();
    expect(await room.titles()).toHaveLength(2);
    const gate = Promise.withResolvers<void>();
    room.scanGate = gate.promise;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => room.ingest.begin(`/folder-${index}`)));
    const refusals = answers.flatMap((it) => (it.ok ? [] : it.error.code));
    expect(new Set(refusals)).toEqual(new Set(['ingest.busy']));
    gate.resolve();
    await room.ingest.settled();
  });

  it('reads every folder again after a restart', async () => {
    const room = newRoom().put('1.mp3');
    await room.run();
    room.put('2.mp3');
    await room.ingest.resume();
    await room.ingest.settled();
    expect(await room.titles()).toEqual(['1 ready', '2 ready']);
  });

  it('tells its listeners at most every 200 ms, and of the end', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3').put('3.mp3');
    const seen: IngestView[] = [];
    const stop = room.ingest.listen((view) => seen.push(view));
    await room.run();
    expect(seen).toEqual([]);
    await room.clock.advance(ms(200));
    expect(seen).toEqual([room.ingest.view()]);
    await room.clock.advance(ms(10_000));
    expect(seen).toHaveLength(1);
    stop();
    await room.run();
    await room.clock.advance(ms(200));
    expect(seen).toHaveLength(1);
  });

  it('stops in the middle, leaves no timer, and can be asked nothing more', async () => {
    const room = newRoom().put('1.mp3').put('2.mp3');
    room.isQuick = false;
    await room.ingest.begin('/music');
    await room.settle();
    const stopped = room.ingest.stop();
    room.encoding[0]?.finish(refused(new TonearmError('ingest.busy', 'stopping')));
    await stopped;
    expect(room.encoding).toHaveLength(1);
    expect(room.clock.timers()).toEqual([]);
    expect(await room.ingest.begin('/music')).toMatchObject({ ok: false, error: { code: 'ingest.busy' } });
    expect(await room.titles()).toEqual(['1 preparing', '2 preparing']);
  });
});
