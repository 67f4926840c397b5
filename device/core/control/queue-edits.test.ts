import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addTracks,
  applyStep,
  currentTrack,
  planAdvance,
  type QueueState,
  switchShuffle,
} from '#device/core/control/queue';
import { clearEntries, moveEntry, removeEntries } from '#device/core/control/queue-edits';
import { contextOrder } from '#protocol/kit/play-order';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import type { Result } from '#protocol/vocabulary/result';
import { EDITS_MAX, UP_NEXT_MAX } from '#protocol/wire/playback-state';

const name = (index: number): TrackId => trackId(String(index).padStart(22, '0'));

function queueOf(count: number, index = 0, shuffleSeed: number | null = null): QueueState {
  const trackIds = Array.from({ length: count }, (_, place) => name(place));
  return { queue: { contextUri: null, trackIds, index, upNext: [], interlude: null }, shuffleSeed, repeat: 'off' };
}

function must<Value>(result: Result<Value, TonearmError>): Value {
  if (result.ok) return result.value;
  throw result.error;
}

const codeOf = (result: Result<unknown, TonearmError>) => (result.ok ? 'accepted' : result.error.code);
const added = (state: QueueState, ...numbers: number[]) =>
  must(addTracks(state, { trackIds: numbers.map(name), isNext: false, fraction: 0.25 }));

/** What is still to be heard, by number, the current one first. */
function ahead(state: QueueState): number[] {
  const heard: number[] = [];
  let now = state;
  for (let left = 500; left > 0; left -= 1) {
    heard.push(Number(currentTrack(now)));
    const step = planAdvance(now, 'ended');
    if (step === null) return heard;
    now = applyStep(now, step);
  }
  return heard;
}

