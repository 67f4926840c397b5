/** Who is told what, and when, where both speakers of a hand-over know the bridge's clock. */
import { describe, expect, it } from 'vitest';
import { speakerId } from '#protocol/vocabulary/ids';
import { frames, ms, us } from '#protocol/vocabulary/units';
import type { CommandBody, CommandKind, Outcome } from '#protocol/wire/command';
import { type PlayingHouse, playingHouse } from '#sim/relay/playing-house';
import { type RelayRoom, trackNumber } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { houseSession } from '#sim/world/memory-session-store';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import { CALL_OFF_BEFORE, CLOCK_TOLERATED, LOUDER_STEP_MAX, MEETING_LEAD, RELEASE_WITHIN } from './limits.ts';

const SECOND = 48_000;
/** Of a scripted speaker's tracks. */
const TRACK_SECONDS = 60;

/** The kitchen plays, at 5 s. */
async function playing(): Promise<PlayingHouse> {
  const house = await playingHouse({ knowsClock: true });
  await place(house.room, house.kitchen, 5 * SECOND);
  return house;
}

/** The kitchen's loudspeaker is there now; a scripted one stands still there. */
async function place(room: RelayRoom, speaker: ScriptedSpeaker, positionFrames: number): Promise<void> {
  speaker.moveTo(frames(positionFrames));
  await room.run(ms(20));
}

function transfer({ room, study }: PlayingHouse) {
  return room.ask({ kind: 'transfer', speakerId: speakerId(study.id), isPlaying: undefined });
}

function told<Kind extends CommandKind>(speaker: ScriptedSpeaker, kind: Kind): Extract<CommandBody, { kind: Kind }> {
  const body = speaker.commands().findLast((it) => it.kind === kind);
  if (body === undefined) throw new Error(`${speaker.name} was not told to ${kind}`);
  return body as Extract<CommandBody, { kind: Kind }>;
}

function sessionOf({ room }: PlayingHouse) {
  return room.household.view(HOUSE_ACCOUNT).session;
}

const done = { ok: true, value: undefined };
const no: Outcome = { kind: 'refused', error: { code: 'content.preparing', message: 'not yet' } };

