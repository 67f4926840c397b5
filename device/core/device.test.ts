/** The whole speaker in virtual time, against a bridge that does what the test says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assert } from '#protocol/vocabulary/result';
import { frames, ms, msToFrames, percent } from '#protocol/vocabulary/units';
import type { SessionState } from '#protocol/wire/playback-state';
import {
  RIG_ADDRESS as ADDRESS,
  RIG_TRACK_GONE as GONE,
  RIG_TRACK_FRAMES as MINUTE,
  RIG_PLAY as PLAY,
  SpeakerRig,
  RIG_TRACKS as TRACKS,
} from '#sim/speakers/speaker-rig';

const [A, B, C] = TRACKS;

let rig: SpeakerRig;

beforeEach(async () => {
  rig = new SpeakerRig();
  await rig.startUp();
});

afterEach(async () => {
  await rig.shutDown();
  expect(rig.clock.timers()).toEqual([]);
});

describe('a speaker that meets its bridge', () => {
  it('says who it is, makes an id that it keeps, and reports a snapshot', async () => {
    const [hello] = rig.bridge.hellos;
    expect(hello?.speaker).toMatchObject({ name: 'Kitchen', model: 'test' });
    expect(hello?.resume).toBeNull();
    expect(rig.bridge.state).toMatchObject({ session: null, speaker: { volume: 40, output: 'virtual' } });
    expect(rig.disk.written?.speakerId).toBe(hello?.speaker.id);
    expect(rig.device.view().connection).toMatchObject({ kind: 'connected', address: ADDRESS });

    await rig.clock.advance(ms(2_000));
    await rig.shutDown();
    await rig.startUp();
    expect(rig.bridge.hellos[1]?.speaker.id).toBe(hello?.speaker.id);
    expect(rig.bridge.hellos[1]?.resume).toMatchObject({ token: 'resume-token-1', isActive: false });
  });

  it('tells the engine where the bridge’s files are', () => {
    expect(rig.engine.bridgeUrl).toBe('http://bridge:4747');
  });

  it('measures the clocks, and says how far off it may be', async () => {
    rig.bridge.clockOffsetUs = 5_000_000;
    await rig.clock.advance(ms(20_000));
    const offset = rig.device.view().clockOffset;
    expect(Math.abs((offset?.offsetUs ?? 0) - 5_000_000)).toBeLessThanOrEqual(offset?.errorUs ?? 0);
    expect(offset?.errorUs).toBeLessThan(10_000);
    expect(rig.bridge.probes).toBeGreaterThanOrEqual(16);
  });

  it('keeps its volume over a restart', async () => {
    expect(await rig.command({ kind: 'setVolume', volume: percent(73) })).toBe('accepted');
    expect(rig.engine.volume).toBe(73);
    await rig.shutDown();
    await rig.startUp();
    expect(rig.engine.volume).toBe(73);
    expect(rig.bridge.state?.speaker.volume).toBe(73);
  });

  it('saves a volume that turns and turns no more than once a second', async () => {
    let writes = 0;
    let written = rig.disk.written;
    Object.defineProperty(rig.disk, 'written', {
      get: () => written,
      set: (value: typeof written) => {
        writes += 1;
        written = value;
      },
    });
    for (let volume = 0; volume < 50; volume += 1) rig.bridge.command({ kind: 'setVolume', volume: percent(volume) });
    await rig.clock.advance(ms(3_000));
    expect(writes).toBe(1);
    expect(written?.volume).toBe(49);
  });
});

describe('a speaker that is told what to play', () => {
  it('plays, and tells the change before the answer', async () => {
    const id = rig.bridge.command(PLAY);
    await rig.clock.advance(ms(30));
    const kinds = rig.bridge.messages.map((message) => message.kind);
    expect(kinds.indexOf('answer')).toBeGreaterThan(kinds.lastIndexOf('stateSnapshot'));
    expect(rig.bridge.answers(id)[0]?.outcome).toEqual({ kind: 'accepted', revision: rig.bridge.state?.revision });
    expect(rig.session().playback.kind).toBe('buffering');
    await rig.clock.advance(ms(500));
    expect(rig.session().playback).toMatchObject({ kind: 'playing', trackId: A, durationFrames: MINUTE });
    expect(rig.engine.isSounding()).toBe(true);
  });

  it('goes on to the next track without a gap, and stops at the end with the queue kept', async () => {
    await rig.command(PLAY);
    await rig.clock.advance(ms(60_500));
    expect(rig.session().playback).toMatchObject({ kind: 'playing', trackId: B });
    expect(rig.engine.intents.filter((intent) => intent.kind === 'load')).toHaveLength(1);
    await rig.clock.advance(ms(125_000));
    expect(rig.engine.heard.map((it) => it.trackId)).toEqual([A, B, C]);
    expect(rig.session()).toMatchObject({ playback: { kind: 'stopped' }, queue: { trackIds: TRACKS, index: 0 } });
    expect(await rig.command({ kind: 'resume' })).toBe('accepted');
    expect(rig.session().playback).toMatchObject({ kind: 'playing', trackId: A });
  });

  it('answers the same command the same, and does it once', async () => {
    await rig.command(PLAY);
    expect(await rig.command({ kind: 'next' }, { id: 'the-same' })).toBe('accepted');
    const before = rig.engine.intents.length;
    await rig.command({ kind: 'next' }, { id: 'the-same' });
    const answers = rig.bridge.answers('the-same');
    expect(answers).toHaveLength(2);
    expect(answers[1]).toEqual(answers[0]);
    expect(rig.engine.intents).toHaveLength(before);
    expect(rig.session().playback).toMatchObject({ trackId: B });
  });

  it('refuses commands of an older epoch, and what nobody waits for any more', async () => {
    await rig.command(PLAY, { epoch: 3 });
    expect(rig.bridge.state?.epoch).toBe(3);
    expect(await rig.command({ kind: 'pause' }, { epoch: 2 })).toBe('superseded');
    expect(await rig.command({ kind: 'pause' }, { epoch: 3, deadlineMs: 0 })).toBe('session.deadline-passed');
    expect(rig.engine.isSounding()).toBe(true);
    expect(await rig.command({ kind: 'pause' }, { epoch: 3 })).toBe('accepted');
    expect(rig.engine.isSounding()).toBe(false);
  });

  it('tells a position now and then, not every second', async () => {
    await rig.command(PLAY);
    await rig.clock.advance(ms(1_000));
    const before = rig.bridge.messages.length;
    await rig.clock.advance(ms(30_000));
    const told = rig.bridge.messages.length - before;
    expect(told).toBeGreaterThanOrEqual(2);
    expect(told).toBeLessThanOrEqual(4);
    // Right to the latency of the network, although it was last told seconds ago.
    const last = rig.bridge.messages.findLast((message) => message.kind === 'stateDifference');
    assert(last?.kind === 'stateDifference', 'there was a difference');
    expect(last.positionAgeUs).toBeGreaterThanOrEqual(0);
    expect(last.positionAgeUs).toBeLessThan(1_000_000);
  });

  it('holds back what nobody caused to ten differences a second', async () => {
    await rig.command(PLAY);
    await rig.clock.advance(ms(1_000));
    const before = rig.bridge.messages.length;
    for (let underruns = 1; underruns <= 100; underruns += 1) {
      rig.engine.reportHealth(underruns, null);
      await rig.clock.advance(ms(10));
    }
    await rig.clock.advance(ms(200));
    expect(rig.bridge.messages.length - before).toBeLessThanOrEqual(12);
    expect(rig.bridge.state?.speaker.underruns).toBe(100);
  });

  it('gives a snapshot when asked', async () => {
    const before = rig.bridge.messages.length;
    rig.bridge.say({ kind: 'stateRequest' });
    await rig.clock.advance(ms(50));
    expect(rig.bridge.messages.slice(before).map((message) => message.kind)).toEqual(['stateSnapshot']);
  });

  it('skips what cannot be played, and gives up when nothing can', async () => {
    await rig.command({ ...PLAY, trackIds: [GONE, A] });
    await rig.clock.advance(ms(1_000));
    expect(rig.session()).toMatchObject({ playback: { kind: 'playing', trackId: A }, problem: null });
    await rig.command({ ...PLAY, trackIds: Array.from({ length: 50 }, () => GONE) });
    await rig.clock.advance(ms(1_000));
    expect(rig.session()).toMatchObject({
      playback: { kind: 'stopped' },
      problem: { error: { code: 'catalogue.not-found' } },
    });
    const loads = rig.engine.intents.filter((intent) => intent.kind === 'load' && intent.trackId === GONE);
    expect(loads).toHaveLength(6);
  });

  it('says so when it has nothing to play for want of data, and goes on when it comes', async () => {
    await rig.command(PLAY);
    await rig.clock.advance(ms(5_000));
    rig.engine.starve();
    await rig.clock.advance(ms(3_000));
    expect(rig.session().playback.kind).toBe('buffering');
    rig.engine.feed();
    await rig.clock.advance(ms(300));
    expect(rig.session().playback.kind).toBe('playing');
    expect(rig.toldPositionMs()).toBeLessThan(6_000);
  });
});

describe('a hand-over', () => {
  const at = msToFrames(ms(20_000));
  const handedOver: SessionState = {
    playback: { kind: 'playing', trackId: B, positionFrames: at, durationFrames: MINUTE },
    queue: { contextUri: null, trackIds: TRACKS, index: 1, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'context',
    problem: null,
  };

  it('is prepared without a sound, then committed, and goes on from the very frame', async () => {
    expect(await rig.command({ kind: 'prepare', session: handedOver, positionFrames: at }, { epoch: 5 })).toBe(
      'accepted',
    );
    expect(rig.engine.isSounding()).toBe(false);
    expect(rig.bridge.state?.session).toBeNull();
    const later = frames(at + 4_800);
    expect(await rig.command({ kind: 'commit', positionFrames: later, isPlaying: true }, { epoch: 5 })).toBe(
      'accepted',
    );
    expect(rig.engine.heard).toEqual([{ trackId: B, fromFrames: later }]);
    expect(rig.bridge.state).toMatchObject({ epoch: 5, session: { repeat: 'context', playback: { kind: 'playing' } } });
  });

  it('is answered when the engine is ready, not before', async () => {
    const id = rig.bridge.command({ kind: 'prepare', session: handedOver, positionFrames: at });
    await rig.clock.advance(ms(30));
    expect(rig.bridge.outcome(id)).toBeNull();
    await rig.clock.advance(ms(100));
    expect(rig.bridge.outcome(id)).toBe('accepted');
  });

  it('is refused when the track cannot be buffered in time, or at all', async () => {
    const tight = rig.bridge.command({ kind: 'prepare', session: handedOver, positionFrames: at }, { deadlineMs: 20 });
    await rig.clock.advance(ms(200));
    expect(rig.bridge.outcome(tight)).toBe('session.deadline-passed');
    expect(await rig.command({ kind: 'commit', positionFrames: at, isPlaying: true })).toBe('session.nothing-to-play');
    const missing = { ...handedOver, queue: { ...handedOver.queue, trackIds: [GONE], index: 0 } };
    expect(await rig.command({ kind: 'prepare', session: missing, positionFrames: at })).toBe('catalogue.not-found');
  });

  it('that is never committed is given up after a while', async () => {
    await rig.command({ kind: 'prepare', session: handedOver, positionFrames: at });
    await rig.clock.advance(ms(31_000));
    expect(rig.engine.position()).toBeNull();
    expect(await rig.command({ kind: 'commit', positionFrames: at, isPlaying: true })).toBe('session.nothing-to-play');
  });

  it('is superseded by whatever is asked for instead', async () => {
    const id = rig.bridge.command({ kind: 'prepare', session: handedOver, positionFrames: at });
    rig.bridge.command(PLAY);
    await rig.clock.advance(ms(300));
    expect(rig.bridge.outcome(id)).toBe('superseded');
    expect(rig.session().playback).toMatchObject({ kind: 'playing', trackId: A });
  });

  it('leaves the old writer silent, with the position where it stopped', async () => {
    await rig.command(PLAY, { epoch: 4 });
    await rig.clock.advance(ms(10_000));
    const heardAt = rig.engine.position()?.positionFrames ?? 0;
    const id = rig.bridge.command({ kind: 'release' }, { epoch: 5 });
    await rig.clock.advance(ms(100));
    const [answer] = rig.bridge.answers(id);
    assert(answer?.outcome.kind === 'accepted', 'release is accepted');
    const playback = answer.outcome.session?.playback;
    assert(playback?.kind === 'playing', 'it was playing');
    expect(Math.abs(playback.positionFrames - heardAt)).toBeLessThan(msToFrames(ms(50)));
    expect(rig.engine.isSounding()).toBe(false);
    expect(rig.bridge.state).toMatchObject({ session: null, epoch: 5 });
    expect(await rig.command(PLAY, { epoch: 4 })).toBe('superseded');
    expect(await rig.command({ kind: 'pause' }, { epoch: 5 })).toBe('session.not-playing');
  });
});
