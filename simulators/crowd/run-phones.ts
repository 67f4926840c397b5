/** `tonearm simulate phones`: people with phones on the events socket of a bridge, and how soon and how they are answered. */
import { createSystemClock } from '#protocol/adapters/system-clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { SimulateContext, SimulateExitCode } from '#sim/command-line/simulate-context';
import { RunRecorder } from '#sim/report/run-recorder';
import { checkReportPaths, type ReportPaths, writeReport } from '#sim/report/write-report';
import { BridgeDoor } from './bridge-door.ts';
import { type CrowdFlags, type CrowdRun, PHONES_MAX, readCrowdFlags } from './crowd-options.ts';
import { CrowdPeople } from './crowd-people.ts';
import { checkOpenFiles } from './open-files.ts';
import { OwnCostMeter } from './own-cost.ts';
import { passTime } from './pass-time.ts';
import { describeCost, describePeople, recordCost, recordPeople } from './tell-crowd.ts';

const UNREACHABLE: SimulateExitCode = 3;

export interface PhonesFlags extends CrowdFlags, ReportPaths {
  readonly tokens?: string;
}

/** @throws TonearmError `input.invalid`, `config.invalid` for flags; `connect.*`, `access.*` for what the bridge says */
export async function runPhones(flags: PhonesFlags, context: SimulateContext): Promise<SimulateExitCode> {
  checkReportPaths(flags);
  const run = readCrowdFlags(flags, PHONES_MAX);
  checkOpenFiles(run.count);
  const meter = new OwnCostMeter();
  const door = new BridgeDoor({ url: run.url, tokens: flags.tokens, interrupted: context.interrupted });
  const there = await Promise.all([door.tracks(), door.speakers()]).catch((thrown: unknown) => {
    if (!(thrown instanceof TonearmError) || thrown.code !== 'connect.unreachable') throw thrown;
    context.say(`error: ${thrown.message} (${thrown.code})`);
    return null;
  });
  if (there === null) return UNREACHABLE;
  const [tracks, speakers] = there;
  if (speakers.length === 0) {
    context.say(`no speaker is connected at ${run.url}: nobody could be asked to do anything`);
    return UNREACHABLE;
  }
  if (tracks.length === 0) context.say('the library is empty: nobody listens, volumes are turned all the same');
  const authorization = (number: number) => door.authorization(number);
  const people = new CrowdPeople({ ...run, tracks, speakers, authorization });
  try {
    return await live({ people, run, speakers, meter }, flags, context);
  } finally {
    people.stop();
    meter.stop();
  }
}

interface Running {
  readonly people: CrowdPeople;
  readonly run: CrowdRun;
  readonly speakers: readonly SpeakerId[];
  readonly meter: OwnCostMeter;
}

async function live(
  { people, run, speakers, meter }: Running,
  flags: PhonesFlags,
  context: SimulateContext,
): Promise<SimulateExitCode> {
  const title = `${run.count} phones at ${run.url}, ${speakers.length} speakers`;
  const head = { kind: 'phones' as const, title, startedAt: new Date().toISOString(), parameters: run.parameters };
  const recorder = new RunRecorder(createSystemClock(), head);
  people.start();
  people.live();
  let mostUp = 0;
  await passTime(run.durationS, context.interrupted, (isToSay) => {
    const cost = meter.read(run.count);
    mostUp = Math.max(mostUp, people.up);
    recordPeople(recorder, people);
    recordCost(recorder, cost);
    if (isToSay) context.say(`${people.up} connected, ${people.asked} asked; ${describeCost(cost, run.count)}`);
  });
  const isWhole = people.up === run.count && people.unanswered === 0;
  const outcome = context.interrupted.aborted ? 'stopped' : isWhole ? 'passed' : 'failed';
  recorder.figure('phones', run.count, '');
  recorder.figure('connected at the end', people.up, '');
  context.print(`phones connected at the end: ${people.up} of ${run.count}`);
  describePeople(people, recorder, context.print);
  context.print(`of the simulator itself: ${describeCost(meter.readWhole(run.count), run.count)}`);
  context.print(outcome);
  await writeReport(recorder.report(outcome), flags);
  if (mostUp === 0 && !context.interrupted.aborted) return UNREACHABLE;
  return outcome === 'failed' ? 1 : 0;
}
