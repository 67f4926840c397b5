import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addTracks,
  applyStep,
  currentTrack,
  planAdvance,
  planReturn,
  type QueueState,
  rewind,
  switchShuffle,
  trackOfStep,
} from '#device/core/control/queue';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { UP_NEXT_MAX } from '#protocol/wire/playback-state';

const name = (index: number): TrackId => trackId(String(index).padStart(22, '0'));

function queueOf(count: number, part: Partial<QueueState> = {}): QueueState {
  const trackIds = Array.from({ length: count }, (_, index) => name(index));
  return {
    queue: { contextUri: null, trackIds, index: 0, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'off',
    ...part,
  };
}

/** Plays on until nothing comes, or `limit` tracks were heard. */
function listen(state: QueueState, limit: number): { heard: TrackId[]; state: QueueState } {
  const heard: TrackId[] = [];
  let now = state;
  for (let count = 0; count < limit; count += 1) {
    const track = currentTrack(now);
    if (track !== null) heard.push(track);
    const step = planAdvance(now, 'ended');
    if (step === null) break;
    now = applyStep(now, step);
  }
  return { heard, state: now };
}

const anyQueue = fc
  .record({
    count: fc.integer({ min: 1, max: 40 }),
    at: fc.nat(),
    seed: fc.option(fc.integer({ min: 0, max: 0xffffffff })),
    repeat: fc.constantFrom('off', 'context', 'track'),
    upNext: fc.array(fc.integer({ min: 100, max: 110 }), { maxLength: 5 }),
    interlude: fc.option(fc.integer({ min: 100, max: 110 })),
  })
  .map(({ count, at, seed, repeat, upNext, interlude }) => {
    const plain = queueOf(count, { shuffleSeed: seed, repeat });
    const queue = { ...plain.queue, index: at % count, upNext: upNext.map(name) };
    return { ...plain, queue: { ...queue, interlude: interlude === null ? null : name(interlude) } };
  });

describe('a queue', () => {
  it('plays its context in order, what people put in first, and ends', () => {
    const with2 = [100, 101].reduce<QueueState>((state, track) => {
      const next = addTracks(state, { trackIds: [name(track)], isNext: false, fraction: 0.5 });
      if (!next.ok) throw next.error;
      return next.value;
    }, queueOf(3));
    expect(listen(with2, 10).heard).toEqual([0, 100, 101, 1, 2].map(name));
  });

  it('goes round, or stays on a track, as it is told', () => {
    expect(listen(queueOf(2, { repeat: 'context' }), 5).heard).toEqual([0, 1, 0, 1, 0].map(name));
    const stuck = queueOf(2, { repeat: 'track' });
    expect(listen(stuck, 3).heard).toEqual([0, 0, 0].map(name));
    expect(planAdvance(stuck, 'asked')).toEqual({ kind: 'context', index: 1 });
  });

  it('goes back from an interlude to the track it followed', () => {
    const during = applyStep(queueOf(3), { kind: 'interlude', trackId: name(100) });
    expect(planReturn(during)).toEqual({ kind: 'context', index: 0 });
    expect(planReturn(queueOf(3))).toBeNull();
    expect(planReturn(queueOf(3, { repeat: 'context' }))).toEqual({ kind: 'context', index: 2 });
  });

  it('has nothing to play when its index points nowhere', () => {
    const broken = queueOf(2);
    const state = { ...broken, queue: { ...broken.queue, index: 7 } };
    expect(currentTrack(state)).toBeNull();
    expect(planAdvance(state, 'ended')).toBeNull();
    expect(currentTrack(queueOf(0))).toBeNull();
    expect(planReturn(queueOf(0))).toBeNull();
  });

  it(`takes ${UP_NEXT_MAX} tracks in front of the context and refuses one more`, () => {
    const upNext = Array.from({ length: UP_NEXT_MAX }, (_, index) => name(index));
    const full = queueOf(1);
    const state = { ...full, queue: { ...full.queue, upNext } };
    expect(addTracks(state, { trackIds: [name(1)], isNext: false, fraction: 0.5 })).toMatchObject({
      ok: false,
      error: { code: 'session.queue-full' },
    });
  });

  it('takes an interlude out of the waiting ones once, also when it waits twice', () => {
    const waiting = queueOf(1);
    const state = { ...waiting, queue: { ...waiting.queue, upNext: [name(100), name(100)] } };
    expect(applyStep(state, { kind: 'interlude', trackId: name(100) }).queue).toMatchObject({
      upNext: [name(100)],
      interlude: name(100),
    });
  });
});

describe('any queue', () => {
  it('is heard whole, each track of the context once, from its beginning', () => {
    fc.assert(
      fc.property(anyQueue, (queue) => {
        const whole = rewind({ ...queue, repeat: 'off', queue: { ...queue.queue, upNext: [] } });
        const { heard } = listen(whole, 100);
        expect([...heard].sort()).toEqual([...queue.queue.trackIds].sort());
      }),
    );
  });

  it('is begun with the current track when shuffle is switched on, and goes on in order when it is switched off', () => {
    fc.assert(
      fc.property(anyQueue, fc.double({ min: 0, max: 0.999999, noNaN: true }), (queue, fraction) => {
        const straight: QueueState = { ...queue, shuffleSeed: null };
        const shuffled = switchShuffle(straight, true, fraction);
        expect(currentTrack(shuffled)).toBe(currentTrack(straight));
        expect(rewind(shuffled).queue.index).toBe(straight.queue.index);
        expect(switchShuffle(shuffled, true, 0.5)).toBe(shuffled);
        expect(switchShuffle(shuffled, false, 0.5)).toEqual(straight);
      }),
    );
  });

  it('comes back where it was: forth by a step of the context and back again', () => {
    fc.assert(
      fc.property(anyQueue, (queue) => {
        const calm: QueueState = { ...queue, queue: { ...queue.queue, upNext: [], interlude: null } };
        const step = planAdvance(calm, 'asked');
        if (step === null) return;
        const there = applyStep(calm, step);
        const back = planReturn(there);
        expect(back).not.toBeNull();
        expect(back === null ? null : applyStep(there, back)).toEqual(calm);
      }),
    );
  });

  it('leads each step to the track that it says, and never loses one of the context', () => {
    fc.assert(
      fc.property(anyQueue, fc.constantFrom('ended' as const, 'asked' as const), (queue, cause) => {
        const step = planAdvance(queue, cause);
        if (step === null) return;
        const after = applyStep(queue, step);
        expect(currentTrack(after)).toBe(trackOfStep(queue, step));
        expect(after.queue.trackIds).toEqual(queue.queue.trackIds);
        expect(after.queue.upNext.length).toBe(queue.queue.upNext.length - (step.kind === 'interlude' ? 1 : 0));
      }),
    );
  });
});
