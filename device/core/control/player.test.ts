/** The player as tables of inputs, and the races between what it tells the engine and what it hears. */
import { describe, expect, it } from 'vitest';
import { FAILED_TRACKS_IN_A_ROW_MAX } from '#device/core/control/player-moves';
import { type TrackId, trackId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { frames, ms, msToFrames, percent } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import { UP_NEXT_MAX } from '#protocol/wire/playback-state';
import {
  PlayerBench as Bench,
  BENCH_ERROR as ERROR,
  BENCH_TRACK_FRAMES as MINUTE,
  BENCH_PLAY as PLAY,
  BENCH_TRACKS as TRACKS,
} from '#sim/speakers/player-bench';

const [A, B, C] = TRACKS;
const X = trackId('x'.repeat(22));

describe('a player with nothing', () => {
  it.each<[CommandBody, string]>([
    [{ kind: 'resume' }, 'session.nothing-to-play'],
    [{ kind: 'pause' }, 'session.not-playing'],
    [{ kind: 'next' }, 'session.not-playing'],
    [{ kind: 'previous' }, 'session.not-playing'],
    [{ kind: 'seek', positionMs: ms(1) }, 'session.not-playing'],
    [{ kind: 'setShuffle', isOn: true }, 'session.not-playing'],
    [{ kind: 'setRepeat', mode: 'track' }, 'session.not-playing'],
    [{ kind: 'enqueue', trackId: A }, 'session.not-playing'],
    [{ kind: 'commit', positionFrames: frames(0), isPlaying: true }, 'session.nothing-to-play'],
    [{ kind: 'release' }, 'accepted'],
    [{ kind: 'setVolume', volume: percent(3) }, 'accepted'],
    [{ ...PLAY, index: 3 }, 'input.invalid'],
    [PLAY, 'accepted'],
  ])('answers %j with %s', (body, answer) => {
    expect(new Bench().command(body)).toBe(answer);
  });
});

describe('a player that plays', () => {
  it('loads, arms what comes next, buffers, and plays when it is heard', () => {
    const bench = new Bench();
    expect(bench.command({ ...PLAY, index: 1, positionMs: ms(2_000) })).toBe('accepted');
    expect(bench.told()).toEqual([
      { kind: 'load', generation: 1, trackId: B, startFrames: 96_000, isPlaying: true },
      { kind: 'setNext', generation: 1, trackId: C },
    ]);
    expect(bench.session().playback.kind).toBe('buffering');
    bench.ready(B);
    expect(bench.session().playback.kind).toBe('buffering');
    bench.sounding(B, 2_000);
    expect(bench.session().playback).toEqual({
      kind: 'playing',
      trackId: B,
      positionFrames: 96_000,
      durationFrames: MINUTE,
    });
  });

  it('pauses where it is by now, takes the engine’s word for where it came to rest, and goes on', () => {
    const bench = new Bench().playing(1_000);
    bench.nowMs = 500;
    expect(bench.command({ kind: 'pause' })).toBe('accepted');
    expect(bench.session().playback).toMatchObject({ kind: 'paused', positionFrames: msToFrames(ms(1_500)) });
    bench.sounding(A, 1_400);
    expect(bench.session().playback).toMatchObject({ positionFrames: msToFrames(ms(1_500)) });
    bench.sounding(A, 1_510, false);
    expect(bench.session().playback).toMatchObject({ positionFrames: msToFrames(ms(1_510)) });
    expect(bench.command({ kind: 'pause' })).toBe('accepted');
    expect(bench.told()).toEqual([]);
    expect(bench.command({ kind: 'resume' })).toBe('accepted');
    expect(bench.told()).toEqual([{ kind: 'play' }]);
    expect(bench.session().playback.kind).toBe('playing');
  });

  it.each([
    [3_000, A, 'session.no-previous-track'],
    [3_100, A, 'accepted'],
  ])('at %d ms of the first track, previous is %s %s', (positionMs, track, answer) => {
    const bench = new Bench().playing(positionMs);
    expect(bench.command({ kind: 'previous' })).toBe(answer);
    if (answer !== 'accepted') return;
    expect(bench.told()[0]).toEqual({ kind: 'seek', generation: 2, positionFrames: 0 });
    expect(bench.session().playback).toMatchObject({ trackId: track, positionFrames: 0 });
  });

  it('goes to the next track also from pause, and refuses to go past the last', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'pause' });
    expect(bench.command({ kind: 'next' })).toBe('accepted');
    expect(bench.told()[0]).toMatchObject({ kind: 'load', trackId: B, isPlaying: true });
    bench.command({ kind: 'next' });
    expect(bench.command({ kind: 'next' })).toBe('session.no-next-track');
    expect(bench.session().playback).toMatchObject({ trackId: C });
  });

  it('seeks, arms again what it had armed, and takes a place past the end for the next track', () => {
    const bench = new Bench().playing();
    expect(bench.command({ kind: 'seek', positionMs: ms(30_000) })).toBe('accepted');
    expect(bench.told()).toEqual([
      { kind: 'seek', generation: 2, positionFrames: msToFrames(ms(30_000)) },
      { kind: 'setNext', generation: 2, trackId: B },
    ]);
    bench.ready(A);
    expect(bench.command({ kind: 'seek', positionMs: ms(60_000) })).toBe('accepted');
    expect(bench.told()[0]).toMatchObject({ kind: 'load', trackId: B });
    bench.command({ kind: 'seek', positionMs: ms(1e300) });
    expect(bench.session().playback.kind).toBe('buffering');
  });

  it('tells the engine of a changed queue only when what comes next has changed', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'enqueue', trackId: X });
    expect(bench.told()).toEqual([{ kind: 'setNext', generation: 1, trackId: X }]);
    bench.command({ kind: 'enqueue', trackId: C });
    expect(bench.told()).toEqual([]);
    bench.command({ kind: 'setRepeat', mode: 'track' });
    expect(bench.told()).toEqual([{ kind: 'setNext', generation: 1, trackId: A }]);
  });

  it('refuses a track too many', () => {
    const bench = new Bench().playing();
    for (let count = 0; count < UP_NEXT_MAX; count += 1) bench.command({ kind: 'enqueue', trackId: X });
    expect(bench.command({ kind: 'enqueue', trackId: X })).toBe('session.queue-full');
  });

  it('shuffles from the track that plays, and keeps shuffling what is played next', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'setShuffle', isOn: true });
    expect(bench.session().shuffleSeed).not.toBeNull();
    bench.command({ ...PLAY, index: 2 }, 0.25);
    const { shuffleSeed } = bench.session();
    assert(shuffleSeed !== null, 'shuffle stays on');
    expect(shuffleSeed % TRACKS.length).toBe(2);
    bench.command({ kind: 'setShuffle', isOn: false });
    expect(bench.session().shuffleSeed).toBeNull();
  });

  it('stops at the end, keeps the queue, and starts it again', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'next' });
    bench.command({ kind: 'next' });
    bench.ready(C).sounding(C, 59_999);
    bench.event({ kind: 'ended', generation: bench.state.generation, trackId: C });
    expect(bench.told()).toEqual([{ kind: 'stop' }]);
    expect(bench.session()).toMatchObject({ playback: { kind: 'stopped' }, queue: { index: 0, trackIds: TRACKS } });
    expect(bench.command({ kind: 'next' })).toBe('session.not-playing');
    expect(bench.command({ kind: 'enqueue', trackId: X })).toBe('accepted');
    expect(bench.command({ kind: 'resume' })).toBe('accepted');
    expect(bench.told()).toMatchObject([
      { kind: 'load', trackId: A },
      { kind: 'setNext', trackId: X },
    ]);
  });
});

