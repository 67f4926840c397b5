/**
 * What a listener waits for and what it costs: the speaker beside MPD and mpv, everything real. Commands come in where
 * people's commands come in, sound is timed where it leaves the loudspeaker.
 */
import { type Bench, type BenchOptions, createFigure, type Figure } from './bench.ts';
import { measureChanges } from './player/changes.ts';
import { measureCommute } from './player/commute.ts';
import { measureCost } from './player/cost.ts';
import { measureFarPlay, measureFarSeek, measureFarSkip } from './player/far-path.ts';
import { measureJoin } from './player/join.ts';
import { measureMeasuringPath } from './player/measuring-path.ts';
import { measureOutages } from './player/outages.ts';
import { measureQualitySwitches } from './player/quality-switch.ts';
import { measureRestart } from './player/restart.ts';
import { SPARE_ROUNDS_MAX, VoidCount } from './player/rounds.ts';
import type { RowContext } from './player/row.ts';
import { measureSpoiltSegments } from './player/spoilt-segments.ts';
import { PlayerStage } from './player/stage.ts';
import { measureStages } from './player/stages.ts';
import { measureStart } from './player/start.ts';
import { measureUnderruns } from './player/underruns.ts';

const ROUNDS = 7;
/** So many that no round plays again what an earlier one has cached: one to warm up, and the spare ones. */
const MATERIAL = { tracks: 1 + ROUNDS + SPARE_ROUNDS_MAX, trackSeconds: 75 };
const MATERIAL_SMOKE = { tracks: 2 + SPARE_ROUNDS_MAX, trackSeconds: 16 };

const ROWS: Readonly<Record<string, (row: RowContext) => Promise<readonly Figure[]>>> = {
  path: measureMeasuringPath,
  start: measureStart,
  stages: measureStages,
  changes: measureChanges,
  'far-play': measureFarPlay,
  'far-skip': measureFarSkip,
  'far-seek': measureFarSeek,
  restart: measureRestart,
  outages: measureOutages,
  underruns: measureUnderruns,
  segments: measureSpoiltSegments,
  join: measureJoin,
  switch: measureQualitySwitches,
  commute: measureCommute,
  cost: measureCost,
};

/** Enough to see that the stage stands and that each kind of thing on it works. */
const SMOKE_ROWS = ['start', 'far-skip', 'join'];

export const playerBench: Bench = {
  name: 'player',
  about: `start, skip, seek, pause, faults and cost beside MPD and mpv; rows: ${Object.keys(ROWS).join(', ')}`,
  run: runPlayerBench,
};

async function runPlayerBench({ isSmoke, rows = [], hours = 0, say }: BenchOptions): Promise<readonly Figure[]> {
  const missing = PlayerStage.missing();
  if (missing !== null) {
    say(`player is not measured: ${missing}`);
    return [];
  }
  const unknown = rows.filter((name) => ROWS[name] === undefined);
  if (unknown.length > 0) throw new Error(`no rows named ${unknown.join(', ')}; there are ${Object.keys(ROWS)}`);
  const chosen = rows.length > 0 ? rows : isSmoke ? SMOKE_ROWS : Object.keys(ROWS);
  const stage = await PlayerStage.open(isSmoke ? MATERIAL_SMOKE : MATERIAL);
  const voids = new VoidCount();
  const figures: Figure[] = [];
  const failed: string[] = [];
  try {
    for (const [name, measure] of Object.entries(ROWS)) {
      if (!chosen.includes(name)) continue;
      const startedAt = performance.now();
      const row = { stage, rounds: isSmoke ? 1 : ROUNDS, isSmoke, hours, voids, say };
      try {
        figures.push(...(await measure(row)));
      } catch (thrown) {
        // The other rows are worth having; that one is missing is a figure of its own.
        failed.push(name);
        say(`${name} failed: ${thrown instanceof Error ? thrown.stack : thrown}`);
      }
      say(`${name} took ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    }
  } finally {
    await stage.close();
  }
  const count = (key: string, value: number, must?: number): Figure =>
    createFigure({ key, unit: 'count', values: [value], better: 'lower', ...(must === undefined ? {} : { must }) });
  return [
    ...figures,
    count('rows that could not be measured', failed.length, 0),
    count('rounds thrown away for a stalled machine', voids.count),
  ];
}
