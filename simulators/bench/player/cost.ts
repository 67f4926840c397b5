/**
 * What playing costs: processor time and memory, ours, MPD and mpv by turns in one session, each paused while another
 * plays. Our speaker runs on a copy of Node of its own, since pages shared with the bridge and with this bench would
 * count for a part only; at home nothing else runs there.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createFigure, type Figure } from '../bench.ts';
import { memoryOfTree } from '../process-memory.ts';
import { cpuSecondsOf } from './cpu-clock.ts';
import type { MeasuredPlayer } from './players.ts';
import type { RowContext } from './row.ts';

const WINDOW_SECONDS = 10;
const LONG_WINDOW_SECONDS = 60;
const WINDOW_SMOKE_SECONDS = 2;
/** After a pause or a start, until what that took is over. */
const SETTLE_SECONDS = 1;
const SAMPLE_EVERY_SECONDS = 10;
/** No bar is set by mpv: it takes fewer turns. */
const [MPV, MPV_ROUNDS] = [2, 2];
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

interface Cost {
  /** Per minute of music. */
  readonly cpu: number[];
  readonly pssMb: number[];
}

export async function measureCost(row: RowContext): Promise<readonly Figure[]> {
  const { stage } = row;
  const node = join(stage.house.folder, 'node-of-its-own');
  await copyFile(process.execPath, node);
  const players: MeasuredPlayer[] = [];
  try {
    players.push((await stage.startOurs({ node })).player);
    players.push(await stage.startMpd(), await stage.startMpv());
    const costs = players.map((): Cost => ({ cpu: [], pssMb: [] }));
    const queue = Array.from({ length: stage.tracks.length * 3 }, (_, index) => index % stage.tracks.length);
    for (const player of players) {
      await player.play(queue);
      await wait(SETTLE_SECONDS * 1_000);
      await player.pause();
    }
    for (let round = 0; round < row.rounds; round += 1) {
      for (const [index, player] of players.entries()) {
        if (player !== players[MPV] || round < MPV_ROUNDS) await measureWindow(row, player, costs[index]);
      }
    }
    for (const [index, { name }] of players.entries()) {
      row.say(`${name}: ${costs[index]?.cpu.map((value) => value.toFixed(2)).join(' ')} s/min`);
    }
    return [...figuresOf(players, costs), ...(await measureLongPlay(row, players[0]))];
  } finally {
    for (const player of players) await player.stop();
  }
}

async function measureWindow(row: RowContext, player: MeasuredPlayer, cost: Cost | undefined): Promise<void> {
  const windowSeconds = row.isSmoke ? WINDOW_SMOKE_SECONDS : row.hours > 0 ? LONG_WINDOW_SECONDS : WINDOW_SECONDS;
  await player.resume();
  await wait(SETTLE_SECONDS * 1_000);
  const [before, startedAt] = [await cpuSecondsOf(player.pid), performance.now()];
  await wait(windowSeconds * 1_000);
  const [after, endedAt] = [await cpuSecondsOf(player.pid), performance.now()];
  cost?.pssMb.push((await memoryOfTree(player.pid)).pssMb);
  cost?.cpu.push(((after - before) * MINUTE_SECONDS * 1_000) / (endedAt - startedAt));
  await player.pause();
}

function figuresOf([, mpd, mpv]: readonly MeasuredPlayer[], [ours, byMpd, byMpv]: readonly Cost[]): Figure[] {
  const figure = (
    key: string,
    of: keyof Cost,
    name: string | undefined,
    peer: Cost | undefined,
    bars: object,
  ): Figure =>
    createFigure({
      ...{ key, unit: of === 'cpu' ? 's/min' : 'MB', values: ours?.[of] ?? [], better: 'lower' },
      ...{ peer: { name: name ?? '', values: peer?.[of] ?? [] } },
      ...bars,
    });
  const ratios = { must: { ratio: 2 }, reach: { ratio: 1.2 } };
  return [
    figure('CPU per minute of 160 kbit/s stereo', 'cpu', mpd?.name, byMpd, ratios),
    figure('CPU per minute beside mpv', 'cpu', mpv?.name, byMpv, {}),
    figure('PSS after minutes of playing', 'pssMb', mpd?.name, byMpd, { must: 90, reach: 60 }),
    figure('PSS after minutes of playing, beside mpv', 'pssMb', mpv?.name, byMpv, {}),
  ];
}

/** Only when hours were asked for: no default run lasts one. */
async function measureLongPlay(row: RowContext, player: MeasuredPlayer | undefined): Promise<readonly Figure[]> {
  if (row.hours === 0 || player === undefined) return [];
  await player.resume();
  const pssMb: number[] = [];
  const endsAt = performance.now() + row.hours * HOUR_SECONDS * 1_000;
  const queue = row.stage.tracks.map((_, index) => index);
  for (let tick = 0; performance.now() < endsAt; tick += 1) {
    // Played again before it ends.
    if (tick % (MINUTE_SECONDS / SAMPLE_EVERY_SECONDS) === 0) await player.play(queue);
    await wait(SAMPLE_EVERY_SECONDS * 1_000);
    pssMb.push((await memoryOfTree(player.pid)).pssMb);
  }
  const quarter = Math.floor(pssMb.length / 4);
  const grown = meanOf(pssMb.slice(-quarter)) - meanOf(pssMb.slice(quarter, 2 * quarter));
  return [
    createFigure({
      ...{ key: `PSS while playing for ${row.hours} h`, unit: 'MB', values: pssMb, better: 'lower' },
      ...{ must: 90, reach: 60 },
    }),
    createFigure({ key: 'PSS, last quarter over second', unit: 'MB', values: [grown], better: 'lower' }),
  ];
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
