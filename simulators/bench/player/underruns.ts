/**
 * What must not be heard: a main thread that stalls, a bridge that is gone, connections that are reset in the middle of
 * an answer, a machine with nothing to spare. A break is a silence in the music, or frames lost or heard twice.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Followed, followTrack } from '#sim/listening/follow-track';
import { ChildProgram } from '#sim/processes/child-program';
import { freePort } from '#sim/processes/free-port';
import { InspectedThread } from '#sim/processes/inspected-thread';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { withPlayer } from './players.ts';
import { hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';
import { knownTrack, type OurOptions } from './stage.ts';

const RATE = RECORDING_RATE_HZ;
const BLOCKS = 10;
const BLOCK_MS = 1_000;
const BETWEEN_BLOCKS_MS = 500;
const BRIDGE_GONE_MS = 8_000;
const RESETS = 20;
const RESETS_WITHIN_MS = 40_000;
/** Longer than a segment takes to come: what is never let come cannot be heard. */
const RESET_EVERY_MS = 1_000;
/** Three times what the music needs: there is always an answer under way, and music to lose. */
const RESET_BYTES_PER_SECOND = 60_000;
const LOADED_MS = 15_000;
const BUSY_LOOPS = 2;
const AFTER_FRAMES = 2 * RATE;
/** A smoke shows that each fault can be made. */
const SMOKE_SHARE = 0.1;

interface Fault {
  readonly key: string;
  readonly options?: () => Promise<OurOptions>;
  /** Makes it happen; `isSmoke` makes it short. @returns what to tell of it */
  make(row: RowContext, options: OurOptions): Promise<string>;
}

export async function measureUnderruns(row: RowContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const fault of [mainThreadBlocked(), bridgeGone(), coresLoaded()]) {
    figures.push(await hearFault(row, fault));
  }
  const way = await row.stage.wayToBridge({ roundTripMs: 40, bytesPerSecond: RESET_BYTES_PER_SECOND });
  try {
    const make = async () =>
      `${await way.resetBusy(row.isSmoke ? 2 : RESETS, RESET_EVERY_MS, RESETS_WITHIN_MS)} resets`;
    const options = async () => ({ bridgePort: way.port });
    figures.push(await hearFault(row, { key: `edge reset mid-segment ×${RESETS}`, options, make }));
  } finally {
    await way.stop();
  }
  return figures;
}

function mainThreadBlocked(): Fault {
  let inspectPort = 0;
  return {
    key: `main thread blocked 1 s ×${BLOCKS}`,
    options: async () => {
      inspectPort = await freePort();
      return { nodeArgs: [`--inspect=127.0.0.1:${inspectPort}`] };
    },
    make: async ({ isSmoke }) => {
      const thread = await InspectedThread.connect(inspectPort);
      const blocks = isSmoke ? 1 : BLOCKS;
      for (let block = 0; block < blocks; block += 1) {
        await thread.block(BLOCK_MS);
        await wait(BETWEEN_BLOCKS_MS);
      }
      thread.close();
      return `${blocks} blocks`;
    },
  };
}

function bridgeGone(): Fault {
  return {
    key: 'bridge killed, gone for 8 s',
    make: async ({ stage, isSmoke }) => {
      const goneMs = isSmoke ? BRIDGE_GONE_MS * SMOKE_SHARE : BRIDGE_GONE_MS;
      stage.house.bridge.kill('SIGKILL');
      await wait(goneMs);
      await stage.restartBridge();
      return `${goneMs} ms without a bridge`;
    },
  };
}

function coresLoaded(): Fault {
  return {
    key: 'both cores loaded by others',
    make: async ({ isSmoke }) => {
      const busy = Array.from(
        { length: BUSY_LOOPS },
        (_, index) => new ChildProgram(`busy-${index}`, process.execPath, ['-e', 'for (;;);']),
      );
      await wait(isSmoke ? LOADED_MS * SMOKE_SHARE : LOADED_MS);
      for (const loop of busy) await loop.stop();
      return `${busy.length} busy loops`;
    },
  };
}

async function hearFault(row: RowContext, fault: Fault): Promise<Figure> {
  const { stage } = row;
  const options = (await fault.options?.()) ?? {};
  const followed = await withPlayer(
    stage.pulse,
    async () => (await stage.startOurs(options)).player,
    async (player, recorder) => {
      await hearChange(recorder, { side: null, act: () => player.play([0]) });
      const from = recorder.mark();
      row.say(`${fault.key}: ${await fault.make(row, options)}`);
      await recorder.waitFrames(AFTER_FRAMES);
      const heard = recorder.stretch(from);
      return followTrack(heard, knownTrack(stage, 0), 0, heard.frameCount - RATE / 10);
    },
  );
  if (breaksOf(followed) > 0) row.say(`${fault.key}: ${JSON.stringify(followed)}`);
  return createFigure({
    ...{ key: `breaks heard: ${fault.key}`, unit: 'breaks', values: [breaksOf(followed)], better: 'lower' },
    ...{ must: 0, reach: 0 },
  });
}

function breaksOf({ quiets, jumps, foreign }: Followed): number {
  return quiets + jumps + foreign;
}
