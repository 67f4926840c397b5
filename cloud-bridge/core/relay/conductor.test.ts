import { describe, expect, it } from 'vitest';
import { commandId, type SpeakerId, speakerId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { RelayRoom, trackNumber } from '#sim/relay/relay-room';
import { houseSession } from '#sim/world/memory-session-store';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import type { PhoneRequest } from '../ports/household.ts';
import { REQUESTS_WAITING_MAX } from './limits.ts';

async function room(): Promise<RelayRoom> {
  const it = new RelayRoom();
  await it.start();
  return it;
}

function play(speaker: { readonly id: string } | null): PhoneRequest {
  const trackIds = [trackNumber(1), trackNumber(2), trackNumber(3)];
  const id: SpeakerId | null = speaker === null ? null : speakerId(speaker.id);
  return { kind: 'play', speakerId: id, contextUri: 'tonearm:library', trackIds, index: 0, positionMs: ms(0) };
}

const refusal = (code: string) => ({ ok: false, error: { code } });
const done = { ok: true, value: undefined };

describe('requests', () => {
  it('play on the named speaker, in a new epoch, and let the old one go', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    expect(await house.ask(play(kitchen))).toEqual(done);
    expect(await house.ask(play(kitchen))).toEqual(done);
    expect(await house.ask(play(study))).toEqual(done);
    await house.run(ms(50));
    expect(kitchen.kinds()).toEqual(['play', 'play', 'release']);
    expect(kitchen.epochsOf('play')).toEqual([1, 1]);
    expect(kitchen.epochsOf('release')).toEqual([2]);
    expect(study.epochsOf('play')).toEqual([2]);
    expect(house.household.view(HOUSE_ACCOUNT).session).toMatchObject({
      activeSpeakerId: study.id,
      epoch: 2,
      playback: 'playing',
    });
  });

  it.each<[string, PhoneRequest, string]>([
    ['pause with no active speaker', { kind: 'pause', speakerId: null }, 'session.no-active-speaker'],
    ['play with no active speaker', play(null), 'session.no-active-speaker'],
    ['play on a speaker nobody knows', play({ id: 'nobody-here' }), 'session.speaker-not-found'],
    ['play on a speaker that is away', play({ id: 'away-speaker' }), 'session.speaker-not-found'],
    ['pause on one that does not play', pauseOn('kitchen-speaker'), 'session.not-playing'],
    [
      'hand over to nobody',
      { kind: 'transfer', speakerId: speakerId('nobody-here'), isPlaying: true },
      'session.speaker-not-found',
    ],
  ])('refuse: %s', async (_, request, code) => {
    const house = await room();
    await house.connected('kitchen');
    const away = await house.connected('away');
    away.hangUp();
    await house.run(ms(50));
    expect(await house.ask(request)).toMatchObject(refusal(code));
  });

  it('say that there is nothing to go on with on a speaker when nothing was ever played', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const wish = { kind: 'resume', speakerId: speakerId(kitchen.id) } as const;
    expect(await house.ask(wish)).toMatchObject(refusal('session.nothing-to-play'));
    expect(kitchen.kinds()).toEqual([]);
  });

  it('go to the active speaker by default, and resolve when its state has come', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    expect(await house.ask({ kind: 'seek', speakerId: null, positionMs: ms(30_000) })).toEqual(done);
    expect(Math.round(house.household.view(HOUSE_ACCOUNT).session.positionMs / 1_000)).toBe(30);
    expect(await house.ask({ kind: 'pause', speakerId: null })).toEqual(done);
    expect(house.household.view(HOUSE_ACCOUNT).session.playback).toBe('paused');
    await house.ask({ kind: 'setShuffle', speakerId: null, isOn: true });
    await house.ask({ kind: 'setRepeat', speakerId: null, mode: 'track' });
    await house.ask({ kind: 'enqueue', speakerId: null, trackId: trackNumber(9) });
    expect(kitchen.commands().slice(3)).toEqual([
      { kind: 'setShuffle', isOn: true },
      { kind: 'setRepeat', mode: 'track' },
      { kind: 'enqueue', trackId: trackNumber(9) },
    ]);
  });

  it('do not wait for ever for a state that was announced and does not come', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    kitchen.script('next', () => ({ kind: 'accepted', revision: 999 }));
    const before = house.clock.nowUs();
    expect(await house.ask({ kind: 'next', speakerId: null })).toEqual(done);
    expect(house.clock.nowUs() - before).toBeLessThan(500_000);
  });

  it('resolve only when the state has come that the answer announced', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    kitchen.script('setVolume', (command) => {
      if (command.body.kind === 'setVolume') kitchen.volume = command.body.volume;
      return { kind: 'accepted', revision: kitchen.revision + 1 };
    });
    const asked = house.asking({ kind: 'setVolume', speakerId: null, volume: 99 });
    await house.run(ms(100));
    kitchen.revision += 1;
    kitchen.snapshot();
    expect(await house.during(asked)).toEqual(done);
    expect(house.household.view(HOUSE_ACCOUNT).speakers).toMatchObject([{ status: { volume: 99 } }]);
  });

  it('release the old speaker also when the new one answers without a report', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    await house.ask(play(kitchen));
    study.script('play', () => ({ kind: 'accepted', revision: 0 }));
    await house.ask(play(study));
    await house.run(ms(20));
    expect(kitchen.kinds()).toEqual(['play', 'release']);
    expect(house.household.view(HOUSE_ACCOUNT).session).toMatchObject({ activeSpeakerId: study.id, epoch: 2 });
  });

  it('bring the speaker’s own refusal to the phone', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    kitchen.script('next', () => ({
      kind: 'refused',
      error: { code: 'session.no-next-track', message: 'that was the last', field: 'queue' },
    }));
    expect(await house.ask({ kind: 'next', speakerId: null })).toMatchObject({
      ok: false,
      error: { code: 'session.no-next-track', message: 'that was the last', field: 'queue' },
    });
  });

  it('set the volume of any connected speaker, also while a hand-over is under way', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    await house.ask(play(kitchen));
    study.script('prepare', () => 'silence');
    const handOver = house.asking(
      { kind: 'transfer', speakerId: speakerId(study.id), isPlaying: undefined },
      ms(4_000),
    );
    expect(await house.ask({ kind: 'setVolume', speakerId: speakerId(study.id), volume: 12 })).toEqual(done);
    expect(study.kinds().sort()).toEqual(['prepare', 'setVolume']);
    expect(await house.during(handOver)).toMatchObject(refusal('session.deadline-passed'));
  });

  it('with the same id get the same answer and are performed once', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    const id = 'the-same-command';
    const next = () =>
      house.household.request(
        { kind: 'next', speakerId: null },
        { accountId: HOUSE_ACCOUNT, commandId: commandId(id), deadline: ms(5_000) },
      );
    const answers = await house.during(Promise.all([house.asking({ kind: 'pause', speakerId: null }), next(), next()]));
    expect(answers).toEqual([done, done, done]);
    expect(await house.ask({ kind: 'next', speakerId: null }, { id })).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play', 'pause', 'next']);
  });

  it('are refused when their deadline passes, and not sent when it passed while they waited', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    kitchen.script('pause', () => 'silence');
    const slow = house.asking({ kind: 'pause', speakerId: null }, ms(3_000));
    const late = house.asking({ kind: 'next', speakerId: null }, ms(1_000));
    const inTime = house.asking({ kind: 'previous', speakerId: null }, ms(9_000));
    expect(await house.during(late)).toMatchObject(refusal('session.deadline-passed'));
    expect(await house.during(slow)).toMatchObject(refusal('session.deadline-passed'));
    expect(await house.during(inTime)).toEqual(done);
    expect(kitchen.kinds()).toEqual(['play', 'pause', 'previous']);
  });

  it('are refused at once when too many wait', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    kitchen.script('pause', () => 'silence');
    const pause = () => house.asking({ kind: 'pause', speakerId: null }, ms(2_000));
    const waiting = [pause()];
    await house.run(ms(10));
    for (let n = 0; n < REQUESTS_WAITING_MAX; n += 1) waiting.push(pause());
    expect(await house.ask({ kind: 'next', speakerId: null })).toMatchObject(refusal('session.busy'));
    for (const answer of waiting) expect(await house.during(answer)).toMatchObject({ ok: false });
    await house.run(ms(5_000));
    kitchen.script('pause', null);
    expect(await house.ask({ kind: 'pause', speakerId: null })).toEqual(done);
  });

  it('leave the old speaker playing when play is refused elsewhere, also after a kill', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    const study = await house.connected('study');
    await house.ask(play(kitchen));
    study.script('play', () => ({ kind: 'refused', error: { code: 'sink.unavailable', message: 'no loudspeaker' } }));
    expect(await house.ask(play(study))).toMatchObject(refusal('sink.unavailable'));
    await house.run(ms(100));
    expect(kitchen.kinds()).toEqual(['play']);
    expect(houseSession(house.disk)).toMatchObject({ epoch: 1, activeSpeakerId: kitchen.id });
    house.kill();
    await house.start();
    await house.during(kitchen.connect(kitchen.resumed()));
    await house.run(ms(50));
    expect(kitchen.heardOf('welcome')).toMatchObject([{ role: 'active', epoch: 1 }]);
  });

  it('learn from a superseded answer: the next epoch is above the speaker’s', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    kitchen.epoch = 5;
    expect(await house.ask(play(kitchen))).toMatchObject(refusal('session.superseded'));
    await house.run(ms(50));
    expect(await house.ask(play(kitchen))).toEqual(done);
    expect(kitchen.epochsOf('play')).toEqual([1, 6]);
  });

  it('give a restarted speaker its session back before anything else, except pause', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    await house.run(ms(5_000));
    house.network.breakLinks('kitchen');
    await house.run(ms(50));
    kitchen.session = null;
    await house.during(kitchen.connect());
    await house.run(ms(50));
    expect(await house.ask({ kind: 'pause', speakerId: null })).toMatchObject(refusal('session.not-playing'));
    expect(await house.ask({ kind: 'seek', speakerId: null, positionMs: ms(7_000) })).toEqual(done);
    expect(kitchen.commands()).toMatchObject([
      { kind: 'prepare' },
      { kind: 'commit', isPlaying: false },
      { kind: 'seek', positionMs: 7_000 },
    ]);
  });
});

describe('the listening history', () => {
  it('has what began to sound, newest first, once each time', async () => {
    const house = await room();
    const kitchen = await house.connected('kitchen');
    await house.ask(play(kitchen));
    await house.ask({ kind: 'pause', speakerId: null });
    await house.ask({ kind: 'resume', speakerId: null });
    await house.ask({ ...play(kitchen), index: 1 } as PhoneRequest);
    expect(house.household.recentlyPlayed(HOUSE_ACCOUNT)).toMatchObject([
      { trackId: trackNumber(2), contextUri: 'tonearm:library' },
      { trackId: trackNumber(1), contextUri: 'tonearm:library' },
    ]);
  });
});

function pauseOn(id: string): PhoneRequest {
  return { kind: 'pause', speakerId: speakerId(id) };
}