describe('a player that has stopped', () => {
  it('has nothing buffered, whatever the engine said last', () => {
    const bench = new Bench().playing();
    const health = { kind: 'health', underruns: 2, output: 'alsa:default', outputProblem: null } as const;
    const delivery = { throughputKbps: null, fetchedBytes: 0, unheardBytes: 0, prefetchedBytes: 0, archivedBytes: 0 };
    bench.event({ ...health, bufferedMs: ms(9_000), delivery: { ...delivery, qualityKbps: 160 } });
    expect(bench.state.speaker).toMatchObject({ bufferedMs: 9_000, underruns: 2, output: 'alsa:default', volume: 40 });
    expect(bench.state.speaker.qualityKbps).toBe(160);
    bench.command({ kind: 'pause' });
    bench.command({ kind: 'release' });
    expect(bench.state.speaker).toMatchObject({
      bufferedMs: 0,
      qualityKbps: null,
      underruns: 2,
      output: 'alsa:default',
    });
  });
});

describe('a player whose tracks fail', () => {
  const fail = (bench: Bench, track: TrackId) =>
    bench.event({ kind: 'failed', generation: bench.state.generation, trackId: track, error: ERROR });

  it('skips one, says which and why, and forgets it when the next is heard', () => {
    const bench = new Bench();
    bench.command(PLAY);
    fail(bench, A);
    expect(bench.told()[0]).toMatchObject({ kind: 'load', trackId: B });
    expect(bench.session().problem).toEqual({ trackId: A, error: ERROR });
    bench.ready(B).sounding(B, 0);
    expect(bench.session().problem).toBeNull();
  });

  it('gives up after a number in a row, where it failed, and can be told to try again', () => {
    const bench = new Bench();
    bench.command({ ...PLAY, trackIds: Array.from({ length: 50 }, () => X) });
    for (let count = 1; count < FAILED_TRACKS_IN_A_ROW_MAX; count += 1) {
      fail(bench, X);
      expect(bench.session().playback.kind).toBe('buffering');
    }
    fail(bench, X);
    expect(bench.session()).toMatchObject({
      playback: { kind: 'stopped' },
      problem: { trackId: X },
      queue: { index: FAILED_TRACKS_IN_A_ROW_MAX - 1 },
    });
    expect(bench.command({ kind: 'resume' })).toBe('accepted');
  });

  it('does not go round for ever a context of which nothing plays', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'setRepeat', mode: 'context' });
    bench.command(PLAY);
    for (let count = 0; count < FAILED_TRACKS_IN_A_ROW_MAX; count += 1) {
      const { playback } = bench.session();
      if (playback.kind !== 'stopped') fail(bench, playback.trackId);
    }
    expect(bench.session().playback.kind).toBe('stopped');
  });

  it('arms the one after a next that cannot be played, and goes on there', () => {
    const bench = new Bench().playing();
    bench.event({ kind: 'nextFailed', generation: 1, trackId: B, error: ERROR });
    expect(bench.told()).toEqual([{ kind: 'setNext', generation: 1, trackId: C }]);
    expect(bench.session()).toMatchObject({ playback: { kind: 'playing', trackId: A }, problem: { trackId: B } });
    bench.event({ kind: 'advanced', generation: 1, trackId: C, durationFrames: MINUTE });
    expect(bench.session()).toMatchObject({ playback: { trackId: C }, queue: { index: 2 }, problem: null });
  });

  it('does not search for ever for a next that can be played', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'setRepeat', mode: 'context' });
    let asked = 0;
    for (let armed = B; asked < 100; asked += 1) {
      bench.event({ kind: 'nextFailed', generation: 1, trackId: armed, error: ERROR });
      const [intent] = bench.told();
      if (intent?.kind !== 'setNext' || intent.trackId === null) break;
      armed = intent.trackId;
    }
    expect(asked).toBeLessThan(FAILED_TRACKS_IN_A_ROW_MAX);
    expect(bench.session().playback.kind).toBe('playing');
  });
});

