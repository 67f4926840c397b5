/** What is likely to be asked for, on its way from the queue and from phones to the engine. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { RIG_PLAY, RIG_TRACKS, SpeakerRig } from '#sim/speakers/speaker-rig';

const [first, second, third] = RIG_TRACKS;

let rig: SpeakerRig;

beforeEach(async () => {
  rig = new SpeakerRig();
  await rig.startUp();
});

afterEach(async () => {
  await rig.shutDown();
  expect(rig.clock.timers()).toEqual([]);
});

it('says that it takes hints, and passes on what phones show', async () => {
  expect(rig.bridge.hellos.at(-1)?.capabilities.takesHints).toBe(true);
  rig.bridge.say({ kind: 'hints', trackIds: [third, first] });
  await rig.clock.advance(ms(50));
  expect(rig.engine.hints.shown).toEqual([third, first]);
  rig.bridge.say({ kind: 'hints', trackIds: [] });
  await rig.clock.advance(ms(50));
  expect(rig.engine.hints.shown).toEqual([]);
  expect(rig.device.view().connection.kind).toBe('connected');
});

it('tells the engine what comes in the queue, whenever that changes', async () => {
  await rig.command(RIG_PLAY);
  expect(rig.engine.hints.queue).toEqual([second, third]);
  await rig.command({ kind: 'next' });
  expect(rig.engine.hints.queue).toEqual([third]);
  await rig.command({ kind: 'enqueue', trackId: first });
  expect(rig.engine.hints.queue).toEqual([first, third]);
  const told = rig.engine.intents.filter(({ kind }) => kind === 'setHints').length;
  await rig.command({ kind: 'pause' });
  await rig.clock.advance(ms(5_000));
  expect(rig.engine.intents.filter(({ kind }) => kind === 'setHints')).toHaveLength(told);
});
