/** A player that is handed a session, and one that lets go of its own. */
import { describe, expect, it } from 'vitest';
import { PREPARED_KEPT_MS } from '#device/core/control/player-moves';
import { sessionOf } from '#device/core/control/player-state';
import { trackId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { frames, ms, msToFrames, percent, us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { SessionState } from '#protocol/wire/playback-state';
import {
  PlayerBench as Bench,
  BENCH_ERROR as ERROR,
  BENCH_TRACK_FRAMES as MINUTE,
  BENCH_PLAY as PLAY,
  BENCH_TRACKS as TRACKS,
} from '#sim/speakers/player-bench';

const [A, B, _C] = TRACKS;
const X = trackId('x'.repeat(22));

describe('a player that is handed a session', () => {
  const session: SessionState = {
    playback: { kind: 'stopped' },
    queue: { contextUri: null, trackIds: TRACKS, index: 1, upNext: [X], interlude: null },
    shuffleSeed: null,
    repeat: 'off',
    problem: null,
  };
  const prepare: CommandBody = { kind: 'prepare', session, positionFrames: frames(480) };

  it('keeps what it prepared for a named time, and shows no session until it is its own', () => {
    const bench = new Bench();
    expect(bench.command(prepare)).toBe('none');
    expect(bench.effects).toContainEqual({ kind: 'armModeTimer', delay: 1_000 });
    bench.ready(B);
    expect(bench.answer('command-1')).toBe('accepted');
    expect(bench.effects).toContainEqual({ kind: 'armModeTimer', delay: PREPARED_KEPT_MS });
    expect(sessionOf(bench.state)).toBeNull();
    bench.input({ kind: 'modeTimerFired', nowUs: us(0) });
    expect(bench.told()).toEqual([{ kind: 'stop' }]);
    expect(bench.command({ kind: 'commit', positionFrames: frames(0), isPlaying: true })).toBe(
      'session.nothing-to-play',
    );
  });

  it('goes on from the frame it prepared without a seek', () => {
    const bench = new Bench();
    bench.command(prepare);
    bench.ready(B);
    expect(bench.command({ kind: 'commit', positionFrames: frames(480), isPlaying: true })).toBe('accepted');
    expect(bench.told()).toEqual([{ kind: 'setNext', generation: 1, trackId: X }, { kind: 'play' }]);
    expect(bench.effects).toContainEqual({ kind: 'cancelModeTimer' });
    expect(bench.session()).toMatchObject({ playback: { kind: 'playing', trackId: B, positionFrames: 480 } });
  });

  it('is paused when it was', () => {
    const bench = new Bench();
    bench.command(prepare);
    bench.ready(B);
    bench.command({ kind: 'commit', positionFrames: frames(960), isPlaying: false });
    expect(bench.told()).toMatchObject([{ kind: 'seek', positionFrames: 960 }, { kind: 'setNext' }]);
    expect(bench.session().playback).toMatchObject({ kind: 'paused', positionFrames: 960 });
  });

  it('takes over a queue with nothing in it', () => {
    const bench = new Bench();
    const empty = { ...session, queue: { ...session.queue, trackIds: [], index: 0 } };
    expect(bench.command({ kind: 'prepare', session: empty, positionFrames: frames(0) })).toBe('accepted');
    expect(bench.command({ kind: 'commit', positionFrames: frames(0), isPlaying: true })).toBe('accepted');
    expect(bench.session().playback.kind).toBe('stopped');
  });

  it('refuses one whose current track is none', () => {
    const broken = { ...session, queue: { ...session.queue, index: 1e9 } };
    expect(new Bench().command({ kind: 'prepare', session: broken, positionFrames: frames(0) })).toBe('input.invalid');
  });

  it('lets a newer hand-over supersede an older one', () => {
    const bench = new Bench();
    bench.command(prepare);
    bench.command(prepare);
    expect(bench.answer('command-1')).toBe('superseded');
    bench.ready(B);
    expect(bench.answer('command-2')).toBe('accepted');
  });

  it('is silent when it is fenced, and owes nobody an answer', () => {
    const bench = new Bench();
    bench.command(prepare);
    bench.input({ kind: 'fenced', nowUs: us(0) });
    expect(bench.answer('command-1')).toBe('superseded');
    expect(bench.told()).toEqual([{ kind: 'stop' }]);
    expect(bench.effects).toContainEqual({ kind: 'cancelModeTimer' });
  });
});

describe('a player that lets go', () => {
  const released = (bench: Bench) => {
    const answer = bench.effects.find((effect) => effect.kind === 'answer');
    assert(answer?.reply.kind === 'accepted', 'the release is accepted');
    return answer.reply.session;
  };
  const releasing = () => {
    const bench = new Bench().playing(1_000);
    expect(bench.command({ kind: 'release' })).toBe('none');
    expect(bench.told()).toEqual([{ kind: 'pause' }]);
    expect(sessionOf(bench.state)).toBeNull();
    return bench;
  };

  it('waits for its last sound, and says at which frame that was', () => {
    const bench = releasing();
    bench.sounding(A, 1_050);
    expect(bench.effects).toEqual([]);
    bench.sounding(A, 1_110, false);
    expect(bench.told()).toEqual([{ kind: 'stop' }]);
    expect(bench.effects).toContainEqual({ kind: 'cancelModeTimer' });
    expect(released(bench)?.playback).toEqual({
      kind: 'playing',
      trackId: A,
      positionFrames: msToFrames(ms(1_110)),
      durationFrames: MINUTE,
    });
    expect(bench.state.mode.kind).toBe('idle');
  });

  it('has gone on to the next track if its last sound was of that', () => {
    const bench = releasing();
    bench.event({ kind: 'advanced', generation: 1, trackId: B, durationFrames: MINUTE });
    expect(bench.told()).toEqual([]);
    bench.sounding(B, 20, false);
    expect(released(bench)).toMatchObject({ playback: { trackId: B, positionFrames: 960 }, queue: { index: 1 } });
  });

  it.each<[string, (bench: Bench) => void]>([
    ['the engine says nothing', (bench) => bench.input({ kind: 'modeTimerFired', nowUs: us(9e6) })],
    ['it is fenced', (bench) => bench.input({ kind: 'fenced', nowUs: us(9e6) })],
    ['it is told to play something else', (bench) => bench.command(PLAY)],
    ['it is told to let go once more', (bench) => bench.command({ kind: 'release' })],
    ['the track fails', (bench) => bench.event({ kind: 'failed', generation: 1, trackId: A, error: ERROR })],
  ])('says where it knows it was when %s', (_what, happen) => {
    const bench = releasing();
    bench.nowMs = 9_000;
    happen(bench);
    expect(released(bench)?.playback).toMatchObject({ trackId: A, positionFrames: 48_000 });
  });

  it('does so at once when nothing sounds', () => {
    const bench = new Bench().playing(1_000);
    bench.command({ kind: 'pause' });
    expect(bench.command({ kind: 'release' })).toBe('accepted');
    expect(bench.told()).toEqual([{ kind: 'stop' }]);
    expect(released(bench)?.playback).toMatchObject({ kind: 'paused', positionFrames: 48_000 });
  });
});

describe('a hand-over at an instant', () => {
  const session: SessionState = {
    playback: { kind: 'stopped' },
    queue: { contextUri: null, trackIds: TRACKS, index: 0, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'off',
    problem: null,
  };
  const prepared = () => {
    const bench = new Bench();
    bench.command({ kind: 'prepare', session, positionFrames: frames(480) });
    return bench.ready(A);
  };
  const commit = (volumeMax?: number): CommandBody => ({
    kind: 'commit',
    positionFrames: frames(960),
    isPlaying: true,
    ...(volumeMax === undefined ? {} : { volumeMax: percent(volumeMax) }),
  });
  const letting = () => {
    const bench = new Bench().playing(1_000);
    expect(bench.commandAt(400, { kind: 'release', atUs: us(0) })).toBe('none');
    return bench;
  };

  it('has prepared, and tells what it takes the bridge’s clock to be', () => {
    const bench = new Bench();
    bench.command({ kind: 'prepare', session, positionFrames: frames(480) });
    bench.ready(A);
    expect(bench.effects).toContainEqual({
      kind: 'answer',
      id: 'command-1',
      reply: { kind: 'accepted', tellsClock: true },
    });
  });

  it('has its writer say that it buffers until it sounds, from the place at which it will', () => {
    const bench = prepared();
    expect(bench.commandAt(400, commit())).toBe('accepted');
    expect(bench.told()).toMatchObject([
      { kind: 'seek', positionFrames: 960 },
      { kind: 'setNext' },
      { kind: 'play', startAt: { positionFrames: 960, atUs: 400_000 } },
    ]);
    expect(bench.session().playback).toMatchObject({ kind: 'buffering', positionFrames: 960 });
    bench.nowMs = 400;
    bench.ready(A).sounding(A, 20);
    expect(bench.session().playback).toMatchObject({ kind: 'playing', positionFrames: 960 });
  });

  it.each([
    [30, 30, [{ kind: 'setVolume', volume: 30 }]],
    [60, 40, []],
    [undefined, 40, []],
  ] as const)('told to be no louder than %s it has volume %i', (most, volume, told) => {
    const bench = prepared();
    bench.commandAt(400, commit(most));
    expect(bench.state.speaker.volume).toBe(volume);
    expect(bench.told().filter(({ kind }) => kind === 'setVolume')).toEqual(told);
  });

  it('falls silent at it, and waits that much longer to hear that it did', () => {
    const bench = letting();
    expect(bench.told()).toEqual([{ kind: 'pause', atUs: 400_000 }]);
    expect(bench.effects).toContainEqual({ kind: 'armModeTimer', delay: 1_400 });
    expect(sessionOf(bench.state)).toBeNull();
    bench.sounding(A, 1_200);
    expect(bench.effects).toEqual([]);
    bench.sounding(A, 1_400, false);
    expect(bench.answer('command-2')).toBe('accepted');
  });

  it('that is called off goes on, and its release is superseded', () => {
    const bench = letting();
    bench.event({ kind: 'advanced', generation: 1, trackId: B, durationFrames: MINUTE });
    expect(bench.command({ kind: 'keep' })).toBe('accepted');
    expect(bench.answer('command-2')).toBe('superseded');
    expect(bench.told()).toMatchObject([{ kind: 'play' }, { kind: 'setNext', trackId: TRACKS[2] }]);
    expect(bench.effects).toContainEqual({ kind: 'cancelModeTimer' });
    expect(bench.session()).toMatchObject({ playback: { kind: 'playing', trackId: B }, queue: { index: 1 } });
  });

  it('cannot be called off once it is silent, and need not be where nothing was let go', () => {
    const bench = letting();
    bench.sounding(A, 1_400, false);
    expect(bench.command({ kind: 'keep' })).toBe('session.nothing-to-play');
    expect(new Bench().playing(1_000).command({ kind: 'keep' })).toBe('accepted');
  });
});
