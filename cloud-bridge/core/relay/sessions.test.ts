import { describe, expect, it } from 'vitest';
import { partsOf } from '#protocol/kit/track-lists';
import { accountId, commandId, listId, speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { RelayRoom, trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import type { PhoneRequest } from '../ports/household.ts';
import { ACCOUNT_SESSIONS_MAX, HISTORY_ENTRIES_MAX, SAVE_EVERY } from './limits.ts';

const ANNA = accountId('account-anna');
const LONG = Array.from({ length: 2_500 }, (_, place) => trackNumber(place));
const done = { ok: true, value: undefined };

async function room(): Promise<RelayRoom> {
  const it = new RelayRoom();
  await it.start();
  return it;
}

function play(speaker: ScriptedSpeaker, trackIds = [1, 2, 3].map(trackNumber), index = 0): PhoneRequest {
  return { kind: 'play', speakerId: speakerId(speaker.id), contextUri: null, trackIds, index, positionMs: ms(0) };
}

/** What an account is shown of a speaker. */
function shown(house: RelayRoom, account: typeof ANNA, speaker: ScriptedSpeaker) {
  const found = house.household.view(account).speakers.find(({ id }) => id === speaker.id);
  return { isActive: found?.isActive, account: found?.account };
}

describe('sessions of several people', () => {
  it('are apart: each plays on a speaker of their own, under numbers that no two share', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    expect(await house.ask(play(kitchen))).toEqual(done);
    expect(await house.ask(play(study, [trackNumber(7)]), { accountId: ANNA, accountName: 'Anna' })).toEqual(done);
    expect(await house.ask({ kind: 'pause', speakerId: null }, { accountId: ANNA })).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play']);
    expect(study.kinds()).toEqual(['play', 'pause']);
    expect([...kitchen.epochsOf('play'), ...study.epochsOf('play')]).toEqual([1, 2]);
    expect(study.commands()[0]).toMatchObject({ accountId: ANNA });
    expect(kitchen.commands()[0]).not.toHaveProperty('accountId');
    expect(house.household.session(HOUSE_ACCOUNT)?.playback.kind).toBe('playing');
    expect(house.household.session(ANNA)?.playback.kind).toBe('paused');
    const anna = { id: ANNA, name: 'Anna' };
    expect(shown(house, HOUSE_ACCOUNT, study)).toEqual({ isActive: false, account: anna });
    expect(shown(house, ANNA, study)).toEqual({ isActive: true, account: anna });
    expect(shown(house, ANNA, kitchen)).toEqual({ isActive: false, account: { id: HOUSE_ACCOUNT, name: null } });
  });

  it('are known again after a kill, whoever comes back first', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    await house.ask(play(kitchen));
    await house.ask(play(study), { accountId: ANNA });
    await house.run(ms(SAVE_EVERY * 2));
    house.kill();
    await house.start();
    for (const speaker of [study, kitchen]) await house.during(speaker.connect(speaker.resumed()));
    await house.run(ms(100));
    expect(study.heardOf('welcome')[0]).toMatchObject({ role: 'active', epoch: 2 });
    expect(kitchen.heardOf('welcome')[0]).toMatchObject({ role: 'active', epoch: 1 });
    expect(house.household.session(ANNA)?.playback.kind).toBe('playing');
    expect(shown(house, ANNA, study).account?.id).toBe(ANNA);
  });

  it('hand a speaker that is taken to who took it: the other stands still, says so, and names no speaker any more', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    await house.ask(play(kitchen), { accountId: ANNA, accountName: 'Anna' });
    const { session } = house.household.view(HOUSE_ACCOUNT);
    expect(session).toMatchObject({ playback: 'paused', activeSpeakerId: null, problem: { code: 'session.taken' } });
    expect(session.problem?.message).toContain('Anna');
    const next = await house.ask({ kind: 'next', speakerId: null });
    expect(next).toMatchObject({ ok: false, error: { code: 'session.no-active-speaker' } });
    expect(kitchen.kinds()).toEqual(['play', 'play']);
  });

  it('let go of the speaker first where one is moved to it, and begin there when it is silent', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    await house.ask(play(kitchen));
    await house.ask(play(study), { accountId: ANNA });
    const move: PhoneRequest = { kind: 'transfer', speakerId: speakerId(kitchen.id), isPlaying: false };
    expect(await house.ask(move, { accountId: ANNA })).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play', 'release', 'prepare', 'commit']);
    expect(kitchen.session?.accountId).toBe(ANNA);
    expect(house.household.view(HOUSE_ACCOUNT).session.problem?.code).toBe('session.taken');
  });

  it('say so to phones also where who took the speaker could not begin there', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    await house.ask(play(study), { accountId: ANNA });
    await house.ask(play(kitchen));
    const phone = await house.phone();
    house.isStoreBroken = true;
    const move: PhoneRequest = { kind: 'transfer', speakerId: speakerId(kitchen.id), isPlaying: true };
    expect(await house.ask(move, { accountId: ANNA })).toMatchObject({ ok: false });
    await house.run(ms(500));
    const told = phone.events.flatMap((event) => ('session' in event && event.session) || []);
    expect(told.at(-1)).toMatchObject({ activeSpeakerId: null, problem: { code: 'session.taken' } });
  });

  it.each([
    ['before its old link is known to be dead', false],
    ['after that', true],
  ])('stay as they were on a speaker that comes back without its last memory, %s', async (_, isMissed) => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    const { epoch, session } = kitchen;
    await house.ask(play(kitchen, [trackNumber(7)]), { accountId: ANNA });
    if (isMissed) kitchen.hangUp();
    await house.run(ms(100));
    const again = house.speaker('kitchen');
    Object.assign(again, { epoch, session });
    await house.during(again.connect(again.resumed()));
    await house.run(ms(100));
    expect(again.heardOf('welcome')).toMatchObject([{ role: 'standby', epoch: 2 }]);
    // Nobody's is played there; Anna's, which was asked for last, waits to go on there.
    expect(house.household.session(ANNA)?.playback.kind).toBe('paused');
    expect(shown(house, ANNA, again)).toEqual({ isActive: true, account: null });
    expect(house.household.view(HOUSE_ACCOUNT).session).toMatchObject({ playback: 'paused', activeSpeakerId: null });
    expect(house.household.view(HOUSE_ACCOUNT).session.problem?.code).toBe('session.taken');
  });

  it('are not begun again by a report that is older than who took the speaker', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    const { epoch, session } = kitchen;
    await house.ask(play(kitchen), { accountId: ANNA });
    Object.assign(kitchen, { epoch, session });
    kitchen.snapshot();
    await house.run(ms(100));
    expect(house.household.view(HOUSE_ACCOUNT).session).toMatchObject({
      playback: 'paused',
      problem: { code: 'session.taken' },
    });
    expect(shown(house, HOUSE_ACCOUNT, kitchen).account?.id).toBe(ANNA);
  });

  it('are forgotten, those that nobody used for longest, when there are too many', async () => {
    const house = await room();
    const guest = (place: number) => accountId(`guest-${place}-of-many`);
    for (let place = 0; place < ACCOUNT_SESSIONS_MAX + 5; place += 1) house.household.session(guest(place));
    await house.run(ms(100));
    await house.during(house.household.stop());
    expect(house.disk.sessions.size).toBe(ACCOUNT_SESSIONS_MAX);
    expect(house.disk.sessions.has(guest(0))).toBe(false);
  });
});

