import { beforeEach, describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { CONTEXT_TRACKS_MAX } from '#protocol/wire/playback-state';
import { NodeRoom } from '#sim/relay/node-room';
import { trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { houseSession } from '#sim/world/memory-session-store';
import { followHousehold } from '../services/house-bus/household-follower.ts';
import { LEASE_EVERY, LEASE_LOST_AFTER } from './node-limits.ts';

/** From the death of a home to the next: its beats must stand still, as seen by who looks every second. */
const TAKEN_OVER_WITHIN_MS = LEASE_LOST_AFTER + 2 * LEASE_EVERY;

let room: NodeRoom;
let kitchen: ScriptedSpeaker;
let study: ScriptedSpeaker;
beforeEach(async () => {
  room = new NodeRoom();
  await room.start('one');
  await room.start('two');
  await room.run(1_500);
  kitchen = await room.connected('kitchen', 'one');
  study = await room.connected('study', 'two');
});

const play = (speaker: ScriptedSpeaker) =>
  ({
    kind: 'play',
    speakerId: speaker.hello().speaker.id,
    contextUri: null,
    trackIds: [1, 2, 3, 4, 5, 6, 7, 8].map(trackNumber),
    index: 0,
    positionMs: ms(0),
  }) as const;
const next = { kind: 'next', speakerId: null } as const;

/** A phone's events at that bridge. */
async function shownAt(name: string): Promise<HouseholdSnapshot> {
  const follower = followHousehold(room.node(name), HOUSE_ACCOUNT, () => undefined);
  await room.run(200);
  const view = follower.view();
  follower.stop();
  if (view === null) throw new Error(`${name} shows nothing`);
  return view;
}

describe('two bridges of one household', () => {
  it('have one home, and speakers at both', async () => {
    expect(room.homes()).toEqual(['one']);
    const online = (await shownAt('two')).speakers.map(({ name, isOnline }) => [name, isOnline]);
    expect(online).toEqual([
      ['kitchen', true],
      ['study', true],
    ]);
    expect((await shownAt('one')).speakers).toEqual((await shownAt('two')).speakers);
  });

  it('take a phone’s command at one to a speaker at the other', async () => {
    expect(await room.ask('two', play(kitchen))).toEqual({ ok: true, value: undefined });
    expect(
      await room.ask('one', { kind: 'transfer', speakerId: study.hello().speaker.id, isPlaying: undefined }),
    ).toEqual({
      ok: true,
      value: undefined,
    });
    expect([kitchen.kinds(), study.kinds()]).toEqual([
      ['play', 'release'],
      ['prepare', 'commit'],
    ]);
    expect(await room.ask('two', next)).toMatchObject({ ok: true });
    expect(study.kinds().at(-1)).toBe('next');
  });

  it('show at both what has just been done', async () => {
    await room.during(room.node('two').prepare(HOUSE_ACCOUNT));
    await room.ask('two', play(kitchen));
    const [one, two] = [room.node('one'), room.node('two')];
    expect(two.view(HOUSE_ACCOUNT).session.playback).toBe('playing');
    expect(two.session(HOUSE_ACCOUNT)).toEqual(one.session(HOUSE_ACCOUNT));
    expect(two.recentlyPlayed(HOUSE_ACCOUNT)).toEqual(one.recentlyPlayed(HOUSE_ACCOUNT));
    expect(two.facts().speakers).toEqual(one.facts().speakers);
    two.forgetSpeaker(study.hello().speaker.id);
    await room.run(300);
    expect(one.view(HOUSE_ACCOUNT).speakers.map(({ name }) => name)).toEqual(['kitchen']);
  });

  it('take and show a context of ten thousand tracks at either', async () => {
    kitchen.takesLists = true;
    await room.during(kitchen.connect());
    await room.run(300);
    await room.during(room.node('two').prepare(HOUSE_ACCOUNT));
    const trackIds = Array.from({ length: CONTEXT_TRACKS_MAX }, (_, place) => trackNumber(place));
    expect(await room.ask('two', { ...play(kitchen), trackIds, index: 9_000 })).toEqual({ ok: true, value: undefined });
    await room.during(room.node('two').prepare(HOUSE_ACCOUNT));
    expect(room.node('two').session(HOUSE_ACCOUNT)?.queue.trackIds).toEqual(trackIds);
  });

  it('refuse at both alike', async () => {
    const nobody = await room.ask('two', { kind: 'pause', speakerId: null });
    expect(nobody).toMatchObject({ ok: false, error: { code: 'session.no-active-speaker' } });
    expect(nobody).toEqual(await room.ask('one', { kind: 'pause', speakerId: null }));
  });

  it('say nothing twice when the bus does', async () => {
    room.broker.copies = 3;
    await room.ask('two', play(study));
    await room.ask('two', next);
    expect(study.kinds()).toEqual(['play', 'next']);
    expect(study.ended).toBeNull();
  });

  it('take no notice of what others say, also when it was said before', async () => {
    await room.ask('two', play(kitchen));
    const said = room.broker.published.filter(({ topic }) => topic.endsWith('/nodes/one/from/two'));
    const stranger = room.broker.dial();
    stranger.publish('tonearm/house-of-nodes/nodes/one/from/two', 'nonsense');
    for (const { topic, text } of said) stranger.publish(topic, text);
    await room.run(20_000);
    expect(kitchen.kinds()).toEqual(['play']);
    expect(room.homes()).toEqual(['one']);
    expect(await room.ask('two', next)).toMatchObject({ ok: true });
    room.kill('two');
    await room.run(6_000);
    for (const { topic, text } of said) stranger.publish(topic, text);
    await room.run(500);
    const speakers = room.node('one').view(HOUSE_ACCOUNT).speakers;
    expect(speakers.map(({ name, isOnline }) => [name, isOnline])).toEqual([
      ['kitchen', true],
      ['study', false],
    ]);
  });
});

describe('a home that is killed', () => {
  it('is followed by the other in six seconds, with the music, and what was asked meanwhile', async () => {
    await room.ask('one', play(study));
    const epoch = houseSession(room.sessions)?.epoch;
    room.kill('one');
    const asked = room.asking('two', next);
    await room.clock.runUntil(() => room.homes().length > 0, ms(20_000));
    expect(room.homes()).toEqual(['two']);
    await room.run(50);
    // The speaker plays on, and comes back as it does whenever its link ends.
    expect(study.ended).not.toBeNull();
    expect(study.session?.playback.kind).toBe('playing');
    await room.during(study.connect(study.resumed()));
    await room.run(200);
    expect(study.heardOf('welcome')[0]).toMatchObject({ role: 'active', epoch });
    await room.during(asked);
    expect(await room.ask('two', next)).toMatchObject({ ok: true });
  });

  it('is followed within the stated time, and never by two', async () => {
    const killedAtMs = room.clock.nowUs() / 1_000;
    room.kill('one');
    await room.clock.runUntil(() => room.homes().length > 0, ms(20_000));
    const tookMs = room.clock.nowUs() / 1_000 - killedAtMs;
    expect(tookMs).toBeLessThanOrEqual(TAKEN_OVER_WITHIN_MS);
    await room.start('one');
    await room.run(10_000);
    expect(room.homes()).toEqual(['two']);
  });

  it('leaves what is asked in between to the next', async () => {
    room.broker.goDown();
    room.kill('one');
    await room.run(1_500);
    expect(room.homes()).toEqual([]);
    const asked = await room.ask('two', { kind: 'pause', speakerId: study.hello().speaker.id });
    // It knows the speaker, which has not come back yet.
    expect(asked).toMatchObject({ ok: false, error: { code: 'session.speaker-not-found' } });
    expect(room.homes()).toEqual(['two']);
  });

  it('is followed at once when it says that it ends', async () => {
    await room.stop('one');
    await room.run(LEASE_EVERY + 100);
    expect(room.homes()).toEqual(['two']);
  });

  it('has lost nothing that it had acknowledged, however often the home changes', async () => {
    let [home, other] = ['one', 'two'];
    await room.ask(home, play(study));
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      study = await reconnected(study, other);
      const answer = await room.ask(other, { kind: 'seek', speakerId: null, positionMs: ms(1_000 * round) });
      if (answer.ok) acknowledged.push(String(1_000 * round));
      room.kill(home);
      await room.clock.runUntil(() => room.homes().includes(other), ms(20_000));
      await room.start(home);
      [home, other] = [other, home];
      await room.run(1_500);
    }
    expect(acknowledged).toEqual(['0', '1000', '2000', '3000']);
    expect(room.homes()).toEqual([home]);
  });

  async function reconnected(speaker: ScriptedSpeaker, at: string): Promise<ScriptedSpeaker> {
    const again = room.speaker('study', at);
    Object.assign(again, { session: speaker.session, epoch: speaker.epoch, revision: speaker.revision });
    await room.during(again.connect(again.resumed()));
    await room.run(300);
    return again;
  }
});

describe('a partition', () => {
  it('ends what was carried, leaves the home the home, and heals', async () => {
    await room.ask('two', play(kitchen));
    room.broker.goDown();
    await room.run(6_000);
    expect(room.homes()).toEqual(['one']);
    expect(study.ended).not.toBeNull();
    expect(await room.ask('one', next)).toMatchObject({ ok: true });
    const lost = await room.ask('two', next);
    expect(lost).toMatchObject({ ok: false, error: { code: 'connect.closed', retryable: true } });
    room.broker.comeBack();
    await room.run(3_000);
    await room.during(study.connect(study.resumed()));
    await room.run(300);
    expect(await room.ask('two', next)).toMatchObject({ ok: true });
    expect(kitchen.kinds()).toEqual(['play', 'next', 'next']);
    expect((await shownAt('two')).speakers.every(({ isOnline }) => isOnline)).toBe(true);
    const { positionMs: _, ...shown } = (await shownAt('two')).session;
    expect((await shownAt('one')).session).toMatchObject(shown);
  });

  it('from the store makes the home step down before another takes over', async () => {
    await room.ask('one', play(study));
    room.withoutStore.add('one');
    await room.clock.runUntil(() => !room.homes().includes('one'), ms(10_000));
    expect(room.homes()).toEqual([]);
    await room.clock.runUntil(() => room.homes().length > 0, ms(10_000));
    expect(room.homes()).toEqual(['two']);
    room.withoutStore.clear();
    await room.run(5_000);
    expect(room.homes()).toEqual(['two']);
    await room.during(kitchen.connect());
    await room.run(300);
    expect(await room.ask('one', play(kitchen))).toMatchObject({ ok: true });
  });

  it('leaves a home that stood still nothing to say', async () => {
    await room.ask('one', play(kitchen));
    room.standStill('one');
    await room.clock.runUntil(() => room.homes().includes('two'), ms(20_000));
    const late = room.asking('one', play(kitchen));
    room.goOn('one');
    await room.run(5_000);
    expect(room.homes()).toEqual(['two']);
    await late;
    await room.during(kitchen.connect(kitchen.resumed()));
    await room.run(300);
    expect(await room.ask('one', next)).toMatchObject({ ok: true });
  });
});

describe('a bridge that stops', () => {
  it('leaves no timer, home or not', async () => {
    await room.during(room.node('two').stop());
    await room.during(room.node('one').stop());
    await room.run(10);
    expect([room.timers('one'), room.timers('two')]).toEqual([[], []]);
  });
});
