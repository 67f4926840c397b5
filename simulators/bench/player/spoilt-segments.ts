/** An edge that gives wrong bytes under the right headers: none of them is heard, and the right ones come in time. */
import { join } from 'node:path';
import { followTrack } from '#sim/listening/follow-track';
import { ChildProgram } from '#sim/processes/child-program';
import { freePort } from '#sim/processes/free-port';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { withPlayer } from './players.ts';
import { hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';
import { knownTrack } from './stage.ts';

const RATE = RECORDING_RATE_HZ;
const PROGRAM = join(import.meta.dirname, '..', '..', 'processes', 'lying-edge.ts');
const LIES = ['flipped', 'swapped', 'truncated', 'foreign'] as const;
const READY_WITHIN_MS = 10_000;
const LISTEN_FRAMES = 4 * RATE;

export async function measureSpoiltSegments(row: RowContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const lies = row.isSmoke ? LIES.slice(0, 1) : LIES;
  try {
    for (const lie of lies) figures.push(await hearLie(row, lie));
  } finally {
    await row.stage.restartBridge();
  }
  return figures;
}

async function hearLie(row: RowContext, lie: string): Promise<Figure> {
  const { stage } = row;
  const port = await freePort();
  const args = [PROGRAM, String(port), String(stage.house.port), lie];
  const edge = new ChildProgram('lying-edge', process.execPath, args);
  try {
    await edge.waitForEvent('lying-edge.ready', READY_WITHIN_MS);
    await stage.restartBridge(['--edge', `http://127.0.0.1:${port}`]);
    const breaks = await withPlayer(
      stage.pulse,
      async () => (await stage.startOurs()).player,
      async (player, recorder) => {
        const from = recorder.mark();
        const { onset, stretch, tookMs } = await hearChange(recorder, { side: null, act: () => player.play([0]) });
        await recorder.waitFrames(LISTEN_FRAMES);
        const lied = await edge.waitForEvent('lying-edge.lied', READY_WITHIN_MS);
        row.say(`${lie}: ${lied['bytes']} wrong bytes of ${lied['path']}; sound after ${tookMs.toFixed(0)} ms`);
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
      ...{ key: `${lie} segments from an edge: breaks or noise heard`, unit: 'breaks', values: [breaks] },
      ...{ must: 0, reach: 0, better: 'lower' },
    });
  } finally {
    await edge.stop();
  }
}
