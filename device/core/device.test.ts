/** The whole speaker in virtual time, against a bridge that does what the test says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDevice, type Device } from '#device/core/device';
import { silentLogger } from '#protocol/kit/silent-logger';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { trackId } from '#protocol/vocabulary/ids';
import { assert } from '#protocol/vocabulary/result';
import { frames, framesToMs, ms, msToFrames, percent } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import type { SessionState } from '#protocol/wire/playback-state';
import { createVirtualNetwork, type VirtualNetwork } from '#sim/network/virtual-transport';
import { createMemorySettingsStore, type SettingsDisk } from '#sim/speakers/memory-settings-store';
import { ScriptedBridge } from '#sim/speakers/scripted-bridge';
import { VirtualAudioEngine } from '#sim/speakers/virtual-audio-engine';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';

const ADDRESS = 'ws://bridge:4747';
const TRACKS = ['a', 'b', 'c'].map((letter) => trackId(letter.repeat(22)));
const [A, B, C] = TRACKS as [SessionState['queue']['trackIds'][number], ...SessionState['queue']['trackIds']];
const MINUTE = msToFrames(ms(60_000));
const GONE = trackId('z'.repeat(22));

const PLAY: CommandBody = {
  kind: 'play',
  contextUri: 'tonearm:library',
  trackIds: TRACKS,
  index: 0,
  positionMs: ms(0),
};

let clock: VirtualClock;
let network: VirtualNetwork;
let bridge: ScriptedBridge;
let engine: VirtualAudioEngine;
let disk: SettingsDisk;
let device: Device;

function createSpeaker(): Device {
  engine = new VirtualAudioEngine(clock, { durations: (id) => (id === GONE ? null : MINUTE) });
  const ports = {
    clock,
    random: new SeededRandom(7),
    logger: silentLogger,
    dialer: network.dialerAt('speaker'),
    discovery: null,
    engine,
    settings: createMemorySettingsStore(clock, disk),
  };
  const options = {
    name: 'Kitchen',
    model: 'test',
    version: '1',
    bridgeAddress: ADDRESS,
    lanPort: 80,
    output: 'virtual',
  };
  return createDevice(ports, options);
}

async function startUp(): Promise<void> {
  device = createSpeaker();
  const started = device.start();
  await clock.advance(ms(1_000));
  await started;
}

async function shutDown(): Promise<void> {
  const stopped = device.stop();
  await clock.advance(ms(2_000));
  await stopped;
}

/** Sends a command and lets it take effect. */
async function command(body: CommandBody, options: { epoch?: number; deadlineMs?: number; id?: string } = {}) {
  const id = bridge.command(body, options);
  await clock.advance(ms(200));
  return bridge.outcome(id);
}

function session(): SessionState {
  const held = bridge.state?.session;
  assert(held !== null && held !== undefined, 'the bridge knows of a session');
  return held;
}

/** Where phones take the track to be: as last told, and the time since. */
function toldPositionMs(): number {
  const { playback } = session();
  assert(playback.kind !== 'stopped', 'something is loaded');
  return framesToMs(playback.positionFrames);
}

beforeEach(async () => {
  clock = new VirtualClock();
  network = createVirtualNetwork(clock, new SeededRandom(1));
  bridge = new ScriptedBridge(clock);
  network.listen(ADDRESS, bridge.accept);
  disk = { written: null };
  await startUp();
});

afterEach(async () => {
  await shutDown();
  expect(clock.timers()).toEqual([]);
});

describe('a speaker that meets its bridge', () => {
  it('says who it is, makes an id that it keeps, and reports a snapshot', async () => {
    const [hello] = bridge.hellos;
    expect(hello?.speaker).toMatchObject({ name: 'Kitchen', model: 'test' });
    expect(hello?.resume).toBeNull();
    expect(bridge.state).toMatchObject({ session: null, speaker: { volume: 40, output: 'virtual' } });
    expect(disk.written?.speakerId).toBe(hello?.speaker.id);
    expect(device.view().connection).toMatchObject({ kind: 'connected', address: ADDRESS });

    await clock.advance(ms(2_000));
    await shutDown();
    await startUp();
    expect(bridge.hellos[1]?.speaker.id).toBe(hello?.speaker.id);
    expect(bridge.hellos[1]?.resume).toMatchObject({ token: 'resume-token-1', isActive: false });
  });

  it('tells the engine where the bridge’s files are', () => {
    expect(engine.bridgeUrl).toBe('http://bridge:4747');
  });

  it('measures the clocks, and says how far off it may be', async () => {
    bridge.clockOffsetUs = 5_000_000;
    await clock.advance(ms(20_000));
    const offset = device.view().clockOffset;
    expect(Math.abs((offset?.offsetUs ?? 0) - 5_000_000)).toBeLessThanOrEqual(offset?.errorUs ?? 0);
    expect(offset?.errorUs).toBeLessThan(10_000);
    expect(bridge.probes).toBeGreaterThanOrEqual(16);
  });

  it('keeps its volume over a restart', async () => {
    expect(await command({ kind: 'setVolume', volume: percent(73) })).toBe('accepted');
    expect(engine.volume).toBe(73);
    await shutDown();
    await startUp();
    expect(engine.volume).toBe(73);
    expect(bridge.state?.speaker.volume).toBe(73);
  });

  it('saves a volume that turns and turns no more than once a second', async () => {
    let writes = 0;
    let written = disk.written;
    Object.defineProperty(disk, 'written', {
      get: () => written,
      set: (value: typeof written) => {
        writes += 1;
        written = value;
      },
    });
    for (let volume = 0; volume < 50; volume += 1) bridge.command({ kind: 'setVolume', volume: percent(volume) });
    await clock.advance(ms(3_000));
    expect(writes).toBe(1);
    expect(written?.volume).toBe(49);
  });
});

