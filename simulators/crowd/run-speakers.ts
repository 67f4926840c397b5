/**
 * `tonearm simulate speakers`: what its flags ask for, together. Speakers are entered into a bridge's folder, or paired one by
 * one, or there already; then they live (`speakers-run.ts`).
 */
import { readWholeNumber } from '#protocol/adapters/flag-values';
import { createSystemRandom } from '#protocol/adapters/system-random';
import type { SimulateContext, SimulateExitCode } from '#sim/command-line/simulate-context';
import { checkReportPaths, type ReportPaths } from '#sim/report/write-report';
import { BridgeDoor } from './bridge-door.ts';
import { type CrowdFlags, invalid, readCount, readCrowdFlags, SPEAKERS_MAX } from './crowd-options.ts';
import { CrowdState } from './crowd-state.ts';
import { checkOpenFiles } from './open-files.ts';
import { PAIRED_ONE_BY_ONE_MAX, pairCrowd } from './pair-crowd.ts';
import { registerCrowd } from './register-crowd.ts';
import { SpeakersRun } from './speakers-run.ts';

const LISTENERS_MAX = 64;

export interface SpeakersFlags extends CrowdFlags, ReportPaths {
  readonly pair?: boolean;
  readonly register?: string;
  readonly state?: string;
  readonly listeners?: string;
  readonly tokens?: string;
}

/** @throws TonearmError `input.invalid`, `config.invalid` for flags; `connect.*`, `pairing.*` for what the bridge says */
export async function runSpeakers(flags: SpeakersFlags, context: SimulateContext): Promise<SimulateExitCode> {
  checkReportPaths(flags);
  const count = readCount(flags.count, SPEAKERS_MAX);
  checkTogether(flags, count);
  const openState = () => (flags.state === undefined ? null : CrowdState.open(flags.state, createSystemRandom()));
  if (flags.register !== undefined) {
    await registerCrowd(flags.register, count, openState()?.secret);
    context.print(`${count} speakers are entered in ${flags.register}`);
    context.print('start its bridge, and simulate them with the same --state');
    return 0;
  }
  const run = readCrowdFlags(flags, SPEAKERS_MAX);
  const listeners = readListeners(flags.listeners ?? '1');
  checkOpenFiles(count);
  const state = openState();
  const door = new BridgeDoor({ url: run.url, tokens: flags.tokens, interrupted: context.interrupted });
  if (flags.pair === true && state !== null) {
    context.say(`pairing ${Math.max(0, count - state.paired)} speakers, one after the other`);
    await pairCrowd({ bridge: door, state, givenUp: context.interrupted }, count);
  }
  const kept = { pair: flags.pair ?? false, ...(flags.state === undefined ? {} : { state: flags.state }) };
  return await new SpeakersRun({ run, reports: flags, kept, context, door, listeners }, state).perform();
}

function readListeners(text: string): number {
  return readWholeNumber({ text, from: '--listeners' }, 0, { least: 0, most: LISTENERS_MAX });
}

function checkTogether(flags: SpeakersFlags, count: number): void {
  if (flags.pair === true && flags.register !== undefined) throw invalid('--pair', 'is not for --register as well');
  if ((flags.pair === true || flags.register !== undefined) && flags.state === undefined) {
    const flag = flags.pair === true ? '--pair' : '--register';
    throw invalid('--state', `${flag} needs a folder in which the speakers' keys are kept`);
  }
  if (flags.pair === true && count > PAIRED_ONE_BY_ONE_MAX) {
    throw invalid(
      '--pair',
      `at most ${PAIRED_ONE_BY_ONE_MAX} are paired one by one; for more there is --register FOLDER`,
    );
  }
}
