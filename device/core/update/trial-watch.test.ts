import { expect, it } from 'vitest';
import type { SpeakerSigns } from '#device/core/ports/speaker-signs';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { LOOK_EVERY_MS, TRIAL_LIMIT_MS, TRIAL_MS } from './trial-gate.ts';
import { watchTrial } from './trial-watch.ts';

const fine: SpeakerSigns = {
  ...{
    isSilent: () => true,
    hasSink: () => true,
    hasBridge: () => true,
    isNetworkDown: () => false,
    minute: () => 180,
  },
  ...{ loopLagP99Ms: () => 1, isAlive: async () => true },
};
const had = { hadSink: true, hadBridge: true };

function watch(signs: Partial<SpeakerSigns>) {
  const clock = new VirtualClock();
  const judgements: string[] = [];
  const watching = watchTrial({ clock, signs: { ...fine, ...signs } }, had, (it) => judgements.push(it));
  return { clock, judgements, watching };
}

it('judges once, when the trial is over', async () => {
  const { clock, judgements } = watch({});
  await clock.advance(ms(TRIAL_MS - 1));
  expect(judgements).toEqual([]);
  await clock.advance(ms(TRIAL_LIMIT_MS));
  expect([judgements, clock.timers()]).toEqual([['good'], []]);
});

it('takes an audio thread that gives no answer for dead', async () => {
  let asked = 0;
  const isAlive = () => {
    asked += 1;
    return asked > 5 ? new Promise<boolean>(() => {}) : Promise.resolve(true);
  };
  const { clock, judgements } = watch({ isAlive });
  await clock.advance(ms(TRIAL_LIMIT_MS + LOOK_EVERY_MS));
  expect([judgements, clock.timers()]).toEqual([['failed'], []]);
});

it('looks no more when it is stopped, also in the middle of a question', async () => {
  let answer: (isAlive: boolean) => void = () => {};
  const { clock, judgements, watching } = watch({ isAlive: () => new Promise((resolve) => (answer = resolve)) });
  await clock.advance(ms(LOOK_EVERY_MS));
  watching.stop();
  watching.stop();
  answer(true);
  await clock.advance(ms(TRIAL_LIMIT_MS * 2));
  expect([judgements, clock.timers()]).toEqual([[], []]);
});
