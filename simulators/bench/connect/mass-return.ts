/** A bridge that is killed and started anew under five thousand speakers: until the last of them is welcomed again. */
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';
import { startCrowd } from './crowd.ts';
import { CrowdBridge } from './crowd-bridge.ts';

const SPEAKERS = 5_000;
const SPEAKERS_SMOKE = 200;
const ROUNDS = 3;
const BACK_WITHIN_MS = 120_000;
const MS_PER_S = 1_000;

export async function measureMassReturn({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const count = isSmoke ? SPEAKERS_SMOKE : SPEAKERS;
  const seconds: number[] = [];
  const timedOut: number[] = [];
  const bridge = await CrowdBridge.start(count);
  try {
    const crowd = await startCrowd('tonearm', bridge.url, count);
    for (let round = 0; round < (isSmoke ? 1 : ROUNDS); round += 1) {
      await bridge.killAndRestart();
      const startedAt = performance.now();
      const welcomed = (round + 2) * count;
      const isBack = (it: Readonly<Record<string, unknown>>) => it['up'] === count && it['welcomed'] === welcomed;
      const back = await crowd.waitForEvent('crowd.tally', BACK_WITHIN_MS, isBack);
      seconds.push((performance.now() - startedAt) / MS_PER_S);
      timedOut.push(Number(back['timedOut']));
      say(`${count} speakers are back after ${seconds.at(-1)?.toFixed(1)} s: ${JSON.stringify(back)}`);
    }
    await crowd.stop();
  } finally {
    await bridge.stop();
  }
  return [
    createFigure({
      ...{ key: '5,000 speakers return at once: all in', unit: 's', values: seconds, better: 'lower' },
      ...{ must: 60, reach: 20 },
    }),
    createFigure({
      ...{
        key: '5,000 speakers return at once: timed out',
        unit: '',
        values: [Math.max(...timedOut)],
        better: 'lower',
      },
      must: 0,
    }),
  ];
}