describe('a speaker that is told what to play', () => {
  it('plays, and tells the change before the answer', async () => {
    const id = bridge.command(PLAY);
    await clock.advance(ms(30));
    const kinds = bridge.messages.map((message) => message.kind);
    expect(kinds.indexOf('answer')).toBeGreaterThan(kinds.lastIndexOf('stateSnapshot'));
    expect(bridge.answers(id)[0]?.outcome).toEqual({ kind: 'accepted', revision: bridge.state?.revision });
    expect(session().playback.kind).toBe('buffering');
    await clock.advance(ms(500));
    expect(session().playback).toMatchObject({ kind: 'playing', trackId: A, durationFrames: MINUTE });
    expect(engine.isSounding()).toBe(true);
  });

  it('goes on to the next track without a gap, and stops at the end with the queue kept', async () => {
    await command(PLAY);
    await clock.advance(ms(60_500));
    expect(session().playback).toMatchObject({ kind: 'playing', trackId: B });
    expect(engine.intents.filter((intent) => intent.kind === 'load')).toHaveLength(1);
    await clock.advance(ms(125_000));
    expect(engine.heard.map((it) => it.trackId)).toEqual([A, B, C]);
    expect(session()).toMatchObject({ playback: { kind: 'stopped' }, queue: { trackIds: TRACKS, index: 0 } });
    expect(await command({ kind: 'resume' })).toBe('accepted');
    expect(session().playback).toMatchObject({ kind: 'playing', trackId: A });
  });

  it('answers the same command the same, and does it once', async () => {
    await command(PLAY);
    expect(await command({ kind: 'next' }, { id: 'the-same' })).toBe('accepted');
    const before = engine.intents.length;
    await command({ kind: 'next' }, { id: 'the-same' });
    const answers = bridge.answers('the-same');
    expect(answers).toHaveLength(2);
    expect(answers[1]).toEqual(answers[0]);
    expect(engine.intents).toHaveLength(before);
    expect(session().playback).toMatchObject({ trackId: B });
  });

  it('refuses commands of an older epoch, and what nobody waits for any more', async () => {
    await command(PLAY, { epoch: 3 });
    expect(bridge.state?.epoch).toBe(3);
    expect(await command({ kind: 'pause' }, { epoch: 2 })).toBe('superseded');
    expect(await command({ kind: 'pause' }, { epoch: 3, deadlineMs: 0 })).toBe('session.deadline-passed');
    expect(engine.isSounding()).toBe(true);
    expect(await command({ kind: 'pause' }, { epoch: 3 })).toBe('accepted');
    expect(engine.isSounding()).toBe(false);
  });

  it('tells a position now and then, not every second', async () => {
    await command(PLAY);
    await clock.advance(ms(1_000));
    const before = bridge.messages.length;
    await clock.advance(ms(30_000));
    const told = bridge.messages.length - before;
    expect(told).toBeGreaterThanOrEqual(2);
    expect(told).toBeLessThanOrEqual(4);
    // Right to the latency of the network, although it was last told seconds ago.
    const last = bridge.messages.findLast((message) => message.kind === 'stateDifference');
    assert(last?.kind === 'stateDifference', 'there was a difference');
    expect(last.positionAgeUs).toBeGreaterThanOrEqual(0);
    expect(last.positionAgeUs).toBeLessThan(1_000_000);
  });

  it('holds back what nobody caused to ten differences a second', async () => {
    await command(PLAY);
    await clock.advance(ms(1_000));
    const before = bridge.messages.length;
    for (let underruns = 1; underruns <= 100; underruns += 1) {
      engine.reportHealth(underruns, null);
      await clock.advance(ms(10));
    }
    await clock.advance(ms(200));
    expect(bridge.messages.length - before).toBeLessThanOrEqual(12);
    expect(bridge.state?.speaker.underruns).toBe(100);
  });

  it('gives a snapshot when asked', async () => {
    const before = bridge.messages.length;
    bridge.say({ kind: 'stateRequest' });
    await clock.advance(ms(50));
    expect(bridge.messages.slice(before).map((message) => message.kind)).toEqual(['stateSnapshot']);
  });

  it('skips what cannot be played, and gives up when nothing can', async () => {
    await command({ ...PLAY, trackIds: [GONE, A] });
    await clock.advance(ms(1_000));
    expect(session()).toMatchObject({ playback: { kind: 'playing', trackId: A }, problem: null });
    await command({ ...PLAY, trackIds: Array.from({ length: 50 }, () => GONE) });
    await clock.advance(ms(1_000));
    expect(session()).toMatchObject({
      playback: { kind: 'stopped' },
      problem: { error: { code: 'catalogue.not-found' } },
    });
    const loads = engine.intents.filter((intent) => intent.kind === 'load' && intent.trackId === GONE);
    expect(loads).toHaveLength(6);
  });

  it('says so when it has nothing to play for want of data, and goes on when it comes', async () => {
    await command(PLAY);
    await clock.advance(ms(5_000));
    engine.starve();
    await clock.advance(ms(3_000));
    expect(session().playback.kind).toBe('buffering');
    engine.feed();
    await clock.advance(ms(300));
    expect(session().playback.kind).toBe('playing');
    expect(toldPositionMs()).toBeLessThan(6_000);
  });
});

