/**
 * `tonearm simulate world`: households of as many seeds as asked for, one line for each that breaks a promise, and of each
 * such one the smallest plan that still does, with its story. Or one plan from a file.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SimulateContext, SimulateExitCode } from '#sim/command-line/simulate-context';
import { rerunCommand } from '#sim/report/rerun-command';
import type { RunReport } from '#sim/report/run-report';
import { checkReportPaths, type ReportPaths, writeReport } from '#sim/report/write-report';
import { drawPlan, type PlanWishes } from './draw-plan.ts';
import { type HousePlan, parsePlan } from './house-plan.ts';
import { playPlan } from './play-plan.ts';
import { playSeeds, type SeedRange } from './play-seeds.ts';
import type { SeedResult } from './seed-result.ts';
import { shrinkPlan } from './shrink-plan.ts';
import { tellStory } from './tell-story.ts';
import { WorldRecord } from './world-record.ts';
import { worldReport } from './world-report.ts';

/** Failing seeds of one run that are shrunk, each some minutes of work; the lines of the others say how to have them. */
const SHRUNK_MAX = 3;
/** How often a run of many seeds says that it is still there, ms of real time. */
const SAY_EVERY_MS = 10_000;
const MS_PER_S = 1_000;

export interface WorldOptions {
  readonly range: SeedRange;
  readonly wishes: PlanWishes;
  /** As they were given, to be given again. */
  readonly parameters: RunReport['parameters'];
  readonly jobs: number;
  readonly isShrinking: boolean;
  /** Whether the first seed that fails is the last one that is played. */
  readonly isFirstOnly: boolean;
  /** Where plans and stories of failing seeds are written. */
  readonly folder: string;
  readonly paths: ReportPaths;
}

/** @returns 1 when a promise was broken */
export async function simulateWorld(options: WorldOptions, context: SimulateContext): Promise<SimulateExitCode> {
  checkReportPaths(options.paths);
  const { range, wishes, jobs, parameters } = options;
  const results: SeedResult[] = [];
  const fromMs = performance.now();
  let saidMs = fromMs;
  const enough = new AbortController();
  const ended = (result: SeedResult): void => {
    results.push(result);
    if (result.failure !== null) context.print(failureLine(result, parameters));
    if (result.failure !== null && options.isFirstOnly) enough.abort();
    if (performance.now() - saidMs < SAY_EVERY_MS) return;
    saidMs = performance.now();
    context.say(`${results.length} of ${range.to - range.from + 1} seeds`);
  };
  await playSeeds(range, { wishes, jobs, interrupted: AbortSignal.any([context.interrupted, enough.signal]), ended });
  const failed = results.filter(({ failure }) => failure !== null).sort((one, other) => one.seed - other.seed);
  context.say(speedLine(results, (performance.now() - fromMs) / MS_PER_S));
  // The same one, however many processes have shared the seeds.
  const seed = failed[0]?.seed ?? range.from;
  const drawn = context.interrupted.aborted ? null : await draw(drawPlan(seed, wishes), options.paths, context);
  await writeReport(worldReport(results, parameters, context.interrupted.aborted, drawn), options.paths);
  for (const { seed } of options.isShrinking ? failed.slice(0, SHRUNK_MAX) : []) {
    await shrinkAndTell(drawPlan(seed, wishes), join(options.folder, `seed-${seed}`), context);
  }
  context.print(`${results.length - failed.length} seeds passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

/** Plays it once more while somebody looks, which is the same run. @returns null where no report is asked for */
async function draw(plan: HousePlan, { json, report }: ReportPaths, context: SimulateContext) {
  if (json === undefined && report === undefined) return null;
  const record = new WorldRecord(plan);
  const { failure } = await playPlan(plan, () => context.interrupted.aborted, record);
  return { seed: plan.seed, ...record.picture(failure) };
}

/** Plays one plan from a file and tells its story. @throws TonearmError `input.invalid` when it is none */
export async function simulatePlan(
  file: string,
  paths: ReportPaths,
  context: SimulateContext,
): Promise<SimulateExitCode> {
  checkReportPaths(paths);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TonearmError('input.invalid', `--plan: ${file} cannot be read`, { cause });
  });
  const plan = parsePlan(text, file);
  const record = new WorldRecord(plan);
  const { timeline, ...outcome } = await playPlan(plan, () => context.interrupted.aborted, record);
  const { failure } = outcome;
  const drawn = { seed: plan.seed, ...record.picture(failure) };
  const isStopped = context.interrupted.aborted;
  await writeReport(worldReport([{ seed: plan.seed, ...outcome }], { plan: file }, isStopped, drawn), paths);
  context.print(tellStory(plan, failure, timeline));
  return failure === null ? 0 : 1;
}

async function shrinkAndTell(plan: HousePlan, name: string, context: SimulateContext): Promise<void> {
  const isInterrupted = (): boolean => context.interrupted.aborted;
  const first = await playPlan(plan, isInterrupted);
  if (first.failure === null || isInterrupted()) return;
  context.say(`shrinking seed ${plan.seed} …`);
  const play = async (smaller: HousePlan) =>
    isInterrupted() ? null : (await playPlan(smaller, isInterrupted)).failure;
  const shrunk = await shrinkPlan(plan, first.failure, play);
  const { timeline, failure } = await playPlan(shrunk.plan);
  const story = tellStory(shrunk.plan, failure, timeline);
  await mkdir(dirname(name), { recursive: true });
  await writeFile(`${name}.plan.json`, `${JSON.stringify(shrunk.plan, null, 1)}\n`);
  await writeFile(`${name}.story.txt`, `${story}\n`);
  const steps = `${shrunk.plan.steps.length} of ${plan.steps.length} steps`;
  context.print(
    `seed ${plan.seed}, shrunk to ${steps} in ${shrunk.runs} runs: tonearm simulate world --plan ${name}.plan.json`,
  );
  context.print(story);
}

function failureLine({ seed, failure }: SeedResult, parameters: RunReport['parameters']): string {
  const { seeds: _, jobs: __, ...others } = parameters;
  const again = rerunCommand({ kind: 'world', parameters: { seed, ...others } });
  const [reason = ''] = (failure?.message ?? '').split('\n');
  return `seed ${seed} after ${((failure?.atMs ?? 0) / MS_PER_S).toFixed(1)} s: ${reason} · again: ${again}`;
}

function speedLine(results: readonly SeedResult[], tookS: number): string {
  const virtualS = results.reduce((sum, { virtualMs }) => sum + virtualMs, 0) / MS_PER_S;
  return `${Math.round(virtualS)} virtual seconds in ${tookS.toFixed(1)} s: ${Math.round(virtualS / tookS)} a second`;
}