describe('what a session keeps over a kill', () => {
  it('is what was played last, which is bounded', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    for (let n = 0; n < HISTORY_ENTRIES_MAX + 3; n += 1) await house.ask(play(kitchen, [trackNumber(n)]));
    await house.run(ms(SAVE_EVERY * 2));
    const before = house.household.recentlyPlayed(HOUSE_ACCOUNT);
    expect(before).toHaveLength(HISTORY_ENTRIES_MAX);
    house.kill();
    await house.start();
    expect(house.household.recentlyPlayed(HOUSE_ACCOUNT)).toEqual(before);
    await house.during(kitchen.connect(kitchen.resumed()));
    await house.run(ms(100));
    // It still plays the same: that is no second time.
    expect(house.household.recentlyPlayed(HOUSE_ACCOUNT)).toEqual(before);
    expect(house.household.recentlyPlayed(ANNA)).toEqual([]);
  });

  it('is which requests it said yes to: repeated after the kill they are answered alike and not done again', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    await house.ask(play(kitchen));
    const id = commandId('pressed-once');
    expect(await house.ask({ kind: 'next', speakerId: null }, { id })).toEqual(done);
    house.kill();
    await house.start();
    await house.during(kitchen.connect(kitchen.resumed()));
    await house.during(study.connect(study.resumed()));
    await house.run(ms(100));
    // Even where the music has gone elsewhere, to a speaker that has never heard of it.
    await house.ask(play(study));
    expect(await house.ask({ kind: 'next', speakerId: null }, { id })).toEqual(done);
    expect(study.kinds()).toEqual(['play']);
    // Another person's request of the same id is another one.
    expect(await house.ask({ kind: 'next', speakerId: null }, { id, accountId: ANNA })).not.toEqual(done);
  });
});

