import { describe, expect, it } from 'vitest';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { CLOSE_CODES } from '#protocol/ports/transport';
import { type CommandId, speakerId } from '#protocol/vocabulary/ids';
import { frames, ms, percent, us } from '#protocol/vocabulary/units';
import { MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';
import { RelayRoom, trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { houseSession } from '#sim/world/memory-session-store';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import {
  COME_BACK_AFTER,
  COME_BACK_SPREAD_EACH,
  EPOCHS_LOST_MAX,
  HEARTBEAT_DEAD_AFTER,
  HELLO_WITHIN,
  MESSAGES_BURST_MAX,
} from './limits.ts';

async function room(): Promise<RelayRoom> {
  const it = new RelayRoom();
  await it.start();
  return it;
}

/** A speaker that plays track 1. */
async function playingIn(house: RelayRoom, name: string): Promise<ScriptedSpeaker> {
  const speaker = await house.connected(name);
  const play = { kind: 'play', contextUri: null, trackIds: [trackNumber(1), trackNumber(2)], index: 0 } as const;
  const answer = await house.ask({ ...play, speakerId: speakerId(speaker.id), positionMs: ms(0) });
  expect(answer).toEqual({ ok: true, value: undefined });
  return speaker;
}

describe('the speakers’ door', () => {
  it('closes with 4001 who does not say hello in time', async () => {
    const house = await room();
    const speaker = house.speaker('mute');
    await house.during(speaker.dial());
    await house.run(ms(HELLO_WITHIN - 100));
    expect(speaker.ended).toBeNull();
    await house.run(ms(200));
    expect(speaker.ended?.code).toBe(CLOSE_CODES.helloTimedOut);
  });

  it('refuses another version with a goodbye that says so, and 4002', async () => {
    const house = await room();
    const speaker = house.speaker('old');
    await house.during(speaker.dial());
    speaker.say({ ...speaker.hello(), protocol: 99 });
    await house.run(ms(50));
    expect(speaker.heardOf('goodbye')[0]?.error).toMatchObject({ code: 'connect.version-refused', field: 'protocol' });
    expect(speaker.ended?.code).toBe(CLOSE_CODES.versionRefused);
  });

  it('welcomes a new speaker as standby, shows it, and remembers it', async () => {
    const house = await room();
    const speaker = await house.connected('kitchen');
    expect(speaker.heardOf('welcome')).toMatchObject([{ role: 'standby', epoch: 0, protocol: 1 }]);
    expect(house.household.view(HOUSE_ACCOUNT).speakers).toMatchObject([
      { name: 'kitchen', isOnline: true, isActive: false },
    ]);
    expect([...house.disk.speakers.values()]).toMatchObject([{ name: 'kitchen' }]);
    speaker.hangUp();
    await house.run(ms(200));
    expect(house.household.view(HOUSE_ACCOUNT).speakers).toMatchObject([{ name: 'kitchen', isOnline: false }]);
  });

  it('lets the newer of two links with one id win', async () => {
    const house = await room();
    const older = await house.connected('kitchen');
    const newer = await house.connected('kitchen');
    expect(older.heardOf('goodbye')[0]?.error?.code).toBe('connect.replaced');
    expect(older.ended?.code).toBe(CLOSE_CODES.replaced);
    expect(newer.ended).toBeNull();
    expect(house.household.view(HOUSE_ACCOUNT).speakers).toMatchObject([{ name: 'kitchen', isOnline: true }]);
  });

  it('answers heartbeats and time probes, and closes a silent link with 4003', async () => {
    const house = await room();
    const speaker = await house.connected('kitchen');
    const sentUs = house.clock.nowUs();
    speaker.say({ kind: 'heartbeat', sequence: 5 });
    speaker.say({ kind: 'timeProbe', sequence: 9, t1Us: us(77) });
    await house.run(ms(20));
    expect(speaker.heardOf('heartbeatAnswer')).toContainEqual({ kind: 'heartbeatAnswer', sequence: 5 });
    const [reply] = speaker.heardOf('timeReply');
    expect(reply).toMatchObject({ sequence: 9, t1Us: 77 });
    expect(reply?.t2Us).toBeGreaterThan(sentUs);
    expect(reply?.t3Us).toBeGreaterThanOrEqual(reply?.t2Us ?? 0);
    await house.run(ms(60_000));
    expect(speaker.ended).toBeNull();
    house.network.cut('kitchen', 'silent');
    await house.run(ms(HEARTBEAT_DEAD_AFTER + 1_000));
    expect(house.household.view(HOUSE_ACCOUNT).speakers).toMatchObject([{ isOnline: false }]);
    house.network.heal('kitchen');
    await house.run(ms(1_000));
    expect(speaker.ended?.code).toBe(CLOSE_CODES.heartbeatLost);
  });

  it('closes a link that floods it, and one whose reader does not read', async () => {
    const house = await room();
    const flooder = await house.connected('flooder');
    for (let n = 0; n < MESSAGES_BURST_MAX + 50; n += 1) flooder.say({ kind: 'heartbeat', sequence: n });
    await house.run(ms(200));
    expect(flooder.heardOf('goodbye')[0]?.error?.code).toBe('access.rate-limited');
    const slow = await house.connected('slow');
    house.network.cut('slow', 'silent');
    const long = { kind: 'play', contextUri: null, index: 0, positionMs: ms(0) } as const;
    const trackIds = Array.from({ length: 1_000 }, (_, n) => trackNumber(n));
    for (let n = 0; n < 20; n += 1) {
      await house.ask({ ...long, trackIds, speakerId: speakerId(slow.id) }, { deadline: ms(100) });
    }
    house.network.heal('slow');
    await house.run(ms(1_000));
    expect(slow.ended?.code).toBe(CLOSE_CODES.slowReader);
  });

  const { valid, invalid } = loadGoldenVectors('bridge');

  it.each(invalid.map((vector) => [vector.name, vector] as const))('refuses: %s', async (_, vector) => {
    const house = await room();
    const speaker = vector.family === 'hello' ? house.speaker('vectors') : await house.connected('vectors');
    if (vector.family === 'hello') await house.during(speaker.dial());
    speaker.sayRaw(vector.text);
    await house.run(ms(50));
    const error = speaker.heardOf('goodbye')[0]?.error;
    expect(error).toMatchObject({ code: vector.code });
    if (vector.field !== undefined) expect(error?.field).toBe(vector.field);
    expect(speaker.ended?.code).toBe(CLOSE_CODES.invalidMessage);
  });

  it.each(valid.map((vector) => [vector.name, vector] as const))('reads: %s', async (_, vector) => {
    const house = await room();
    const isHello = vector.family === 'hello';
    const speaker = isHello ? house.speaker('vectors') : await house.connected('vectors');
    if (isHello) await house.during(speaker.dial());
    speaker.sayRaw(vector.text);
    await house.run(ms(50));
    // A hello of another version is read, and then refused for what it says.
    const codes = speaker.heardOf('goodbye').map((goodbye) => goodbye.error?.code ?? null);
    expect(codes.filter((code) => code !== 'connect.version-refused' && code !== null)).toEqual([]);
  });

  it.each([
    ['a report before hello', false, '{"kind":"heartbeat","sequence":1}'],
    ['hello twice', true, null],
  ])('takes %s for out of order', async (_, isConnected, text) => {
    const house = await room();
    const speaker = isConnected ? await house.connected('hasty') : house.speaker('hasty');
    if (!isConnected) await house.during(speaker.dial());
    speaker.sayRaw(text ?? JSON.stringify(speaker.hello()));
    await house.run(ms(50));
    expect(speaker.heardOf('goodbye')[0]?.error).toMatchObject({ code: 'input.out-of-order', field: 'kind' });
    expect(speaker.ended?.code).toBe(CLOSE_CODES.invalidMessage);
  });

  it('closes with 1009 what is too large a message', async () => {
    const house = await room();
    const speaker = await house.connected('wordy');
    speaker.sayRaw(JSON.stringify({ ...speaker.hello(), padding: 'x'.repeat(MESSAGE_LENGTH_MAX) }));
    await house.run(ms(50));
    expect(speaker.heardOf('goodbye')[0]?.error?.code).toBe('input.too-large');
    expect(speaker.ended?.code).toBe(CLOSE_CODES.tooLarge);
  });

  it('asks once for a snapshot when a difference does not follow', async () => {
    const house = await room();
    const speaker = await house.connected('kitchen');
    house.network.cut('kitchen', 'silent');
    const stale = { kind: 'stateDifference', epoch: 0, baseRevision: 41, revision: 42, positionAgeUs: us(0) } as const;
    speaker.say(stale);
    speaker.say(stale);
    house.network.heal('kitchen');
    await house.run(ms(50));
    expect(speaker.heardOf('stateRequest')).toHaveLength(1);
  });
});

describe('a session over restarts', () => {
  it('is not thought to play on when its speaker was restarted before its old link was missed', async () => {
    const house = await room();
    await playingIn(house, 'kitchen');
    const restarted = house.speaker('kitchen');
    restarted.isReporting = false;
    await house.during(restarted.connect());
    await house.run(ms(50));
    expect(restarted.heardOf('welcome')).toMatchObject([{ role: 'standby' }]);
    expect(house.household.view(HOUSE_ACCOUNT).session.playback).toBe('paused');
    expect(await house.ask({ kind: 'resume', speakerId: null })).toMatchObject({ ok: true });
    expect(restarted.kinds()).toEqual(['prepare', 'commit']);
  });

  it('takes no difference to what was reported over an earlier link', async () => {
    const house = await room();
    const speaker = await house.connected('kitchen');
    const { revision, epoch } = speaker;
    house.network.breakLinks('kitchen');
    await house.run(ms(50));
    speaker.isReporting = false;
    await house.during(speaker.connect());
    await house.run(ms(50));
    const difference = { kind: 'stateDifference', epoch, baseRevision: revision, revision: revision + 1 } as const;
    speaker.say({ ...difference, positionAgeUs: us(0), speaker: { volume: percent(1) } });
    await house.run(ms(50));
    expect(speaker.heardOf('stateRequest')).toHaveLength(1);
    expect(house.household.view(HOUSE_ACCOUNT).speakers).toMatchObject([{ status: { volume: 40 } }]);
  });

  it('is taken up where the speaker is, when the bridge was killed', async () => {
    const house = await room();
    const speaker = await playingIn(house, 'kitchen');
    await house.ask({ kind: 'setVolume', speakerId: null, volume: 73 });
    speaker.moveTo(frames(48_000 * 12));
    await house.run(ms(100));
    house.kill();
    await house.run(ms(2_000));
    await house.start();
    expect(house.household.view(HOUSE_ACCOUNT).session).toMatchObject({
      playback: 'paused',
      activeSpeakerId: speaker.id,
    });
    await house.during(speaker.connect(speaker.resumed()));
    await house.run(ms(100));
    const { session, speakers } = house.household.view(HOUSE_ACCOUNT);
    expect(speaker.heardOf('welcome')).toMatchObject([{ role: 'active', epoch: 1 }]);
    expect(session).toMatchObject({ playback: 'playing', epoch: 1, next: [{ id: trackNumber(2) }] });
    expect(session.positionMs).toBeGreaterThanOrEqual(12_000);
    expect(session.positionMs).toBeLessThan(12_200);
    expect(speakers).toMatchObject([{ isActive: true, status: { volume: 73 } }]);
    expect(speaker.kinds()).toEqual([]);
  });

  it('is kept, standing still, while its speaker is away, and given back to it when it was restarted', async () => {
    const house = await room();
    const speaker = await playingIn(house, 'kitchen');
    await house.run(ms(3_000));
    house.network.breakLinks('kitchen');
    await house.run(ms(5_000));
    const away = house.household.view(HOUSE_ACCOUNT);
    expect(away.session).toMatchObject({ playback: 'paused', activeSpeakerId: speaker.id });
    expect(away.session.positionMs).toBeGreaterThan(2_900);
    expect(away.session.positionMs).toBeLessThan(3_200);
    speaker.session = null;
    await house.during(speaker.connect());
    await house.run(ms(100));
    expect(speaker.heardOf('welcome')).toMatchObject([{ role: 'standby' }]);
    expect(await house.ask({ kind: 'resume', speakerId: null })).toMatchObject({ ok: true });
    expect(speaker.kinds()).toEqual(['prepare', 'commit']);
    expect(speaker).toMatchObject({ session: { playback: { kind: 'playing', trackId: trackNumber(1) } } });
  });

  it('fences a writer that was superseded while it was away', async () => {
    const house = await room();
    const old = await playingIn(house, 'kitchen');
    house.network.breakLinks('kitchen');
    await house.run(ms(100));
    const other = await playingIn(house, 'study');
    await house.during(old.connect(old.resumed()));
    await house.run(ms(100));
    expect(old.heardOf('welcome')).toMatchObject([{ role: 'standby', epoch: 2 }]);
    expect(house.household.view(HOUSE_ACCOUNT).session.activeSpeakerId).toBe(other.id);
  });

  it('tells a speaker to let go that reports a session of an older epoch', async () => {
    const house = await room();
    const old = await playingIn(house, 'kitchen');
    const session = old.session;
    await playingIn(house, 'study');
    await house.run(ms(100));
    expect(old.kinds()).toEqual(['play', 'release']);
    house.network.breakLinks('kitchen');
    await house.run(ms(50));
    await house.during(old.connect());
    await house.run(ms(50));
    await playingIn(house, 'attic');
    old.epoch = 1;
    old.session = session;
    old.snapshot();
    await house.run(ms(100));
    expect(old.kinds()).toEqual(['release']);
    expect(house.household.view(HOUSE_ACCOUNT).session.epoch).toBe(3);
  });

  it('follows a speaker that knows a newer epoch, and never gives that number again', async () => {
    const house = await room();
    const ahead = house.speaker('ahead');
    ahead.epoch = 7;
    ahead.revision = 3;
    await house.during(ahead.connect({ token: null, epoch: 7, revision: 3, isActive: true }));
    await house.run(ms(50));
    expect(ahead.heardOf('welcome')).toMatchObject([{ role: 'active', epoch: 7 }]);
    expect(houseSession(house.disk)).toMatchObject({ epoch: 7, activeSpeakerId: ahead.id });
    const other = await playingIn(house, 'study');
    expect(other.epochsOf('play')).toEqual([8]);
  });

  it('stores an epoch before anything is sent in it', async () => {
    const house = await room();
    const speaker = await house.connected('kitchen');
    const stored: number[] = [];
    speaker.script('play', (command) => {
      const session = houseSession(house.disk);
      stored.push(session?.reservedEpoch ?? session?.epoch ?? -1, command.epoch);
      return { kind: 'accepted', revision: 0 };
    });
    const play = { kind: 'play', contextUri: null, trackIds: [trackNumber(1)], index: 0, positionMs: ms(0) } as const;
    await house.ask({ ...play, speakerId: speakerId(speaker.id) });
    expect(stored).toEqual([1, 1]);
    house.isStoreBroken = true;
    const second = await house.connected('study');
    const refusal = await house.ask({ ...play, speakerId: speakerId(second.id) });
    expect(refusal).toMatchObject({ ok: false, error: { code: 'storage.failed' } });
    expect(second.kinds()).toEqual([]);
  });

  it('lets the writer go on when it was killed after giving an epoch away and before saying so', async () => {
    const house = await room();
    const kitchen = await playingIn(house, 'kitchen');
    const study = await house.connected('study');
    study.script('play', () => 'silence');
    const play = { kind: 'play', contextUri: null, trackIds: [trackNumber(1)], index: 0, positionMs: ms(0) } as const;
    void house.asking({ ...play, speakerId: speakerId(study.id) });
    await house.run(ms(5));
    expect(study.epochsOf('play')).toEqual([2]);
    house.kill();
    await house.start();
    await house.during(kitchen.connect(kitchen.resumed()));
    await house.run(ms(50));
    expect(kitchen.heardOf('welcome')).toMatchObject([{ role: 'active', epoch: 1 }]);
    const third = await house.connected('attic');
    await house.ask({ ...play, speakerId: speakerId(third.id) });
    // Above all that may have been given and lost.
    expect(third.epochsOf('play')).toEqual([2 + EPOCHS_LOST_MAX + 1]);
  });

  it('answers what was asked before it ends, and only then says goodbye', async () => {
    const house = await room();
    const speaker = await house.connected('kitchen');
    const held: CommandId[] = [];
    speaker.script('setVolume', (command) => {
      held.push(command.id);
      return 'silence';
    });
    const asked = house.asking({ kind: 'setVolume', speakerId: speakerId(speaker.id), volume: 7 });
    await house.run(ms(20));
    const ended = house.household.stop();
    await house.run(ms(20));
    expect(speaker.heardOf('goodbye')).toEqual([]);
    expect(await house.ask({ kind: 'setVolume', speakerId: speakerId(speaker.id), volume: 9 })).toMatchObject({
      error: { code: 'connect.closed' },
    });
    for (const id of held) speaker.say({ kind: 'answer', id, outcome: { kind: 'accepted', revision: 0 } });
    expect(await house.during(asked)).toEqual({ ok: true, value: undefined });
    await house.during(ended);
    await house.run(ms(20));
    expect(speaker.heardOf('goodbye')).toHaveLength(1);
  });

  it('ends with a goodbye to all that says when to come back, and leaves no timer', async () => {
    const house = await room();
    const speaker = await playingIn(house, 'kitchen');
    const greeting = house.speaker('stranger');
    await house.during(greeting.dial());
    const phone = await house.phone();
    speaker.script('pause', () => 'silence');
    const waiting = house.asking({ kind: 'pause', speakerId: null });
    const queued = house.asking({ kind: 'next', speakerId: null });
    await house.run(ms(20));
    await house.during(house.household.stop());
    expect(await house.during(waiting)).toMatchObject({ ok: false, error: { code: 'connect.closed' } });
    expect(await house.during(queued)).toMatchObject({ ok: false });
    await house.run(ms(50));
    const [goodbye] = speaker.heardOf('goodbye');
    expect(goodbye?.error).toBeNull();
    expect(goodbye?.retryAfterMs).toBeGreaterThanOrEqual(COME_BACK_AFTER);
    expect(goodbye?.retryAfterMs).toBeLessThanOrEqual(COME_BACK_AFTER + 2 * COME_BACK_SPREAD_EACH);
    expect(speaker.ended?.code).toBe(CLOSE_CODES.goingAway);
    expect(greeting.ended?.code).toBe(CLOSE_CODES.goingAway);
    expect(phone.ended).toEqual([CLOSE_CODES.goingAway]);
    expect(house.timers()).toEqual([]);
    expect(houseSession(house.disk)).toMatchObject({ epoch: 1, state: { playback: { kind: 'paused' } } });
    expect(await house.ask({ kind: 'pause', speakerId: null })).toMatchObject({ ok: false });
    await house.during(house.household.stop());
  });
});
