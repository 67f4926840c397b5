import { beforeEach, describe, expect, it } from 'vitest';
import type { RememberedPlayback } from '#device/core/ports/playback-memory';
import { trackId } from '#protocol/vocabulary/ids';
import { frames, ms, percent, us } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createPlaybackKeeper, PLACE_EVERY_MS, PROVEN_AFTER_MS } from './playback-keeper.ts';
import { initialPlayerState, type LoadedMode, type PlayerState } from './player-state.ts';
import type { QueueState } from './queue.ts';

const TRACK = trackId('a'.repeat(22));
const QUEUE: QueueState = {
  queue: { contextUri: null, trackIds: [TRACK], index: 0, upNext: [], interlude: null },
  shuffleSeed: null,
  repeat: 'off',
};
const IDLE = initialPlayerState({
  volume: percent(40),
  output: 'virtual',
  outputProblem: null,
  bufferedMs: ms(0),
  underruns: 0,
});

let clock: VirtualClock;
let state: PlayerState;
let remembered: RememberedPlayback[];
let places: number[];

const loaded = (part: Partial<LoadedMode> = {}): PlayerState => ({
  ...IDLE,
  generation: 1,
  mode: {
    kind: 'loaded',
    queue: QUEUE,
    problem: null,
    track: { trackId: TRACK, durationFrames: frames(48_000_000), isReady: true },
    loadGeneration: 1,
    anchor: { positionFrames: frames(0), atUs: clock.nowUs() },
    activity: 'playing',
    armed: null,
    armedBefore: [],
    failures: 0,
    ...part,
  },
});

const keep = (resumes = 0) => {
  const memory = {
    recall: async () => null,
    remember: (playback: RememberedPlayback) => void remembered.push(playback),
    place: (position: number) => void places.push(position),
    flush: async () => undefined,
  };
  return createPlaybackKeeper({ clock, memory }, { player: () => state, epoch: () => 3 }, resumes);
};

beforeEach(() => {
  clock = new VirtualClock();
  state = IDLE;
  remembered = [];
  places = [];
});

describe('what is remembered of playing', () => {
  it('is the whole at each change, and nothing when nothing has changed', () => {
    const keeper = keep();
    keeper.changed();
    keeper.changed();
    expect(remembered).toEqual([{ epoch: 3, volume: 40, session: null, resumes: 0 }]);
    state = loaded();
    keeper.changed();
    // Another object, and not another state.
    state = { ...state, speaker: { ...state.speaker, bufferedMs: ms(5) } };
    keeper.changed();
    expect(remembered).toHaveLength(2);
    state = { ...state, speaker: { ...state.speaker, volume: percent(41) } };
    keeper.changed();
    expect(remembered.at(-1)).toMatchObject({ volume: 41, session: { playback: { kind: 'playing', trackId: TRACK } } });
  });

  it('is the place, five times a second while it plays and never while it does not', async () => {
    const keeper = keep();
    state = loaded();
    keeper.changed();
    await clock.advance(ms(1_000));
    expect(places).toEqual([1, 2, 3, 4, 5].map((count) => count * 48 * PLACE_EVERY_MS));
    const anchor = { positionFrames: frames(48_077), atUs: clock.nowUs() };
    state = loaded({ activity: 'paused', anchor });
    keeper.changed();
    await clock.advance(ms(5_000));
    expect(places).toHaveLength(5);
    expect(remembered.at(-1)?.session?.playback).toMatchObject({ kind: 'paused', positionFrames: 48_077 });
    expect(clock.timers()).toEqual([]);
  });

  it('is where it came to rest, also when that is learnt later', () => {
    const keeper = keep();
    state = loaded({ activity: 'paused', anchor: { positionFrames: frames(100), atUs: us(0) } });
    keeper.changed();
    state = loaded({ activity: 'paused', anchor: { positionFrames: frames(90), atUs: us(0) } });
    keeper.changed();
    expect(remembered.map(({ session }) => session?.playback)).toMatchObject([
      { positionFrames: 100 },
      { positionFrames: 90 },
    ]);
  });

  it('is not a place that nobody has heard of: an engine that says nothing has not gone on', async () => {
    const keeper = keep();
    state = loaded();
    keeper.changed();
    await clock.advance(ms(60_000));
    expect(places.at(-1)).toBe(1_500 * 48);
    await keeper.stop();
  });

  it('is paused when it is ended on purpose', async () => {
    const keeper = keep();
    state = loaded();
    keeper.changed();
    await clock.advance(ms(1_000));
    await keeper.stop();
    expect(remembered.at(-1)?.session?.playback).toMatchObject({ kind: 'paused', positionFrames: 48_000 });
    expect(clock.timers()).toEqual([]);
  });

  it('counts how often it was gone on with until it has played for long in a row', async () => {
    const keeper = keep(2);
    state = loaded({ activity: 'buffering' });
    keeper.changed();
    await clock.advance(ms(60_000));
    state = loaded();
    keeper.changed();
    await clock.advance(ms(PROVEN_AFTER_MS - 1_000));
    expect(remembered.every(({ resumes }) => resumes === 2)).toBe(true);
    await clock.advance(ms(2_000));
    expect(remembered.at(-1)?.resumes).toBe(0);
    await keeper.stop();
  });
});