describe('a player and an engine that cross each other', () => {
  it('drops what the engine says of an older generation', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'next' });
    const before = bench.state;
    for (const event of [
      { kind: 'ended', generation: 1, trackId: A },
      { kind: 'failed', generation: 1, trackId: A, error: ERROR },
      { kind: 'advanced', generation: 1, trackId: B, durationFrames: MINUTE },
      { kind: 'starved', generation: 1 },
      { kind: 'ready', generation: 1, trackId: A, durationFrames: MINUTE },
    ] as const) {
      bench.event(event);
      expect(bench.state).toEqual(before);
      expect(bench.effects).toEqual([]);
    }
  });

  it('follows the engine that had gone on before it heard of another next', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'enqueue', trackId: X });
    bench.event({ kind: 'advanced', generation: 1, trackId: B, durationFrames: MINUTE });
    expect(bench.session()).toMatchObject({
      playback: { trackId: B },
      queue: { index: 1, upNext: [X], interlude: null },
    });
    expect(bench.told()).toEqual([{ kind: 'setNext', generation: 1, trackId: X }]);
  });

  it('loads the right track when its seek hit the next one', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'seek', positionMs: ms(10_000) });
    bench.event({ kind: 'advanced', generation: 1, trackId: B, durationFrames: MINUTE });
    bench.ready(B);
    expect(bench.told()[0]).toEqual({
      kind: 'load',
      generation: 3,
      trackId: A,
      startFrames: msToFrames(ms(10_000)),
      isPlaying: true,
    });
  });

  it('loads again what had ended, or skips what had failed, before the engine heard of a seek', () => {
    const ended = new Bench().playing(59_990);
    ended.command({ kind: 'seek', positionMs: ms(10_000) });
    ended.event({ kind: 'ended', generation: 1, trackId: A });
    expect(ended.told()[0]).toMatchObject({ kind: 'load', trackId: A, startFrames: msToFrames(ms(10_000)) });
    const failed = new Bench();
    failed.command(PLAY);
    failed.command({ kind: 'seek', positionMs: ms(10_000) });
    failed.event({ kind: 'failed', generation: 1, trackId: A, error: ERROR });
    expect(failed.told()[0]).toMatchObject({ kind: 'load', trackId: B, startFrames: 0 });
  });

  it('takes an end that crossed with something new to play for the beginning of that', () => {
    const bench = new Bench();
    bench.command({ ...PLAY, trackIds: [A] });
    bench.ready(A).sounding(A, 59_990);
    bench.command({ kind: 'enqueue', trackId: X });
    bench.event({ kind: 'ended', generation: 1, trackId: A });
    expect(bench.told()[0]).toMatchObject({ kind: 'load', trackId: X });
    expect(bench.session().queue).toMatchObject({ interlude: X, upNext: [] });
  });

  it('arms a track that repeats anew each time', () => {
    const bench = new Bench().playing();
    bench.command({ kind: 'setRepeat', mode: 'track' });
    bench.event({ kind: 'advanced', generation: 1, trackId: A, durationFrames: MINUTE });
    expect(bench.told()).toEqual([{ kind: 'setNext', generation: 1, trackId: A }]);
  });
});
