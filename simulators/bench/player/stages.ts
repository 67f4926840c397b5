/**
 * Where the time of a play command goes, seen from the way between bridge and speaker: what passes there tells each
 * stage from the next. The speaker's own share is what begins with the command's arrival at it.
 */
import { HEAD_PATH, MANIFEST_PATH } from '#protocol/wire/versions';
import type { FarEdgeProcess } from '#sim/processes/far-edge-process';
import { RECORDING_RATE_HZ, type Recorder } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { type MeasuredPlayer, withPlayer } from './players.ts';
import { collectRounds, hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';

const RATE = RECORDING_RATE_HZ;
const PASSED_WITHIN_MS = 10_000;

const STAGES = [
  { name: 'asked at the bridge → command at the speaker', event: 'commanded' },
  { name: 'command → manifest asked for', event: 'asked', path: MANIFEST_PATH },
  { name: 'manifest asked for → its answer', event: 'answered', path: MANIFEST_PATH },
  { name: 'manifest → head asked for', event: 'asked', path: HEAD_PATH },
  { name: 'head asked for → first byte', event: 'answered', path: HEAD_PATH },
] as const;

export async function measureStages(row: RowContext): Promise<readonly Figure[]> {
  const { stage } = row;
  const way = await stage.wayToBridge({ isTraced: true });
  try {
    const plays = await withPlayer(
      stage.pulse,
      async () => (await stage.startOurs({ bridgePort: way.port })).player,
      async (player, recorder) => {
        const play = (track: number) => hearStages(row, { way, player, recorder, track });
        await play(0);
        return await collectRounds(row.rounds, row.voids, (round) => play(1 + (round % (stage.tracks.length - 1))));
      },
    );
    const figure = (key: string, values: readonly number[]) =>
      createFigure({ key, unit: 'ms', values, better: 'lower' });
    return [
      figure(
        'play command at the speaker → first sample, loopback, nothing cached',
        plays.map(({ value }) => value),
      ),
      ...STAGES.map(({ name }, index) =>
        figure(
          `  of a play: ${name}`,
          plays.map(({ stages }) => stages[index] ?? 0),
        ),
      ),
      figure(
        '  of a play: first byte of the head → first sample',
        plays.map(({ toHeardMs }) => toHeardMs),
      ),
    ];
  } finally {
    await way.stop();
  }
}

async function hearStages(
  row: RowContext,
  parts: {
    readonly way: FarEdgeProcess;
    readonly player: MeasuredPlayer;
    readonly recorder: Recorder;
    readonly track: number;
  },
) {
  const { way, player, recorder, track } = parts;
  const { stretch, askedAtMs, tookMs } = await hearChange(recorder, { side: null, act: () => player.play([track]) });
  const times: number[] = [askedAtMs];
  for (const stage of STAGES) times.push(await way.passed(stage, times.at(-1) ?? 0, PASSED_WITHIN_MS));
  await player.pause();
  await recorder.waitFrames(RATE / 2);
  const stages = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const heardAtMs = askedAtMs + tookMs;
  row.say(`play ${tookMs.toFixed(1)} ms: ${stages.map((ms) => ms.toFixed(1)).join(' + ')} + the rest`);
  return {
    stages,
    stretch,
    value: heardAtMs - (times[1] ?? askedAtMs),
    toHeardMs: heardAtMs - (times.at(-1) ?? askedAtMs),
  };
}
