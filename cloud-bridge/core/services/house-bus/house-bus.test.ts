import { beforeEach, describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { BusHouse } from '#sim/relay/bus-house';
import { trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { COMMANDS_BURST_MAX } from './bus-limits.ts';

let house: BusHouse;
let kitchen: ScriptedSpeaker;
let study: ScriptedSpeaker;
beforeEach(async () => {
  house = new BusHouse();
  await house.start();
  kitchen = await house.room.connected('kitchen');
  study = await house.room.connected('study');
  await house.room.ask({
    kind: 'play',
    speakerId: kitchen.hello().speaker.id,
    contextUri: null,
    trackIds: [trackNumber(1), trackNumber(2)],
    index: 0,
    positionMs: ms(0),
  });
  await house.run();
});

const command = (name: Parameters<ReturnType<BusHouse['topics']['speaker']>['command']>[0], of = kitchen) =>
  house.topics.speaker(of.id).command(name);

describe('a house at a broker', () => {
  it('keeps what each speaker does there, what the session is, and that it is there', () => {
    expect(house.state(kitchen.id)).toMatchObject({
      name: 'kitchen',
      isActive: true,
      playback: 'playing',
      volume: 40,
      isMuted: false,
      title: 'Title 1',
      artist: 'Somebody',
      album: 'Album',
      durationMs: 60_000,
      source: 'Album',
    });
    expect(house.state(study.id)).toMatchObject({ isActive: false, playback: 'stopped', title: null });
    expect(house.broker.retained(house.topics.speaker(kitchen.id).availability)).toBe('online');
    expect(house.broker.retained(house.topics.availability)).toBe('online');
    const session = JSON.parse(house.broker.retained(house.topics.session) ?? 'null');
    expect(session).toMatchObject({ activeSpeakerId: kitchen.id, playback: 'playing' });
    expect(house.broker.retainedTopics().some((topic) => topic.startsWith('homeassistant'))).toBe(false);
  });

  it('says which speaker has gone, and, by its last will, that the house has', async () => {
    study.hangUp();
    await house.run();
    expect(house.broker.retained(house.topics.speaker(study.id).availability)).toBe('offline');
    house.broker.cut(house.bus, false);
    expect(house.broker.retained(house.topics.availability)).toBe('offline');
  });

  it('says that it is gone when it stops, and does nothing afterwards', async () => {
    house.stop();
    house.stop();
    await house.run();
    expect(house.broker.retained(house.topics.availability)).toBe('offline');
    house.say(command('pause'), '');
    house.say(command('pause'), 'PRESS');
    await house.run();
    expect(kitchen.kinds()).toEqual(['play']);
  });

  it('does what is asked of a speaker or of the session, and answers by id', async () => {
    house.say(command('pause'), { id: 'command-1' });
    await house.run();
    house.say(house.topics.sessionCommand('seek'), { id: 'command-2', value: 30_000 });
    await house.run();
    house.say(command('volume', study), { id: 'command-3', value: 55 });
    await house.run();
    expect(kitchen.kinds().slice(1)).toEqual(['pause', 'seek']);
    expect(study.volume).toBe(55);
    expect(house.answers()).toEqual(
      ['command-1', 'command-2', 'command-3'].map((id) => ({ id, outcome: { kind: 'accepted' } })),
    );
  });

  it('moves the music, and plays what is named by its URI', async () => {
    house.say(command('transfer', study), { id: 'command-1' });
    await house.run(2_000);
    expect(house.state(study.id)).toMatchObject({ isActive: true, playback: 'playing' });
    house.say(command('media'), { media_id: house.album.uri, media_type: 'music' });
    await house.run();
    expect(kitchen.commands().at(-1)).toMatchObject({ kind: 'play', contextUri: house.album.uri });
    expect(house.state(kitchen.id).isActive).toBe(true);
  });

  it('mutes without forgetting how loud it was', async () => {
    house.say(command('mute'), 'ON');
    await house.run();
    expect(house.state(kitchen.id)).toMatchObject({ isMuted: true, volume: 0 });
    house.say(command('mute'), 'ON');
    house.say(command('mute'), 'OFF');
    await house.run();
    expect(house.state(kitchen.id)).toMatchObject({ isMuted: false, volume: 40 });
  });

  it('does a command once that comes twice, and answers twice', async () => {
    house.broker.copies = 2;
    house.say(command('next'), { id: 'command-1' });
    await house.run();
    house.broker.copies = 1;
    house.say(command('next'), { id: 'command-1' });
    await house.run();
    expect(kitchen.kinds()).toEqual(['play', 'next']);
    expect(new Set(house.answers().map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(house.answers().length).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['what is not JSON', '{nonsense', undefined],
    ['a command without an id', { value: 3 }, undefined],
    ['a payload that is too long', { id: 'command-1', value: 'x'.repeat(2_000) }, undefined],
    ['a value that is none', { id: 'command-1', value: 101 }, 'input.invalid'],
    ['a command that came too late', { id: 'command-1', value: 50, expiresAtMs: 1 }, 'session.deadline-passed'],
  ])('refuses %s', async (_, payload, code) => {
    house.say(command('volume'), payload);
    await house.run();
    expect(kitchen.volume).toBe(40);
    const codes = house.answers().map(({ outcome }) => (outcome.kind === 'refused' ? outcome.error.code : 'accepted'));
    expect(codes).toEqual(code === undefined ? [] : [code]);
  });

  it('refuses a speaker that there is none, and more commands than it does in a second', async () => {
    house.say(house.topics.speaker('nobody-at-all').command('pause'), { id: 'command-0' });
    await house.run();
    expect(house.answers()).toMatchObject([{ outcome: { error: { code: 'session.speaker-not-found' } } }]);
    for (let n = 0; n < COMMANDS_BURST_MAX + 20; n += 1)
      house.say(command('mute'), { id: `flood-command-${n}`, value: false });
    await house.run();
    const refusedCount = house
      .answers()
      .filter(({ outcome }) => JSON.stringify(outcome).includes('rate-limited')).length;
    expect(refusedCount).toBeGreaterThanOrEqual(10);
  });

  it('does no command that the broker had kept, and removes it', async () => {
    house.broker.goDown();
    house.broker.take(command('next'), JSON.stringify({ id: 'poisoned-1' }), true);
    await house.run();
    house.broker.comeBack();
    await house.run();
    expect(kitchen.kinds()).toEqual(['play']);
    expect(house.broker.retained(command('next'))).toBeUndefined();
    expect(house.answers()).toEqual([]);
  });

  it('puts right what others write on its topics, and what was left of a speaker that there is no more', async () => {
    const before = house.broker.retained(house.topics.speaker(kitchen.id).state);
    house.say(house.topics.speaker(kitchen.id).state, 'poison', true);
    house.say(house.topics.availability, 'offline', true);
    house.say(house.topics.speaker('ghost-of-old').state, '{}', true);
    await house.run();
    expect(house.broker.retained(house.topics.speaker(kitchen.id).state)).toBe(before);
    expect(house.broker.retained(house.topics.availability)).toBe('online');
    expect(house.broker.retained(house.topics.speaker('ghost-of-old').state)).toBeUndefined();
  });

  it('says everything again to a broker that has come back, and what has changed meanwhile', async () => {
    house.broker.goDown();
    await house.room.ask({ kind: 'pause', speakerId: null });
    for (const topic of house.broker.retainedTopics()) house.broker.take(topic, '', true);
    expect(house.broker.retainedTopics()).toEqual([]);
    house.broker.comeBack();
    await house.run();
    expect(house.state(kitchen.id).playback).toBe('paused');
    expect(house.broker.retained(house.topics.availability)).toBe('online');
  });
});
