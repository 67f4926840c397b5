import { beforeEach, describe, expect, it } from 'vitest';
import type { RememberedPlayback } from '#device/core/ports/playback-memory';
import { commandId, trackId } from '#protocol/vocabulary/ids';
import { frames, ms, percent, us } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createPlaybackKeeper, PROVEN_AFTER_MS } from './playback-keeper.ts';
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

const PERFORMED = [commandId('command-pressed')];

const keep = (resumes = 0) => {
  const memory = {
    recall: async () => null,
    remember: (playback: RememberedPlayback) => void remembered.push(playback),
    place: (position: number) => void places.push(position),
    flush: async () => undefined,
  };
  return createPlaybackKeeper(
    { clock, memory },
    { player: () => state, epoch: () => 3, performed: () => PERFORMED },
    resumes,
  );
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
    expect(remembered).toEqual([
      { epoch: 3, volume: 40, session: null, generation: 0, resumes: 0, performed: PERFORMED },
    ]);
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

  /** The engine says where it is, once a second, as it does while sound is heard. */
  const hear = async (keeper: { changed(): void }, seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await clock.advance(ms(1_000));
      if (state.mode.kind !== 'loaded') return;
      const positionFrames = frames(state.mode.anchor.positionFrames + 48_000);
      state = { ...state, mode: { ...state.mode, anchor: { positionFrames, atUs: clock.nowUs() } } };
      keeper.changed();
    }
  };

  it('is the place, once a second while it plays and never while it does not', async () => {
    const keeper = keep();
    state = loaded();
    keeper.changed();
    await hear(keeper, 3);
    // Whatever else is said meanwhile.
    keeper.changed();
    expect(places).toEqual([48_000, 96_000, 144_000]);
    const anchor = { positionFrames: frames(144_077), atUs: clock.nowUs() };
    state = loaded({ activity: 'paused', anchor });
    keeper.changed();
    await clock.advance(ms(5_000));
    keeper.changed();
    expect(places).toHaveLength(3);
    expect(remembered.at(-1)?.session?.playback).toMatchObject({ kind: 'paused', positionFrames: 144_077 });
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
    keeper.changed();
    expect(places).toEqual([1_500 * 48]);
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
    await hear(keeper, PROVEN_AFTER_MS / 1_000 - 1);
    expect(remembered.every(({ resumes }) => resumes === 2)).toBe(true);
    await hear(keeper, 2);
    expect(remembered.at(-1)?.resumes).toBe(0);
  });
});
