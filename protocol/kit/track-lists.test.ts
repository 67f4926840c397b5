import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listId, type TrackId, trackId } from '#protocol/vocabulary/ids';
import type { SessionState } from '#protocol/wire/playback-state';
import { LIST_PART_TRACKS_MAX } from '#protocol/wire/track-list';
import { createTrackLists, foldSession, partsOf, unfoldSession } from './track-lists.ts';

const id = (name: string) => listId(name.padEnd(22, '0'));
const tracks = (count: number): TrackId[] =>
  Array.from({ length: count }, (_, place) => trackId(String(place).padStart(22, '0')));
const LIMITS = { lists: 3, entries: 25_000 };

function sessionOf(count: number): SessionState {
  return {
    playback: { kind: 'stopped' },
    queue: {
      contextUri: 'tonearm:library',
      trackIds: tracks(count),
      list: { id: id('a'), count },
      index: 0,
      upNext: [],
      interlude: null,
    },
    shuffleSeed: 7,
    repeat: 'off',
    problem: null,
  };
}

describe('lists of tracks', () => {
  it('travel in parts and are whole again with the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_500 }), (count) => {
        const lists = createTrackLists(LIMITS);
        const parts = partsOf(id('a'), tracks(count));
        expect(parts.every((part) => part.trackIds.length <= LIST_PART_TRACKS_MAX)).toBe(true);
        const taken = parts.map((part) => lists.take(part));
        expect(taken.slice(0, -1).every((whole) => whole === null)).toBe(true);
        expect(taken.at(-1)).toEqual(tracks(count));
        expect(lists.get(id('a'))).toEqual(tracks(count));
      }),
      { numRuns: 30 },
    );
  });

  it('are nothing when a part is lost, repeated, or of another list', () => {
    const lists = createTrackLists(LIMITS);
    const [first, second, third] = partsOf(id('a'), tracks(2_500));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three parts');
    for (const parts of [
      [first, third],
      [first, first, third],
      [second, third],
      [first, { ...second, total: 9 }],
    ]) {
      for (const part of parts) expect(lists.take(part)).toBeNull();
    }
    for (const part of [first, { ...second, listId: id('b') }, third]) expect(lists.take(part)).toBeNull();
    expect(lists.get(id('a'))).toBeNull();
  });

  it('are forgotten by number and by size, those that were not used first', () => {
    const lists = createTrackLists(LIMITS);
    for (const name of ['a', 'b', 'c']) lists.put(id(name), tracks(10));
    lists.get(id('a'));
    lists.put(id('d'), tracks(10));
    expect(['a', 'b', 'c', 'd'].filter((name) => lists.get(id(name)) === null)).toEqual(['b']);
    lists.put(id('e'), tracks(10_000));
    lists.put(id('f'), tracks(10_000));
    lists.put(id('g'), tracks(10_000));
    expect(['e', 'f', 'g'].filter((name) => lists.get(id(name)) === null)).toEqual(['e']);
    // The newest is kept whatever its size: it is about to be played.
    lists.put(id('h'), tracks(30_000));
    expect(lists.get(id('h'))).toHaveLength(30_000);
  });

  it('make a state of ten thousand tracks no longer than one of ten', () => {
    const named = JSON.stringify(foldSession(sessionOf(10_000))).length;
    const { list: _, ...queue } = sessionOf(10).queue;
    const inline = JSON.stringify(foldSession({ ...sessionOf(10), queue })).length;
    expect(named).toBeLessThanOrEqual(inline);
    expect(named).toBeLessThanOrEqual(JSON.stringify(foldSession(sessionOf(11))).length + 3);
  });

  it('come back whole where they are held, and are not guessed where they are not', () => {
    const session = sessionOf(1_234);
    const lists = createTrackLists(LIMITS);
    expect(unfoldSession(foldSession(session), lists.get)).toBeNull();
    lists.put(id('a'), tracks(1_234));
    expect(unfoldSession(foldSession(session), lists.get)).toEqual(session);
    lists.put(id('a'), tracks(1_233));
    expect(unfoldSession(foldSession(session), lists.get)).toBeNull();
  });
});
