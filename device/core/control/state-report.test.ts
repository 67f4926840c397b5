import { beforeEach, describe, expect, it } from 'vitest';
import {
  createStateReport,
  REFRESH_EVERY_MS,
  REPORT_EVERY_MS,
  type ReportedState,
  type StateReport,
} from '#device/core/control/state-report';
import { trackId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { type Frames, frames, framesToMs, ms, msToFrames, percent, us } from '#protocol/vocabulary/units';
import type { SessionState, StateDifference, StateSnapshot } from '#protocol/wire/playback-state';
import { VirtualClock } from '#sim/world/virtual-clock';

const TRACK = trackId('a'.repeat(22));
const IDLE: ReportedState = {
  epoch: 1,
  session: null,
  speaker: { volume: percent(40), output: 'virtual', outputProblem: null, bufferedMs: ms(0), underruns: 0 },
  positionTrueAtUs: null,
  clockOffset: null,
};

let clock: VirtualClock;
let state: ReportedState;
let sent: (StateSnapshot | StateDifference)[];
let report: StateReport;

beforeEach(() => {
  clock = new VirtualClock();
  state = IDLE;
  sent = [];
  report = createStateReport(clock, { read: () => state, send: (message) => sent.push(message) });
});

function playingAt(positionFrames: Frames, kind: 'playing' | 'paused' = 'playing'): ReportedState {
  const session: SessionState = {
    playback: { kind, trackId: TRACK, positionFrames, durationFrames: frames(48_000_000) },
    queue: { contextUri: null, trackIds: [TRACK], index: 0, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'off',
    problem: null,
  };
  return { ...state, session, positionTrueAtUs: kind === 'playing' ? clock.nowUs() : null };
}

/** A second of playing, with one report of the engine at its end. */
async function playSecond(): Promise<void> {
  await clock.advance(ms(1_000));
  state = { ...state, ...playingAt(msToFrames(ms(clock.nowUs() / 1_000))) };
  report.changed();
}

describe('a report', () => {
  it('tells that a track began again, although all of it reads as when it began', async () => {
    state = playingAt(frames(0));
    report.sendSnapshot();
    await clock.advance(ms(3_000));
    state = playingAt(frames(0));
    report.changed();
    expect(sent).toHaveLength(2);
    const difference = sent[1];
    assert(difference?.kind === 'stateDifference', 'a difference follows a snapshot');
    expect(difference.positionAgeUs).toBe(0);
    expect(difference.session).toEqual({ playback: state.session?.playback });
  });

  it('begins with a snapshot, and is silent while nothing changes', async () => {
    report.sendSnapshot();
    report.changed();
    await clock.advance(ms(60_000));
    expect(report.flush()).toBe(1);
    expect(sent).toEqual([
      { kind: 'stateSnapshot', epoch: 1, revision: 1, positionAgeUs: 0, session: null, speaker: IDLE.speaker },
    ]);
    expect(clock.timers()).toEqual([]);
  });

  it('says when the position was true on the bridge’s clock, while that is known', async () => {
    state = { ...playingAt(frames(0)), clockOffset: { offsetUs: us(7_000), errorUs: us(90) } };
    await clock.advance(ms(3));
    report.sendSnapshot();
    expect(sent[0]).toMatchObject({
      clock: { offsetUs: 7_000, errorUs: 90, positionAtUs: 7_000 },
      positionAgeUs: 3_000,
    });
  });

  it('tells only what changed, from the revision before', () => {
    report.sendSnapshot();
    state = { ...state, speaker: { ...state.speaker, volume: percent(41) } };
    expect(report.flush()).toBe(2);
    expect(sent[1]).toEqual({
      kind: 'stateDifference',
      epoch: 1,
      revision: 2,
      baseRevision: 1,
      positionAgeUs: 0,
      speaker: { volume: 41 },
    });
  });

  it('is a snapshot when a session begins or ends, or the epoch changes', () => {
    report.sendSnapshot();
    state = playingAt(frames(0));
    report.flush();
    state = { ...state, epoch: 2 };
    report.flush();
    state = { ...IDLE, epoch: 2 };
    report.flush();
    expect(sent.map((message) => message.kind)).toEqual(Array.from({ length: 4 }, () => 'stateSnapshot'));
    expect(sent.map((message) => message.revision)).toEqual([1, 2, 3, 4]);
  });

  it('tells of what nobody commanded soon, together, and not again', async () => {
    report.sendSnapshot();
    for (let underruns = 1; underruns <= 30; underruns += 1) {
      state = { ...state, speaker: { ...state.speaker, underruns } };
      report.changed();
    }
    expect(sent).toHaveLength(1);
    await clock.advance(REPORT_EVERY_MS);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ speaker: { underruns: 30 } });
    expect(clock.timers()).toEqual([]);
  });

  it('takes what waited along when a command makes it speak', async () => {
    report.sendSnapshot();
    state = { ...state, speaker: { ...state.speaker, underruns: 1 } };
    report.changed();
    state = { ...state, speaker: { ...state.speaker, volume: percent(1) } };
    report.flush();
    await clock.advance(ms(1_000));
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ speaker: { underruns: 1, volume: 1 } });
  });
});

