import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LibraryChange } from '#bridge/core/ports/library-changes';
import { IngestRoom } from '#sim/content/ingest-room';

const FOLDER = { path: '/music', deviceNumber: 1 };
let room: IngestRoom;
beforeEach(async () => {
  room = new IngestRoom().put('a/1.mp3').put('a/2.mp3').put('b/1.mp3');
  await room.run();
  room.inspected.length = 0;
});
afterEach(() => room.close());

async function lookAgain(...below: readonly string[]): Promise<readonly string[]> {
  const last = room.ingest.changes().last();
  expect(room.ingest.lookAgain(FOLDER, below.length === 0 ? null : below)).toBe(true);
  await room.ingest.settled();
  return room.ingest.changes().after(last).map(shown);
}

function shown(change: LibraryChange): string {
  return change.kind === 'renamed' ? `${change.before} → ${change.path}` : `${change.kind} ${change.path}`;
}

describe('a second look', () => {
  it('reads what is new where it looks, and nowhere else', async () => {
    room.put('a/3.mp3').put('b/2.mp3');
    expect(await lookAgain('a')).toEqual(['added a/3.mp3']);
    expect(room.inspected).toEqual(['/music/a/3.mp3']);
    expect(await room.titles()).toHaveLength(4);
  });

  it('forgets what is gone where it looks, and nothing else', async () => {
    room.disk.delete('/music/a/1.mp3');
    room.disk.delete('/music/b/1.mp3');
    expect(await lookAgain('a')).toEqual(['removed a/1.mp3']);
    expect(await room.titles()).toHaveLength(2);
    expect(await lookAgain()).toEqual(['removed b/1.mp3']);
  });

  it('knows a renamed file by its music: its id, and when it came, stay', async () => {
    const before = (await room.reader.allTracks({ offset: 0, limit: 100 })).items.map((track) => track.id).sort();
    room.disk.delete('/music/a/1.mp3');
    room.put('c/new.mp3', 'a/1.mp3');
    room.encoding.length = 0;
    expect(await lookAgain('a', 'c')).toEqual(['a/1.mp3 → c/new.mp3']);
    const after = (await room.reader.allTracks({ offset: 0, limit: 100 })).items.map((track) => track.id).sort();
    expect(after).toEqual(before);
    expect(room.encoding).toEqual([]);
  });

  it('tells of a change and of a file that cannot be read, once', async () => {
    room.put('a/1.mp3', 'other music').put('a/9.mp3', 'locked');
    expect(await lookAgain('a')).toEqual(['changed a/1.mp3', 'failed a/9.mp3']);
    expect(await lookAgain('a')).toEqual([]);
  });

  it('leaves everything as it is when the disk was taken away', async () => {
    room.disk.clear();
    room.deviceNumber = 2;
    expect(await lookAgain('a', 'b')).toEqual([]);
    room.isFolderThere = false;
    expect(await lookAgain('a', 'b')).toEqual([]);
    expect(await room.titles()).toHaveLength(3);
  });
});
