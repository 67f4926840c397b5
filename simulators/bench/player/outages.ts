/**
 * The edge goes away for a while. What is buffered is heard without a gap; what is not comes when the edge does, from
 * the very frame at which it broke off.
 */
import { followTrack } from '#sim/listening/follow-track';
import type { FarEdgeSettings } from '#sim/processes/far-edge/far-edge-settings';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { FAR } from './far-path.ts';
import { withPlayer } from './players.ts';
import { hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';
import { knownTrack } from './stage.ts';

const RATE = RECORDING_RATE_HZ;
const OUTAGES_SECONDS = [1, 5, 20];
const OUTAGES_SMOKE_SECONDS = [1];
/** Of music before an outage that is to be bridged; a path of 4 Mbit/s brings a minute in less. */
const BUFFERED_SECONDS = 4;
/** A path that carries the music and little more: what is ahead when it goes is seconds. */
const NARROW_BYTES_PER_SECOND = 30_000;
const NARROW_PLAYED_SECONDS = 2;
/** After the edge is back, until it must be heard. */
const BACK_SECONDS = 6;

interface Outage {
  readonly gapMs: number;
  readonly offMs: number;
}

export async function measureOutages(row: RowContext): Promise<readonly Figure[]> {
  const outages = row.isSmoke ? OUTAGES_SMOKE_SECONDS : OUTAGES_SECONDS;
  const buffered = await hearOutages(row, { path: FAR, track: 0, outages, playedSeconds: BUFFERED_SECONDS });
  row.say(`edge gone for ${outages.join(', ')} s, music buffered: ${describe(buffered)}`);
  const unbuffered: Outage[] = [];
  const path = { ...FAR, bytesPerSecond: NARROW_BYTES_PER_SECOND };
  for (const [index, seconds] of outages.entries()) {
    const facts = { path, track: index + 1, outages: [seconds], playedSeconds: NARROW_PLAYED_SECONDS };
    unbuffered.push(await hearOutages(row, facts));
    row.say(`edge gone for ${seconds} s, little buffered: ${describe(unbuffered.at(-1))}`);
  }
  const named = outages.join(', ');
  const figure = (key: string, values: readonly number[], must?: number): Figure =>
    createFigure({ key, unit: 'ms', values, better: 'lower', ...(must === undefined ? {} : { must, reach: must }) });
  return [
    figure(`edge gone for ${named} s, music buffered: gap`, [buffered.gapMs], 0),
    figure(`edge gone for ${named} s, music buffered: off its place`, [buffered.offMs], 1),
    figure(
      `edge gone for ${named} s, little buffered: gap`,
      unbuffered.map(({ gapMs }) => gapMs),
    ),
    figure(`edge gone for ${named} s, little buffered: off its place`, [worst(unbuffered, 'offMs')], 1),
  ];
}

/** One after the other in one track, each after so many seconds of music. */
async function hearOutages(
  row: RowContext,
  facts: {
    readonly path: Partial<FarEdgeSettings>;
    readonly track: number;
    readonly outages: readonly number[];
    readonly playedSeconds: number;
  },
): Promise<Outage> {
  const { stage } = row;
  const { path, outages, playedSeconds } = facts;
  const index = facts.track % stage.tracks.length;
  const way = await stage.wayToBridge(path);
  try {
    return await withPlayer(
      stage.pulse,
      async () => (await stage.startOurs({ bridgePort: way.port })).player,
      async (player, recorder) => {
        await hearChange(recorder, { side: null, act: () => player.play([index]) });
        const from = recorder.mark();
        for (const seconds of outages) {
          await recorder.waitFrames(playedSeconds * RATE);
          await way.set({ isGone: true });
          await recorder.waitFrames(seconds * RATE);
          await way.set({ isGone: false });
        }
        await recorder.waitFrames(BACK_SECONDS * RATE);
        const heard = recorder.stretch(from);
        const followed = followTrack(heard, knownTrack(stage, index), 0, heard.frameCount - RATE / 10);
        if (followed.foreign > 0) throw new Error(`${followed.foreign} windows of something else were heard`);
        return { gapMs: (followed.quietFrames * 1000) / RATE, offMs: Math.abs(followed.lostFrames * 1000) / RATE };
      },
    );
  } finally {
    await way.stop();
  }
}

function worst(outages: readonly Outage[], of: keyof Outage): number {
  return Math.max(...outages.map((outage) => outage[of]));
}

function describe(outage: Outage | undefined): string {
  return `gap ${outage?.gapMs.toFixed(0)} ms, ${outage?.offMs.toFixed(1)} ms off`;
}
