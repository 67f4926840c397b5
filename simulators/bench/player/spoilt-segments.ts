/** An edge that gives wrong bytes under the right headers: none of them is heard, and the right ones come in time. */
import { followTrack } from '#sim/listening/follow-track';
import { FaultProxy } from '#sim/network/fault-proxy';
import { MUSIC_PATH } from '#sim/network/music-path';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { withPlayer } from './players.ts';
import { hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';
import { knownTrack } from './stage.ts';

const RATE = RECORDING_RATE_HZ;
/** How it lies, and as what the segments are named in the figure. */
const LIES = { flips: 'flipped', swaps: 'swapped', truncates: 'truncated', 'sends another': 'foreign' } as const;
const LISTEN_FRAMES = 4 * RATE;

export async function measureSpoiltSegments(row: RowContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const all = Object.keys(LIES) as (keyof typeof LIES)[];
  const lies = row.isSmoke ? all.slice(0, 1) : all;
  try {
    for (const lie of lies) figures.push(await hearLie(row, lie));
  } finally {
    await row.stage.restartBridge();
  }
  return figures;
}

async function hearLie(row: RowContext, lie: keyof typeof LIES): Promise<Figure> {
  const { stage } = row;
  const edge = await FaultProxy.start(stage.house.url);
  edge.fault = (_, path) => ({ kind: MUSIC_PATH.test(path) ? lie : 'none' });
  try {
    await stage.restartBridge(['--edge', edge.url]);
    const breaks = await withPlayer(
      stage.pulse,
      async () => (await stage.startOurs()).player,
      async (player, recorder) => {
        const from = recorder.mark();
        const { onset, stretch, tookMs } = await hearChange(recorder, { side: null, act: () => player.play([0]) });
        await recorder.waitFrames(LISTEN_FRAMES);
        const lied = edge.asked.find(({ fault }) => fault === lie);
        if (lied === undefined) throw new Error('the lying edge was not asked');
        row.say(`${LIES[lie]}: ${lied.sentBytes} wrong bytes of ${lied.path}; sound after ${tookMs.toFixed(0)} ms`);
        const startedAtMs = stretch.startedAtMs + (onset * 1000) / RATE;
        const heard = recorder.stretch(from);
        const begin = Math.ceil(((startedAtMs - heard.startedAtMs) * RATE) / 1000) + RATE / 50;
        const { quiets, jumps, foreign } = followTrack(
          heard,
          knownTrack(stage, 0),
          begin,
          heard.frameCount - RATE / 10,
        );
        return quiets + jumps + foreign;
      },
    );
    return createFigure({
      ...{ key: `${LIES[lie]} segments from an edge: breaks or noise heard`, unit: 'breaks', values: [breaks] },
      ...{ must: 0, reach: 0, better: 'lower' },
    });
  } finally {
    await edge.stop();
  }
}
