import { expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { judgeReadiness } from './judge-readiness.ts';

it('is ready when nothing has a problem', async () => {
  const fine = { name: 'catalogue', problem: async () => null };
  expect(await judgeReadiness(new VirtualClock(), [fine])).toEqual({ isReady: true, problems: { catalogue: null } });
});

it('says what is wrong, also of what fails and of what does not answer', async () => {
  const clock = new VirtualClock();
  const checks = [
    { name: 'catalogue', problem: async () => null },
    { name: 'bus', problem: async () => 'not connected' },
    { name: 'store', problem: () => Promise.reject(new Error('the disk is gone')) },
    { name: 'mill', problem: () => new Promise<null>(() => undefined) },
  ];
  const judged = judgeReadiness(clock, checks);
  await clock.advance(ms(1_000));
  expect(await judged).toEqual({
    isReady: false,
    problems: {
      catalogue: null,
      bus: 'not connected',
      store: 'the disk is gone',
      mill: 'no answer within 1000 ms',
    },
  });
});