describe('a hand-over at an instant', () => {
  it('tells both of one instant, ahead of it, with the place of that instant', async () => {
    const house = await playing();
    const { room, kitchen, study } = house;
    const askedUs = room.clock.nowUs();
    expect(await transfer(house)).toEqual(done);
    expect(study.kinds()).toEqual(['prepare', 'commit']);
    expect(kitchen.kinds()).toEqual(['play', 'release']);
    const { atUs, positionFrames, volumeMax } = told(study, 'commit');
    expect(told(kitchen, 'release').atUs).toBe(atUs);
    expect(volumeMax).toBeUndefined();
    const aheadMs = ((atUs ?? 0) - askedUs) / 1_000;
    expect(aheadMs).toBeGreaterThan(MEETING_LEAD);
    expect(aheadMs).toBeLessThan(MEETING_LEAD + 50);
    // A scripted speaker says that it is where it was put, and that this was true when it was asked.
    expect((positionFrames - 5 * SECOND) / 48).toBeCloseTo(MEETING_LEAD + 1.8, 0);
    expect([study.epochsOf('commit'), kitchen.epochsOf('release')]).toEqual([[2], [2]]);
    expect(sessionOf(house)).toMatchObject({ activeSpeakerId: study.id, epoch: 2, playback: 'playing' });
    expect(houseSession(room.disk)).toMatchObject({ epoch: 2, activeSpeakerId: study.id });
  });

  it.each([
    ['kitchen', 'does not know the clock'],
    ['study', 'does not know the clock'],
    ['kitchen', 'has another clock'],
    ['study', 'has another clock'],
  ] as const)('is none when the %s %s: one lets go and then the other begins', async (who, what) => {
    const house = await playing();
    house[who].bridgeClock = what === 'has another clock' ? otherClock(house.room) : null;
    expect(await transfer(house)).toEqual(done);
    expect(told(house.kitchen, 'release').atUs).toBeUndefined();
    expect(told(house.study, 'commit')).toMatchObject({ positionFrames: 5 * SECOND, isPlaying: true });
    expect(told(house.study, 'commit').atUs).toBeUndefined();
  });

  it('is none when nothing sounds', async () => {
    const house = await playing();
    await house.room.ask({ kind: 'pause', speakerId: null });
    expect(await transfer(house)).toEqual(done);
    expect(told(house.kitchen, 'release').atUs).toBeUndefined();
  });

  it.each<[string, () => Outcome | 'silence', string]>([
    ['refuses', () => no, 'content.preparing'],
    ['does not answer', () => 'silence', 'session.deadline-passed'],
  ])('whose target %s is called off before it comes, and has not happened', async (_, script, code) => {
    const house = await playing();
    const { room, kitchen, study } = house;
    study.script('commit', script);
    const [asked, before] = [transfer(house), room.clock.nowUs()];
    expect(await asked).toMatchObject({ ok: false, error: { code } });
    expect((room.clock.nowUs() - before) / 1_000).toBeLessThan(MEETING_LEAD + CALL_OFF_BEFORE);
    expect(kitchen.kinds()).toEqual(['play', 'release', 'keep']);
    await room.run(ms(50));
    expect(study.kinds()).toEqual(['prepare', 'commit', 'release']);
    expect([kitchen.epochsOf('keep'), study.epochsOf('release')]).toEqual([[3], [3]]);
    expect(sessionOf(house)).toMatchObject({ activeSpeakerId: kitchen.id, epoch: 3, playback: 'playing' });
    expect(houseSession(room.disk)).toMatchObject({ epoch: 3, activeSpeakerId: kitchen.id });
    expect(await room.ask({ kind: 'pause', speakerId: null })).toEqual(done);
    expect(kitchen.kinds().at(-1)).toBe('pause');
  });

  it('whose target is lost after it has accepted and before it begins is called off too', async () => {
    const house = await playing();
    const { room, kitchen, study } = house;
    const asked = room.asking({ kind: 'transfer', speakerId: speakerId(study.id), isPlaying: undefined });
    await room.clock.runUntil(() => study.kinds().includes('commit'), ms(1_000));
    await room.run(ms(10));
    study.hangUp();
    expect(await room.during(asked)).toMatchObject({ ok: false, error: { code: 'connect.closed' } });
    expect(kitchen.kinds()).toEqual(['play', 'release', 'keep']);
    expect(sessionOf(house)).toMatchObject({ activeSpeakerId: kitchen.id, playback: 'playing' });
  });

  it('that cannot be called off any more is given back', async () => {
    const house = await playing();
    const { room, kitchen, study } = house;
    study.script('commit', () => 'silence');
    kitchen.script('keep', () => no);
    expect(await transfer(house)).toMatchObject({ ok: false, error: { code: 'session.deadline-passed' } });
    await room.run(RELEASE_WITHIN);
    expect(kitchen.kinds()).toEqual(['play', 'release', 'keep', 'prepare', 'commit']);
    expect(told(kitchen, 'commit')).toMatchObject({ positionFrames: 5 * SECOND, isPlaying: true });
    expect(told(kitchen, 'commit').volumeMax).toBeUndefined();
    expect(sessionOf(house)).toMatchObject({ activeSpeakerId: kitchen.id, playback: 'playing' });
  });

  it('whose source is lost on the way goes on all the same', async () => {
    const house = await playing();
    const { kitchen, study } = house;
    kitchen.script('release', () => {
      kitchen.hangUp();
      return 'silence';
    });
    expect(await transfer(house)).toEqual(done);
    expect(sessionOf(house)).toMatchObject({ activeSpeakerId: study.id, playback: 'playing' });
  });

  it.each([
    [30, 30 + LOUDER_STEP_MAX + 1, 30],
    [30, 30 + LOUDER_STEP_MAX, undefined],
    [60, 20, undefined],
  ])('from volume %i to one that has %i turns it down to %s', async (before, own, most) => {
    const house = await playing();
    const { room, kitchen, study } = house;
    kitchen.volume = before;
    study.volume = own;
    for (const speaker of [kitchen, study]) speaker.snapshot();
    await room.run(ms(20));
    expect(await transfer(house)).toEqual(done);
    expect(told(study, 'commit').volumeMax).toBe(most);
  });

  it('does not fall on a track’s end: what follows is prepared, and met in', async () => {
    const house = await playing();
    const { room, kitchen, study } = house;
    await place(room, kitchen, (TRACK_SECONDS - 0.3) * SECOND);
    const asked = room.asking({ kind: 'transfer', speakerId: speakerId(study.id), isPlaying: undefined });
    await room.run(ms(300));
    expect(study.kinds()).toEqual(['prepare']);
    const { session } = kitchen;
    if (session?.playback.kind !== 'playing') throw new Error('it plays');
    const playback = { ...session.playback, trackId: trackNumber(2), positionFrames: frames(480) };
    kitchen.session = { ...session, playback, queue: { ...session.queue, index: 1 } };
    kitchen.revision += 1;
    kitchen.snapshot();
    expect(await room.during(asked)).toEqual(done);
    expect(study.commands()).toMatchObject([
      { kind: 'prepare', session: { playback: { trackId: trackNumber(1) } } },
      { kind: 'prepare', session: { playback: { trackId: trackNumber(2) } } },
      { kind: 'commit' },
    ]);
    const { atUs, positionFrames } = told(study, 'commit');
    expect(told(kitchen, 'release').atUs).toBe(atUs);
    expect(positionFrames).toBeLessThan(SECOND);
  });
});

function otherClock(room: RelayRoom) {
  return () => us(room.clock.nowUs() + (CLOCK_TOLERATED + 500) * 1_000);
}
