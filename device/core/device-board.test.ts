/** A speaker that is asked and watched at its board: buttons are commands, and what changes is seen. */
import { afterEach, expect, it } from 'vitest';
import type { HookEvent } from '#device/core/control/hooks/hook-event';
import { eventsBetween, factsOf, followFacts, quietFacts } from '#device/core/control/hooks/speaker-facts';
import { ms, percent } from '#protocol/vocabulary/units';
import { RIG_ADDRESS, RIG_PLAY, RIG_TRACKS, SpeakerRig } from '#sim/speakers/speaker-rig';

let rig: SpeakerRig;
afterEach(() => rig.shutDown());

const countAnswers = () => rig.bridge.messages.filter(({ kind }) => kind === 'answer').length;

/** @returns what a hook program would be told */
async function startWatched(): Promise<HookEvent[]> {
  const told: HookEvent[] = [];
  rig = new SpeakerRig();
  let facts = quietFacts(40);
  rig.watcher = {
    changed: () => {
      const now = factsOf(rig.device.view());
      told.push(...eventsBetween(facts, now));
      facts = followFacts(facts, now);
    },
  };
  await rig.startUp();
  return told;
}

it('is seen to connect, play, pause and lose its bridge', async () => {
  const told = await startWatched();
  expect(told).toMatchObject([{ event: 'connected', address: 'ws://bridge:4747' }]);
  await rig.command(RIG_PLAY);
  await rig.clock.advance(ms(1_000));
  await rig.command({ kind: 'setVolume', volume: percent(55) });
  await rig.command({ kind: 'pause' });
  expect(told.slice(1)).toEqual([
    { event: 'track-changed', trackId: RIG_TRACKS[0] },
    { event: 'playing', trackId: RIG_TRACKS[0] },
    { event: 'volume', volume: 55 },
    { event: 'paused', trackId: RIG_TRACKS[0] },
  ]);
  rig.network.kill(RIG_ADDRESS);
  await rig.clock.advance(ms(60_000));
  expect(told.map((it) => it.event)).toContain('disconnected');
});

it('does what a button asks, tells the bridge of it, and answers nobody', async () => {
  await startWatched();
  await rig.command(RIG_PLAY);
  await rig.clock.advance(ms(1_000));
  const answers = countAnswers();
  rig.device.perform({ kind: 'next' });
  await rig.clock.advance(ms(1_000));
  rig.device.perform({ kind: 'pause' });
  rig.device.perform({ kind: 'setVolume', volume: percent(45) });
  await rig.clock.advance(ms(1_000));
  expect(rig.bridge.state).toMatchObject({
    session: { playback: { kind: 'paused', trackId: RIG_TRACKS[1] } },
    speaker: { volume: 45 },
  });
  expect(countAnswers()).toBe(answers);
});

it('takes no harm from a button that asks what cannot be done', async () => {
  await startWatched();
  rig.device.perform({ kind: 'pause' });
  rig.device.perform({ kind: 'resume' });
  await rig.clock.advance(ms(1_000));
  expect(rig.device.view().session).toBeNull();
  expect(await rig.command(RIG_PLAY)).toBe('accepted');
});
