/** How soon a track is heard after it was asked for, over loopback, with nothing of it cached: all three players. */
import { createFigure, type Figure } from '../bench.ts';
import { type MeasuredPlayer, withPlayer } from './players.ts';
import { collect, hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';

/** After a pause, until nothing of the last track is left on its way. */
const QUIET_FRAMES = 24_000;

export async function measureStart(row: RowContext): Promise<readonly Figure[]> {
  const { stage } = row;
  const values = new Map<string, readonly number[]>();
  const measure = async (key: string, start: () => Promise<MeasuredPlayer>) => {
    values.set(key, await measurePlays(row, start));
    row.say(
      `${key}: ${values
        .get(key)
        ?.map((value) => value.toFixed(1))
        .join(' ')}`,
    );
  };
  await measure('ours', async () => (await stage.startOurs()).player);
  await measure('mpd', () => stage.startMpd());
  await measure('mpv', () => stage.startMpv());
  const of = (key: string) => values.get(key) ?? [];
  return [
    createFigure({
      key: 'play command at the bridge → first sample, loopback, nothing cached',
      unit: 'ms',
      values: of('ours'),
      peer: { name: 'mpd', values: of('mpd') },
      must: { ratio: 2 },
      reach: { ratio: 1 },
      better: 'lower',
    }),
    createFigure({
      key: 'the same beside mpv',
      unit: 'ms',
      values: of('ours'),
      peer: { name: 'mpv', values: of('mpv') },
      better: 'lower',
    }),
  ];
}

/** Each track once, from a paused player; the first one opens the device and is not counted. */
function measurePlays(row: RowContext, start: () => Promise<MeasuredPlayer>): Promise<number[]> {
  const count = row.stage.tracks.length;
  return withPlayer(row.stage.pulse, start, async (player, recorder) => {
    const play = async (track: number) => {
      const heard = await hearChange(recorder, { side: null, act: () => player.play([track]) });
      await player.pause();
      await recorder.waitFrames(QUIET_FRAMES);
      return { value: heard.tookMs, stretch: heard.stretch };
    };
    await play(0);
    return await collect(row.rounds, row.voids, (round) => play(1 + (round % (count - 1))));
  });
}
