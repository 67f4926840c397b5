import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandId, speakerId, type TrackId } from '#protocol/vocabulary/ids';
import { frames, ms, us } from '#protocol/vocabulary/units';
import type { Hello } from '#protocol/wire/hello';
import type { SessionState } from '#protocol/wire/playback-state';
import { trackNumber } from '#sim/relay/relay-room';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createHistory } from './history.ts';
import { viewSession } from './household-view.ts';
import { createMessageBudget } from './message-budget.ts';
import { currentTrackOf, nextTracks } from './next-tracks.ts';
import { pausedAt, positionNow } from './playback-position.ts';
import { createRequestLedger } from './request-ledger.ts';
import { chooseRole } from './role.ts';

const me = speakerId('kitchen-speaker');
const other = speakerId('study-speaker');

function session(changes: Partial<SessionState> = {}): SessionState {
  const trackIds = [1, 2, 3, 4].map(trackNumber);
  return {
    playback: {
      kind: 'playing',
      trackId: trackNumber(1),
      positionFrames: frames(48_000),
      durationFrames: frames(480_000),
    },
    queue: { contextUri: null, trackIds, index: 0, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'off',
    problem: null,
    ...changes,
  };
}

describe('chooseRole', () => {
  const resume = (epoch: number, isActive: boolean): Hello['resume'] => ({ token: null, epoch, revision: 1, isActive });
  it.each([
    ['a first start', null, 3, null, 'standby', 3, undefined],
    ['one that does not play', resume(3, false), 3, me, 'standby', 3, undefined],
    ['the writer of this epoch', resume(3, true), 3, me, 'active', 3, false],
    ['a claim when nobody writes', resume(3, true), 3, null, 'active', 3, true],
    ['a claim when another writes', resume(3, true), 3, other, 'standby', 3, undefined],
    ['an older epoch', resume(2, true), 3, me, 'standby', 3, undefined],
    ['a newer epoch', resume(4, true), 3, other, 'active', 4, true],
  ] as const)('%s', (_, claim, epoch, activeSpeakerId, kind, chosen, isNews) => {
    const role = chooseRole(me, claim, { epoch, activeSpeakerId, othersEpoch: 0 });
    expect(role).toEqual({ kind, epoch: chosen, ...(isNews === undefined ? {} : { isNews }) });
  });

  it.each([
    ['a claim when somebody else’s session came later', 3, null, 5, 'standby', 5],
    ['a newer epoch, and somebody else’s is newer still', 4, me, 5, 'standby', 5],
    ['a claim when somebody else’s session was there before', 3, null, 2, 'active', 3],
  ] as const)('%s', (_, claimed, activeSpeakerId, othersEpoch, kind, chosen) => {
    const role = chooseRole(me, resume(claimed, true), { epoch: 3, activeSpeakerId, othersEpoch });
    expect(role).toMatchObject({ kind, epoch: chosen });
  });
});

describe('nextTracks', () => {
  const numbers = (state: SessionState, limit = 20) =>
    nextTracks(state, limit).map((id: TrackId) => Number(id.slice(5)));
  it.each([
    ['in order', session(), [2, 3, 4]],
    ['from the middle', session({ queue: { ...session().queue, index: 2 } }), [4]],
    ['round again', session({ repeat: 'context', queue: { ...session().queue, index: 2 } }), [4, 1, 2, 3]],
    [
      'what people put in front first',
      session({ queue: { ...session().queue, upNext: [trackNumber(9)] } }),
      [9, 2, 3, 4],
    ],
  ])('%s', (_, state, expected) => {
    expect(numbers(state)).toEqual(expected);
  });

  it('follows the shuffle, and has each track of the context once', () => {
    const state = session({ shuffleSeed: 4 * 7, repeat: 'context' });
    expect(numbers(state)).toHaveLength(4);
    expect(numbers(state).toSorted()).toEqual([1, 2, 3, 4]);
    expect(numbers(state).at(-1)).toBe(1);
    expect(numbers(state, 2)).toEqual(numbers(state).slice(0, 2));
  });

  it('knows what would play on resume', () => {
    expect(currentTrackOf(session({ playback: { kind: 'stopped' } }))).toBe(trackNumber(1));
    const queue = { ...session().queue, trackIds: [] };
    expect(currentTrackOf(session({ playback: { kind: 'stopped' }, queue }))).toBeNull();
  });
});

describe('positions', () => {
  const at = (state: SessionState) => ({ state, positionAtUs: us(1_000_000) });
  it('move on while playing, stand otherwise, and end with the track', () => {
    expect(positionNow(at(session()), us(2_500_000))).toBe(48_000 + 72_000);
    expect(positionNow(at(session()), us(900_000))).toBe(48_000);
    expect(positionNow(at(session()), us(60_000_000))).toBe(480_000);
    const paused = pausedAt(at(session()), us(2_500_000));
    expect(paused.state.playback).toMatchObject({ kind: 'paused', positionFrames: 120_000 });
    expect(positionNow(paused, us(99_000_000))).toBe(120_000);
    expect(positionNow(at(session({ playback: { kind: 'stopped' } })), us(5_000_000))).toBe(0);
  });

  it('never go back while time goes on', () => {
    fc.assert(
      fc.property(fc.nat(20_000_000), fc.nat(20_000_000), (first, more) => {
        const timed = at(session());
        expect(positionNow(timed, us(first + more))).toBeGreaterThanOrEqual(positionNow(timed, us(first)));
      }),
    );
  });
});

describe('the request ledger', () => {
  it('performs an id once, and forgets the oldest beyond its limit', async () => {
    const ledger = createRequestLedger<number>(2);
    let performed = 0;
    const ask = (id: string) => ledger.once(commandId(id), async () => (performed += 1));
    expect(await Promise.all([ask('command-a'), ask('command-a')])).toEqual([1, 1]);
    await ask('command-b');
    expect(await ask('command-a')).toBe(1);
    await ask('command-c');
    expect(await ask('command-a')).toBe(4);
  });
});

describe('the message budget', () => {
  it('lets a burst pass, then as many as it refills', async () => {
    const clock = new VirtualClock();
    const budget = createMessageBudget(clock, { perSecond: 10, burst: 5 });
    const spent = () => Array.from({ length: 20 }, () => budget.spend()).filter(Boolean).length;
    expect(spent()).toBe(5);
    await clock.advance(ms(300));
    expect(spent()).toBe(3);
    await clock.advance(ms(60_000));
    expect(spent()).toBe(5);
  });
});

describe('the history', () => {
  it('keeps no more than its limit, newest first', () => {
    const history = createHistory(2);
    for (const n of [1, 1, 2, 3]) {
      const playback = { ...session().playback, trackId: trackNumber(n) } as SessionState['playback'];
      history.observe(session({ playback }), n);
    }
    expect(history.entries().map((entry) => entry.trackId)).toEqual([trackNumber(3), trackNumber(2)]);
    history.observe(session({ playback: { kind: 'stopped' } }), 5);
    history.observe(session({ playback: { ...session().playback, trackId: trackNumber(3) } as never }), 6);
    expect(history.entries().map((entry) => entry.playedAtMs)).toEqual([6, 3]);
  });
});

describe('what phones are shown', () => {
  it('is no place beyond the end of the track, though somebody asked for one before its length was known', () => {
    const playback = {
      kind: 'paused',
      trackId: trackNumber(1),
      positionFrames: frames(48_000 * 173),
      durationFrames: frames(0),
    } as const;
    const timed = { state: session({ playback }), positionAtUs: us(0) };
    const summary = {
      ...{ id: trackNumber(1), uri: 'tonearm:track:1', title: 'Short', artists: [], album: '' },
      durationMs: ms(22_474),
    };
    const facts = { epoch: 3, activeSpeakerId: null, timed };
    const whole = { ...summary, albumUri: '', artPath: null };
    expect(viewSession(facts, () => whole, us(0)).positionMs).toBe(22_474);
    expect(viewSession(facts, () => null, us(0)).positionMs).toBe(173_000);
  });
});