describe('a long context', () => {
  async function listening(house: RelayRoom): Promise<ScriptedSpeaker> {
    const speaker = house.speaker('kitchen');
    speaker.takesLists = true;
    await house.during(speaker.connect());
    await house.run(ms(50));
    return speaker;
  }

  it('is told in parts before the play that names it, once for as long as the speaker plays it', async () => {
    const house = await room();
    const speaker = await listening(house);
    expect(await house.ask(play(speaker, LONG, 2_000))).toEqual(done);
    expect(await house.ask(play(speaker, LONG, 2_001))).toEqual(done);
    const kinds = speaker.heard.map(({ kind }) => kind).filter((kind) => kind === 'trackList' || kind === 'command');
    expect(kinds).toEqual(['trackList', 'trackList', 'trackList', 'command', 'command']);
    expect(speaker.commands()[1]).toMatchObject({ kind: 'play', trackIds: [], list: { count: 2_500 }, index: 2_001 });
    expect(house.household.session(HOUSE_ACCOUNT)?.queue.trackIds).toEqual(LONG);
  });

  it('is told again to a speaker that has forgotten it, under the same command id', async () => {
    const house = await room();
    const speaker = await listening(house);
    await house.ask(play(speaker, LONG));
    speaker.forgetLists();
    expect(await house.ask(play(speaker, LONG, 5))).toEqual(done);
    const ids = speaker.heardOf('command').map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(ids[1]).toBe(ids[2]);
  });

  it('is told track by track, from the one that begins, to a speaker that knows no lists', async () => {
    const house = await room();
    const speaker = await house.connected('old');
    expect(await house.ask(play(speaker, LONG, 2_000))).toEqual(done);
    const [told] = speaker.commands();
    expect(told).toMatchObject({ kind: 'play', index: 500 });
    expect(told?.kind === 'play' && told.trackIds).toEqual(LONG.slice(1_500));
  });

  it('is asked for by a bridge that lost its store, and taken only if its hash is its name', async () => {
    const house = await room();
    const speaker = await listening(house);
    await house.ask(play(speaker, LONG));
    house.kill();
    house.disk.sessions.clear();
    await house.start();
    speaker.answersLists = false;
    await house.during(speaker.connect(speaker.resumed()));
    await house.run(ms(100));
    const [asked] = speaker.heardOf('listRequest');
    if (asked === undefined) throw new Error('it asks');
    for (const part of partsOf(asked.listId, LONG.slice(1))) speaker.say(part);
    for (const part of partsOf(listId('f'.repeat(22)), LONG)) speaker.say(part);
    await house.run(ms(100));
    expect(house.household.session(HOUSE_ACCOUNT)).toBeNull();
    for (const part of partsOf(asked.listId, LONG)) speaker.say(part);
    await house.run(ms(100));
    expect(house.household.session(HOUSE_ACCOUNT)?.queue.trackIds).toEqual(LONG);
  });
});
