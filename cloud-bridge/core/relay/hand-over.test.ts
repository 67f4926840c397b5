import { describe, expect, it } from 'vitest';
import { type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import { frames, ms } from '#protocol/vocabulary/units';
import type { Outcome } from '#protocol/wire/command';
import { type PlayingHouse, playingHouse } from '#sim/relay/playing-house';
import { RelayRoom, trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { houseSession } from '#sim/world/memory-session-store';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import type { PhoneRequest } from '../ports/household.ts';
import { COMMIT_WITHIN, PREPARE_WITHIN } from './limits.ts';

/** The kitchen plays since five seconds. */
async function playing(): Promise<PlayingHouse> {
  const house = await playingHouse({ knowsClock: false });
  await house.room.run(ms(5_000));
  return house;
}

function idOf(speaker: ScriptedSpeaker): SpeakerId {
  return speakerId(speaker.id);
}

function transferTo(speaker: ScriptedSpeaker, isPlaying?: boolean): PhoneRequest {
  return { kind: 'transfer', speakerId: idOf(speaker), isPlaying };
}

const done = { ok: true, value: undefined };
const no: Outcome = { kind: 'refused', error: { code: 'content.preparing', message: 'not yet' } };

describe('a hand-over', () => {
  it('prepares, releases and commits, at the frame where the old one stopped', async () => {
    const { room, kitchen, study } = await playing();
    const exact = frames(48_000 * 5 + 123);
    kitchen.script('prepare', null);
    if (kitchen.session?.playback.kind !== 'playing') throw new Error('it plays');
    kitchen.session = { ...kitchen.session, playback: { ...kitchen.session.playback, positionFrames: exact } };
    expect(await room.ask(transferTo(study))).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play', 'release']);
    expect(study.commands()).toMatchObject([
      { kind: 'prepare', session: { playback: { kind: 'playing', trackId: trackNumber(1) } } },
      { kind: 'commit', positionFrames: exact, isPlaying: true },
    ]);
    const [prepare] = study.commands();
    if (prepare?.kind !== 'prepare') throw new Error('the first is prepare');
    expect(Math.round(prepare.positionFrames / 48_000)).toBe(5);
    expect([...study.epochsOf('prepare'), ...study.epochsOf('commit'), ...kitchen.epochsOf('release')]).toEqual([
      1, 2, 2,
    ]);
    expect(room.household.view(HOUSE_ACCOUNT).session).toMatchObject({
      activeSpeakerId: study.id,
      epoch: 2,
      playback: 'playing',
    });
    expect(houseSession(room.disk)).toMatchObject({ epoch: 2, activeSpeakerId: study.id });
    expect(kitchen.commands().some((body) => body.kind === 'setVolume')).toBe(false);
    expect(study.kinds()).not.toContain('setVolume');
  });

  it.each([
    [undefined, 'playing', true],
    [true, 'paused', true],
    [undefined, 'paused', false],
    [false, 'playing', false],
  ] as const)('asked with isPlaying %s while %s commits with %s', async (wanted, before, after) => {
    const { room, study } = await playing();
    if (before === 'paused') await room.ask({ kind: 'pause', speakerId: null });
    await room.ask(transferTo(study, wanted));
    expect(study.commands()[1]).toMatchObject({ kind: 'commit', isPlaying: after });
  });

  it('is what resume on another speaker means', async () => {
    const { room, kitchen, study } = await playing();
    await room.ask({ kind: 'pause', speakerId: null });
    expect(await room.ask({ kind: 'resume', speakerId: idOf(study) })).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play', 'pause', 'release']);
    expect(study.commands()[1]).toMatchObject({ kind: 'commit', isPlaying: true });
  });

  it('to the speaker that plays already only pauses or resumes it, or nothing', async () => {
    const { room, kitchen } = await playing();
    expect(await room.ask(transferTo(kitchen))).toEqual(done);
    expect(await room.ask(transferTo(kitchen, true))).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play']);
    expect(await room.ask(transferTo(kitchen, false))).toEqual(done);
    expect(await room.ask(transferTo(kitchen, true))).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play', 'pause', 'resume']);
  });

  it('with nothing to hand over only makes the speaker active', async () => {
    const room = new RelayRoom();
    await room.start();
    const study = await room.connected('study');
    expect(await room.ask(transferTo(study))).toEqual(done);
    expect(study.kinds()).toEqual([]);
    expect(room.household.view(HOUSE_ACCOUNT)).toMatchObject({
      session: { activeSpeakerId: study.id },
      speakers: [{ isActive: true }],
    });
    const trackIds = [trackNumber(1)];
    const play = { kind: 'play', contextUri: null, trackIds, index: 0, positionMs: ms(0) } as const;
    expect(await room.ask({ ...play, speakerId: null })).toEqual(done);
    expect(study.kinds()).toEqual(['play']);
  });

  it.each<[string, () => Outcome | 'silence', string]>([
    ['refuses to prepare', () => no, 'content.preparing'],
    ['does not answer prepare', () => 'silence', 'session.deadline-passed'],
    ['knows a newer epoch', () => ({ kind: 'superseded', epoch: 9 }), 'session.superseded'],
  ])('whose target %s has not happened', async (_, script, code) => {
    const { room, kitchen, study } = await playing();
    study.script('prepare', script);
    expect(await room.ask(transferTo(study))).toMatchObject({ ok: false, error: { code } });
    await room.run(ms(100));
    expect(kitchen.kinds()).toEqual(['play']);
    expect(study.kinds()).toEqual(['prepare', 'release']);
    expect(room.household.view(HOUSE_ACCOUNT).session).toMatchObject({
      activeSpeakerId: kitchen.id,
      epoch: 1,
      playback: 'playing',
    });
    expect(await room.ask({ kind: 'pause', speakerId: null })).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play', 'pause']);
  });

  it('whose target is lost while it prepares has not happened', async () => {
    const { room, kitchen, study } = await playing();
    study.script('prepare', () => {
      study.hangUp();
      return 'silence';
    });
    expect(await room.ask(transferTo(study))).toMatchObject({ ok: false, error: { code: 'connect.closed' } });
    expect(kitchen.kinds()).toEqual(['play']);
  });

  it('that the phone no longer waits for has not happened, if nothing was released yet', async () => {
    const { room, kitchen, study } = await playing();
    study.script('prepare', () => 'silence');
    const before = room.clock.nowUs();
    const answer = await room.ask(transferTo(study), { deadline: ms(2_000) });
    expect(answer).toMatchObject({ ok: false, error: { code: 'session.deadline-passed' } });
    expect(room.clock.nowUs() - before).toBeLessThan(PREPARE_WITHIN * 1_000);
    await room.run(ms(100));
    expect(kitchen.kinds()).toEqual(['play']);
    expect(study.kinds()).toEqual(['prepare', 'release']);
  });

  it('cannot begin when the epoch cannot be stored', async () => {
    const { room, kitchen, study } = await playing();
    room.isStoreBroken = true;
    expect(await room.ask(transferTo(study))).toMatchObject({ ok: false, error: { code: 'storage.failed' } });
    await room.run(ms(100));
    expect(kitchen.kinds()).toEqual(['play']);
    expect(study.kinds()).toEqual(['prepare', 'release']);
  });

  it('goes on without an old speaker that does not answer, from where it must be', async () => {
    const { room, kitchen, study } = await playing();
    kitchen.script('release', () => 'silence');
    expect(await room.ask(transferTo(study))).toEqual(done);
    const commit = study.commands()[1];
    if (commit?.kind !== 'commit') throw new Error('the second is commit');
    // Five seconds of play, and two in which it was waited for and may have played on.
    expect(Math.round(commit.positionFrames / 48_000)).toBe(7);
    expect(commit.isPlaying).toBe(true);
  });

  it('silences an old speaker that loses its power when it is to let go, and is back when the target begins', async () => {
    const { room, kitchen, study } = await playing();
    room.network.shape('study', { latency: ms(50) });
    kitchen.script('release', () => 'silence');
    const asked = room.asking(transferTo(study));
    await room.run(ms(300));
    const again = room.speaker('kitchen');
    Object.assign(again, { epoch: kitchen.epoch, session: kitchen.session });
    await room.during(again.connect(again.resumed()));
    expect(await room.during(asked)).toEqual(done);
    await room.run(ms(300));
    expect(again.heardOf('welcome')).toMatchObject([{ role: 'active', epoch: 1 }]);
    expect(again.epochsOf('release')).toEqual([2]);
    expect(again.session).toBeNull();
    expect(room.household.view(HOUSE_ACCOUNT).session).toMatchObject({ activeSpeakerId: study.id, epoch: 2 });
  });

  it('goes on without an old speaker that is away, standing still unless asked to play', async () => {
    const { room, kitchen, study } = await playing();
    room.network.breakLinks('kitchen');
    await room.run(ms(3_000));
    expect(await room.ask(transferTo(study, true))).toEqual(done);
    const commit = study.commands()[1];
    if (commit?.kind !== 'commit') throw new Error('the second is commit');
    expect(Math.round(commit.positionFrames / 48_000)).toBe(5);
    await room.during(kitchen.connect(kitchen.resumed()));
    await room.run(ms(100));
    expect(kitchen.heardOf('welcome')).toMatchObject([{ role: 'standby', epoch: 2 }]);
  });

  it('prepares again when the old speaker had come to another track meanwhile', async () => {
    const { room, kitchen, study } = await playing();
    kitchen.script('release', () => {
      const session = kitchen.session;
      if (session?.playback.kind !== 'playing') throw new Error('it plays');
      const playback = { ...session.playback, trackId: trackNumber(2), positionFrames: frames(480) };
      kitchen.session = null;
      return { kind: 'accepted', revision: 9, session: { ...session, playback } };
    });
    expect(await room.ask(transferTo(study))).toEqual(done);
    expect(study.commands()).toMatchObject([
      { kind: 'prepare', session: { playback: { trackId: trackNumber(1) } } },
      { kind: 'prepare', session: { playback: { trackId: trackNumber(2) } }, positionFrames: 480 },
      { kind: 'commit', positionFrames: 480 },
    ]);
  });

  it.each<[string, () => Outcome | 'silence', string]>([
    ['refuses', () => no, 'content.preparing'],
    ['does not answer', () => 'silence', 'session.deadline-passed'],
  ])('whose target %s at the very end gives the session back', async (_, script, code) => {
    const { room, kitchen, study } = await playing();
    study.script('commit', script);
    expect(await room.ask(transferTo(study))).toMatchObject({ ok: false, error: { code } });
    await room.run(ms(COMMIT_WITHIN));
    expect(kitchen.kinds()).toEqual(['play', 'release', 'prepare', 'commit']);
    expect(study.kinds()).toEqual(['prepare', 'commit', 'release']);
    expect(kitchen.epochsOf('commit')).toEqual([3]);
    expect(kitchen.commands().at(-1)).toMatchObject({ isPlaying: true });
    expect(room.household.view(HOUSE_ACCOUNT).session).toMatchObject({
      activeSpeakerId: kitchen.id,
      epoch: 3,
      playback: 'playing',
    });
    expect(Math.round(room.household.view(HOUSE_ACCOUNT).session.positionMs / 1_000)).toBeLessThanOrEqual(
      6 + COMMIT_WITHIN / 1_000,
    );
  });

  it('that fails at the very end with nobody to give back to leaves the session with the bridge', async () => {
    const { room, kitchen, study } = await playing();
    kitchen.moveTo(frames(48_000 * 5));
    await room.run(ms(20));
    study.script('commit', () => {
      kitchen.hangUp();
      return no;
    });
    kitchen.script('prepare', () => no);
    expect(await room.ask(transferTo(study))).toMatchObject({ ok: false, error: { code: 'content.preparing' } });
    await room.run(ms(100));
    const { session } = room.household.view(HOUSE_ACCOUNT);
    expect(session).toMatchObject({ playback: 'paused', track: { id: trackNumber(1) } });
    expect(Math.round(session.positionMs / 1_000)).toBe(5);
    study.script('commit', null);
    expect(await room.ask({ kind: 'resume', speakerId: idOf(study) })).toEqual(done);
    expect(study.session?.playback).toMatchObject({ kind: 'playing' });
  });

  it('counts no time that nobody heard while it waits in vain', async () => {
    const { room, kitchen, study } = await playing();
    kitchen.moveTo(frames(48_000 * 5));
    await room.run(ms(20));
    study.script('commit', () => {
      kitchen.hangUp();
      return 'silence';
    });
    expect(await room.ask(transferTo(study))).toMatchObject({ ok: false });
    expect(Math.round(room.household.view(HOUSE_ACCOUNT).session.positionMs / 1_000)).toBe(5);
  });

  it('of a session that has run to its end begins it anew', async () => {
    const { room, kitchen, study } = await playing();
    if (kitchen.session === null) throw new Error('it plays');
    kitchen.session = { ...kitchen.session, playback: { kind: 'stopped' } };
    kitchen.revision += 1;
    kitchen.snapshot();
    await room.run(ms(50));
    expect(await room.ask({ kind: 'resume', speakerId: idOf(study) })).toEqual(done);
    expect(study.commands()).toMatchObject([
      { kind: 'prepare', positionFrames: 0, session: { playback: { kind: 'paused', trackId: trackNumber(1) } } },
      { kind: 'commit', isPlaying: true },
    ]);
  });

  it('asked for by two phones at once ends with one speaker', async () => {
    const { room, kitchen, study } = await playing();
    const attic = await room.connected('attic');
    const both = await room.during(Promise.all([room.asking(transferTo(study)), room.asking(transferTo(attic))]));
    expect(both).toEqual([done, done]);
    expect([kitchen.session, study.session]).toEqual([null, null]);
    expect(attic.session?.playback.kind).toBe('playing');
    expect(room.household.view(HOUSE_ACCOUNT).session).toMatchObject({ activeSpeakerId: attic.id, epoch: 3 });
  });
});