describe('a position', () => {
  it('that moves as expected is told every ten seconds, with its age', async () => {
    state = playingAt(frames(0));
    report.sendSnapshot();
    for (let second = 0; second < 35; second += 1) await playSecond();
    expect(sent.slice(1).map((message) => message.kind)).toEqual(Array.from({ length: 3 }, () => 'stateDifference'));
    await clock.advance(ms(300));
    report.sendSnapshot();
    expect(sent.at(-1)?.positionAgeUs).toBe(300_000);
  });

  it('that jumps is told at once', async () => {
    state = playingAt(frames(0));
    report.sendSnapshot();
    await playSecond();
    expect(sent).toHaveLength(1);
    state = playingAt(msToFrames(ms(5_000)));
    report.changed();
    expect(sent).toHaveLength(2);
  });

  it('that comes to rest is told to the frame', async () => {
    state = playingAt(frames(0));
    report.sendSnapshot();
    await clock.advance(ms(1_000));
    state = playingAt(frames(48_000), 'paused');
    report.flush();
    state = playingAt(frames(48_001), 'paused');
    await clock.advance(REPORT_EVERY_MS);
    report.changed();
    const last = sent.at(-1);
    assert(
      last?.kind === 'stateDifference' && last.session?.playback?.kind === 'paused',
      'a difference of the position',
    );
    expect(framesToMs(last.session.playback.positionFrames)).toBeCloseTo(1_000.02, 2);
    expect(last.positionAgeUs).toBe(0);
  });

  it('is told with the buffer, whose filling alone is no news', async () => {
    report.sendSnapshot();
    state = { ...state, speaker: { ...state.speaker, bufferedMs: ms(5_000) } };
    await clock.advance(ms(1_000));
    report.changed();
    expect(sent).toHaveLength(1);
    await clock.advance(REFRESH_EVERY_MS);
    report.changed();
    expect(sent[1]).toMatchObject({ speaker: { bufferedMs: 5_000 } });
  });
});

describe('a report without a link', () => {
  it('counts what changes, and tells it all in one snapshot', async () => {
    report.sendSnapshot();
    report.pause();
    for (let volume = 50; volume < 55; volume += 1) {
      state = { ...state, speaker: { ...state.speaker, volume: percent(volume) } };
      expect(report.flush()).toBe(volume - 48);
    }
    await clock.advance(ms(1_000));
    expect(sent).toHaveLength(1);
    report.sendSnapshot();
    expect(sent[1]).toMatchObject({ kind: 'stateSnapshot', revision: 6, speaker: { volume: 54 } });
  });

  it('forgets the difference that waited', async () => {
    report.sendSnapshot();
    state = { ...state, speaker: { ...state.speaker, underruns: 1 } };
    report.changed();
    report.pause();
    expect(clock.timers()).toEqual([]);
    await clock.advance(ms(1_000));
    expect(sent).toHaveLength(1);
  });

  it('has told nobody anything before the first snapshot', () => {
    state = playingAt(frames(0));
    expect(report.flush()).toBe(0);
    report.sendSnapshot();
    expect(report.revision()).toBe(1);
    expect(us(0)).toBe(sent[0]?.positionAgeUs);
  });
});