describe('the queue that people change', () => {
  it('plays what is added before the context goes on, and what is added next before that', () => {
    const state = added(queueOf(3), 10, 11);
    const next = must(addTracks(state, { trackIds: [name(20), name(21)], isNext: true, fraction: 0.5 }));
    expect(ahead(next)).toEqual([0, 20, 21, 10, 11, 1, 2]);
    expect(new Set(next.queue.upNextUids).size).toBe(4);
  });

  it('names two of the same track differently, also when chance says the same', () => {
    const state = added(added(queueOf(1), 5, 5), 5);
    expect(new Set(state.queue.upNextUids).size).toBe(3);
    const [, second] = state.queue.upNextUids ?? [];
    const left = must(removeEntries(state, [second ?? '']));
    expect(left.queue.upNext).toEqual([name(5), name(5)]);
    expect(left.queue.upNextUids).not.toContain(second);
  });

  it('adds all or nothing', () => {
    const full = added(queueOf(1), ...Array.from({ length: UP_NEXT_MAX - 1 }, (_, place) => place));
    expect(codeOf(addTracks(full, { trackIds: [name(1), name(2)], isNext: true, fraction: 0 }))).toBe(
      'session.queue-full',
    );
    expect(codeOf(addTracks(full, { trackIds: [name(1)], isNext: true, fraction: 0 }))).toBe('accepted');
  });

  it('moves and removes what was added, by name', () => {
    const state = added(queueOf(2), 10, 11, 12);
    const [ten, eleven, twelve] = state.queue.upNextUids ?? [];
    if (ten === undefined || eleven === undefined || twelve === undefined) throw new Error('three entries');
    expect(ahead(must(moveEntry(state, ten, twelve)))).toEqual([0, 11, 12, 10, 1]);
    expect(ahead(must(moveEntry(state, twelve, null)))).toEqual([0, 12, 10, 11, 1]);
    expect(ahead(must(moveEntry(state, ten, ten)))).toEqual(ahead(state));
    expect(ahead(must(removeEntries(state, [eleven, ten])))).toEqual([0, 12, 1]);
    expect(ahead(clearEntries(state))).toEqual([0, 1]);
    expect(codeOf(removeEntries(must(removeEntries(state, [ten])), [ten]))).toBe('session.entry-not-found');
    expect(codeOf(moveEntry(state, ten, 'u-other'))).toBe('session.entry-not-found');
  });

  it('removes all of what is named or none of it', () => {
    const state = added(queueOf(3), 10);
    const [ten] = state.queue.upNextUids ?? [];
    expect(codeOf(removeEntries(state, [ten ?? '', 'c1', 'c9']))).toBe('session.entry-not-found');
    expect(ahead(must(removeEntries(state, [ten ?? '', 'c1'])))).toEqual([0, 2]);
  });

  it('moves and removes what remains of the context, and leaves the context as it is', () => {
    const state = queueOf(6, 1);
    expect(ahead(must(moveEntry(state, 'c4', null)))).toEqual([1, 4, 2, 3, 5]);
    expect(ahead(must(moveEntry(state, 'c2', 'c4')))).toEqual([1, 3, 4, 2, 5]);
    const out = must(removeEntries(state, ['c3', 'c5']));
    expect(ahead(out)).toEqual([1, 2, 4]);
    expect(out.queue.trackIds).toBe(state.queue.trackIds);
    expect(codeOf(removeEntries(out, ['c3']))).toBe('session.entry-not-found');
    for (const uid of ['c1', 'c0', 'c6', 'c', 'x']) {
      expect(codeOf(removeEntries(state, [uid]))).toBe('session.entry-not-found');
    }
  });

  it('refuses one change of the order too many', () => {
    let state = queueOf(10);
    for (let edit = 0; edit < EDITS_MAX; edit += 1) state = must(moveEntry(state, `c${1 + (edit % 9)}`, null));
    expect(codeOf(moveEntry(state, 'c1', null))).toBe('session.queue-full');
  });

  it('keeps out what was taken out when it is shuffled and back, and forgets what was moved', () => {
    const moved = must(moveEntry(must(removeEntries(queueOf(8), ['c3'])), 'c7', null));
    expect(ahead(moved)).toEqual([0, 7, 1, 2, 4, 5, 6]);
    const shuffled = switchShuffle(moved, true, 0.4);
    expect(new Set(ahead(shuffled))).toEqual(new Set([0, 1, 2, 4, 5, 6, 7]));
    expect(ahead(switchShuffle(shuffled, false, 0))).toEqual([0, 1, 2, 4, 5, 6, 7]);
  });

  it('can be unshuffled: the current track goes on at its place in the order of the context', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.nat(),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (count, steps, fraction) => {
          let state = switchShuffle(queueOf(count), true, fraction);
          for (let step = 0; step < steps % count; step += 1) {
            const next = planAdvance(state, 'ended');
            if (next !== null) state = applyStep(state, next);
          }
          const current = Number(currentTrack(state));
          const undone = switchShuffle(state, false, fraction);
          expect(ahead(undone)).toEqual(Array.from({ length: count - current }, (_, place) => current + place));
        },
      ),
    );
  });

  it('is in any order of changes a permutation of what is left, with what plays where it was', () => {
    const anyChange = fc.record({ uid: fc.nat(19), after: fc.option(fc.nat(19)), isRemoval: fc.boolean() });
    fc.assert(
      fc.property(
        fc.nat(19),
        fc.option(fc.nat(0xffffffff)),
        fc.array(anyChange, { maxLength: 30 }),
        (index, seed, changes) => {
          let state = queueOf(20, index, seed);
          const gone = new Set<number>();
          for (const { uid, after, isRemoval } of changes) {
            const result = isRemoval
              ? removeEntries(state, [`c${uid}`])
              : moveEntry(state, `c${uid}`, after === null ? null : `c${after}`);
            if (!result.ok) continue;
            state = result.value;
            if (isRemoval) gone.add(uid);
          }
          const order = contextOrder(state.queue, state.shuffleSeed);
          const expected = Array.from({ length: 20 }, (_, place) => place).filter((place) => !gone.has(place));
          expect([...order].sort((a, b) => a - b)).toEqual(expected);
          expect(Number(currentTrack(state))).toBe(index);
        },
      ),
    );
  });
});