describe('a hand-over', () => {
  const at = msToFrames(ms(20_000));
  const handedOver: SessionState = {
    playback: { kind: 'playing', trackId: B ?? A, positionFrames: at, durationFrames: MINUTE },
    queue: { contextUri: null, trackIds: TRACKS, index: 1, upNext: [], interlude: null },
    shuffleSeed: null,
    repeat: 'context',
    problem: null,
  };

  it('is prepared without a sound, then committed, and goes on from the very frame', async () => {
    expect(await command({ kind: 'prepare', session: handedOver, positionFrames: at }, { epoch: 5 })).toBe('accepted');
    expect(engine.isSounding()).toBe(false);
    expect(bridge.state?.session).toBeNull();
    const later = frames(at + 4_800);
    expect(await command({ kind: 'commit', positionFrames: later, isPlaying: true }, { epoch: 5 })).toBe('accepted');
    expect(engine.heard).toEqual([{ trackId: B, fromFrames: later }]);
    expect(bridge.state).toMatchObject({ epoch: 5, session: { repeat: 'context', playback: { kind: 'playing' } } });
  });

  it('is answered when the engine is ready, not before', async () => {
    const id = bridge.command({ kind: 'prepare', session: handedOver, positionFrames: at });
    await clock.advance(ms(30));
    expect(bridge.outcome(id)).toBeNull();
    await clock.advance(ms(100));
    expect(bridge.outcome(id)).toBe('accepted');
  });

  it('is refused when the track cannot be buffered in time, or at all', async () => {
    const tight = bridge.command({ kind: 'prepare', session: handedOver, positionFrames: at }, { deadlineMs: 20 });
    await clock.advance(ms(200));
    expect(bridge.outcome(tight)).toBe('session.deadline-passed');
    expect(await command({ kind: 'commit', positionFrames: at, isPlaying: true })).toBe('session.nothing-to-play');
    const missing = { ...handedOver, queue: { ...handedOver.queue, trackIds: [GONE], index: 0 } };
    expect(await command({ kind: 'prepare', session: missing, positionFrames: at })).toBe('catalogue.not-found');
  });

  it('that is never committed is given up after a while', async () => {
    await command({ kind: 'prepare', session: handedOver, positionFrames: at });
    await clock.advance(ms(31_000));
    expect(engine.position()).toBeNull();
    expect(await command({ kind: 'commit', positionFrames: at, isPlaying: true })).toBe('session.nothing-to-play');
  });

  it('is superseded by whatever is asked for instead', async () => {
    const id = bridge.command({ kind: 'prepare', session: handedOver, positionFrames: at });
    bridge.command(PLAY);
    await clock.advance(ms(300));
    expect(bridge.outcome(id)).toBe('superseded');
    expect(session().playback).toMatchObject({ kind: 'playing', trackId: A });
  });

  it('leaves the old writer silent, with the position where it stopped', async () => {
    await command(PLAY, { epoch: 4 });
    await clock.advance(ms(10_000));
    const heardAt = engine.position()?.positionFrames ?? 0;
    const id = bridge.command({ kind: 'release' }, { epoch: 5 });
    await clock.advance(ms(100));
    const [answer] = bridge.answers(id);
    assert(answer?.outcome.kind === 'accepted', 'release is accepted');
    const playback = answer.outcome.session?.playback;
    assert(playback?.kind === 'playing', 'it was playing');
    expect(Math.abs(playback.positionFrames - heardAt)).toBeLessThan(msToFrames(ms(50)));
    expect(engine.isSounding()).toBe(false);
    expect(bridge.state).toMatchObject({ session: null, epoch: 5 });
    expect(await command(PLAY, { epoch: 4 })).toBe('superseded');
    expect(await command({ kind: 'pause' }, { epoch: 5 })).toBe('session.not-playing');
  });
});

describe('a speaker whose bridge goes away', () => {
  it('plays on, comes back, and nothing has jumped', async () => {
    await command({ kind: 'setVolume', volume: percent(61) });
    await command(PLAY);
    await clock.advance(ms(10_000));
    const revisionBefore = device.view().revision;
    bridge.welcome = { ...bridge.welcome, role: 'active' };
    network.cut(ADDRESS, 'reset');
    await clock.advance(ms(30_000));
    expect(engine.isSounding()).toBe(true);
    expect(device.view().connection.kind).not.toBe('connected');
    network.heal(ADDRESS);
    await clock.advance(ms(16_000));
    expect(bridge.hellos.at(-1)?.resume).toMatchObject({ token: 'resume-token-1', epoch: 0, isActive: true });
    expect(engine.heard).toEqual([{ trackId: A, fromFrames: 0 }]);
    expect(bridge.state?.speaker.volume).toBe(61);
    expect(session().queue.trackIds).toEqual(TRACKS);
    const heardAt = framesToMs(frames(Math.floor(engine.position()?.positionFrames ?? 0)));
    expect(heardAt).toBeGreaterThan(55_000);
    // Counted on while nobody listened: whoever compares revisions sees that the state is a newer one.
    expect(bridge.state?.revision).toBeGreaterThan(revisionBefore);
  });

  it('notices a peer that has vanished without a word', async () => {
    network.cut(ADDRESS, 'silent');
    await clock.advance(ms(60_000));
    expect(device.view().connection.kind).not.toBe('connected');
    network.heal(ADDRESS);
    await clock.advance(ms(30_000));
    expect(device.view().connection.kind).toBe('connected');
  });

  it('falls silent when it is told that another has become the writer', async () => {
    await command(PLAY);
    bridge.welcome = { ...bridge.welcome, role: 'standby', epoch: 9 };
    bridge.hangUp();
    await clock.advance(ms(3_000));
    expect(engine.isSounding()).toBe(false);
    expect(bridge.state).toMatchObject({ epoch: 9, session: null });
    expect(await command({ kind: 'resume' }, { epoch: 9 })).toBe('session.nothing-to-play');
  });

  it('stays away as long as it was told to', async () => {
    bridge.say({ kind: 'goodbye', error: null, retryAfterMs: ms(60_000) });
    await clock.advance(ms(59_000));
    expect(bridge.hellos).toHaveLength(1);
    await clock.advance(ms(3_000));
    expect(bridge.hellos).toHaveLength(2);
  });

  it.each([
    ['no JSON', '{', CLOSE_CODES.invalidMessage],
    ['no message', '{"kind":"dance"}', CLOSE_CODES.invalidMessage],
    ['a wrong type', '{"kind":"heartbeat","sequence":"1"}', CLOSE_CODES.invalidMessage],
    ['too large', `{"kind":"${'x'.repeat(70_000)}"}`, CLOSE_CODES.tooLarge],
    ['a second welcome', 'welcome', CLOSE_CODES.protocolError],
  ])('leaves a bridge that sends nonsense, and comes back: %s', async (_what, text, code) => {
    await command(PLAY);
    bridge.welcome = { ...bridge.welcome, role: 'active' };
    bridge.sayText(text === 'welcome' ? JSON.stringify(bridge.welcome) : text);
    await clock.advance(ms(5_000));
    expect(bridge.closes.at(0)?.code).toBe(code);
    expect(bridge.hellos).toHaveLength(2);
    expect(engine.isSounding()).toBe(true);
  });

  it('does not take a command before the welcome', async () => {
    bridge.isWelcoming = false;
    bridge.hangUp();
    await clock.advance(ms(400));
    bridge.command(PLAY);
    await clock.advance(ms(100));
    expect(bridge.closes.at(-1)?.code).toBe(CLOSE_CODES.protocolError);
    expect(engine.intents.some((intent) => intent.kind === 'load')).toBe(false);
  });

  it('says goodbye when it stops', async () => {
    await shutDown();
    expect(bridge.messages.at(-1)).toEqual({ kind: 'goodbye', error: null, retryAfterMs: null });
    expect(bridge.closes).toEqual([{ code: CLOSE_CODES.normal, reason: 'the speaker stops' }]);
  });
});
