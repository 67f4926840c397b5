/**
 * `tonearm simulate speakers`: thousands of speakers on real sockets that come and go as a house's do, some people who listen
 * to them, and what all that asked of the bridge and cost here.
 */
import { readWholeNumber } from '#protocol/adapters/flag-values';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { SimulateContext, SimulateExitCode } from '#sim/command-line/simulate-context';
import { RunRecorder } from '#sim/report/run-recorder';
import type { RunReport } from '#sim/report/run-report';
import { checkReportPaths, type ReportPaths, writeReport } from '#sim/report/write-report';
import { SeededRandom } from '#sim/world/seeded-random';
import { BridgeDoor } from './bridge-door.ts';
import { bridgePin } from './bridge-pin.ts';
import { Crowd } from './crowd.ts';
import { type CrowdFlags, type CrowdRun, invalid, readCrowdFlags, SPEAKERS_MAX } from './crowd-options.ts';
import { CrowdPeople } from './crowd-people.ts';
import { CrowdState } from './crowd-state.ts';
import { checkOpenFiles, outOfFiles } from './open-files.ts';
import { type OwnCost, OwnCostMeter } from './own-cost.ts';
import { PAIRED_ONE_BY_ONE_MAX, pairCrowd } from './pair-crowd.ts';
import { passTime } from './pass-time.ts';
import { performPresence } from './perform-presence.ts';
import { type PresenceChange, planPresence } from './plan-presence.ts';
import { registerCrowd } from './register-crowd.ts';
import { describeCost, describePeople, recordCost, recordPeople } from './tell-crowd.ts';

/** All are in by then, or some never come: 20,000 handshakes on a small machine, with room. */
const GATHERED_WITHIN_MS = 180_000;
/** Nobody at all is let in by then: there is no bridge, or none for these. */
const FIRST_WITHIN_MS = 15_000;
const LISTENERS_MAX = 64;
/** Of the speakers: when so many more or fewer are connected, people hear of it at once. */
const TOLD_AT_ONCE_PART = 0.01;
const UNREACHABLE: SimulateExitCode = 3;
const NOT_PAIRED = 'a bridge that is not open takes in who it knows: --pair, or --register FOLDER while it is ended';

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
  const run = readCrowdFlags(flags, SPEAKERS_MAX);
  checkTogether(flags, run);
  const state = flags.state === undefined ? null : CrowdState.open(flags.state, createSystemRandom());
  if (flags.register !== undefined) {
    await registerCrowd(flags.register, run.count, state?.secret);
    context.print(
      `${run.count} speakers are entered in ${flags.register}: start its bridge, and simulate them with the same --state`,
    );
    return 0;
  }
  checkOpenFiles(run.count);
  const listeners = readListeners(flags.listeners ?? '1');
  const door = new BridgeDoor({ url: run.url, tokens: flags.tokens, interrupted: context.interrupted });
  if (flags.pair === true && state !== null) {
    context.say(`pairing ${Math.max(0, run.count - state.paired)} speakers, one after the other`);
    const bridge = { url: run.url, pair: (wish: Readonly<Record<string, string>>) => door.rest.pair(wish) };
    await pairCrowd({ bridge, state, givenUp: context.interrupted }, run.count, () => undefined);
  }
  return await new SpeakersRun({ flags, run, context, door, listeners }, state).perform();
}

function readListeners(text: string): number {
  return readWholeNumber({ text, from: '--listeners' }, 0, { least: 0, most: LISTENERS_MAX });
}

function checkTogether(flags: SpeakersFlags, { count }: CrowdRun): void {
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

interface Given {
  readonly flags: SpeakersFlags;
  readonly run: CrowdRun;
  readonly context: SimulateContext;
  readonly door: BridgeDoor;
  readonly listeners: number;
}

class SpeakersRun {
  readonly #given: Given;
  readonly #state: CrowdState | null;
  readonly #recorder: RunRecorder;
  readonly #meter = new OwnCostMeter();

  constructor(given: Given, state: CrowdState | null) {
    this.#given = given;
    this.#state = state;
    const { flags, run } = given;
    const kept = flags.state === undefined ? {} : { state: flags.state };
    const parameters = { ...run.parameters, ...kept, listeners: given.listeners, pair: flags.pair ?? false };
    const title = `${run.count} speakers at ${run.url}`;
    const startedAt = new Date().toISOString();
    this.#recorder = new RunRecorder(createSystemClock(), { kind: 'speakers', title, startedAt, parameters });
  }

  async perform(): Promise<SimulateExitCode> {
    const { run, context, flags } = this.#given;
    const pin = run.address.startsWith('wss:') ? await bridgePin(run.address) : undefined;
    const state = this.#state;
    const houseOf = (number: number) => state?.houseOf(number) ?? null;
    const crowd = new Crowd({
      address: run.address,
      count: run.count,
      secret: state?.secret,
      pin,
      houseOf,
      pace: run.pace,
    });
    try {
      if (!(await this.#gather(crowd))) return context.interrupted.aborted ? 0 : UNREACHABLE;
      const people = await this.#people(crowd);
      const changes = planPresence(new SeededRandom(run.seed, 'presence'), {
        count: run.count,
        durationS: run.durationS * run.pace,
      });
      const isWhole = await this.#live(crowd, people, changes);
      const outcome = context.interrupted.aborted ? 'stopped' : isWhole ? 'passed' : 'failed';
      await this.#end(crowd, people, outcome);
      await writeReport(this.#recorder.report(outcome), flags);
      return outcome === 'failed' ? 1 : 0;
    } finally {
      this.#meter.stop();
      await crowd.stop();
    }
  }

  /** @returns whether anybody was let in */
  async #gather(crowd: Crowd): Promise<boolean> {
    const { run, context } = this.#given;
    const startedAtMs = performance.now();
    const late = AbortSignal.timeout(GATHERED_WITHIN_MS);
    const nobody = new AbortController();
    const first = setTimeout(() => {
      if (crowd.tally.up === 0) nobody.abort();
    }, FIRST_WITHIN_MS);
    const givenUp = AbortSignal.any([context.interrupted, late, nobody.signal]);
    await crowd.gather(givenUp);
    await crowd.isUp(run.count, givenUp);
    clearTimeout(first);
    if (crowd.tally.isOutOfFiles) throw outOfFiles();
    const [worst] = crowd.tally.reasons.list();
    const why = worst === undefined ? '' : `; ${worst.count} times: ${worst.reason}`;
    if (crowd.tally.up === 0) {
      context.say(`no speaker is let in at ${run.address}${why}; ${NOT_PAIRED}`);
      return false;
    }
    const tookS = (performance.now() - startedAtMs) / 1_000;
    context.say(`${crowd.tally.up} of ${run.count} speakers are connected after ${tookS.toFixed(1)} s${why}`);
    this.#recorder.figure('all connected after', tookS, 's');
    return true;
  }

  /** People who listen; none where they may not ask. */
  async #people(crowd: Crowd): Promise<CrowdPeople | null> {
    const { run, context, door, listeners } = this.#given;
    if (listeners === 0) return null;
    try {
      const tracks = await door.tracks();
      if (tracks.length === 0) context.say('the library is empty: nobody listens, volumes are turned all the same');
      const people = new CrowdPeople({
        ...{ ...run, count: listeners, tracks, speakers: speakersOf(crowd) },
        authorization: (number) => door.authorization(number),
      });
      people.start();
      people.live();
      return people;
    } catch (thrown) {
      const reason = thrown instanceof TonearmError ? thrown.message : String(thrown);
      context.say(`nobody listens, since the bridge lets nobody ask: ${reason}; see --tokens and \`tonearm login\``);
      return null;
    }
  }

  /** @returns whether at the end all are connected that are switched on */
  async #live(crowd: Crowd, people: CrowdPeople | null, changes: readonly PresenceChange[]): Promise<boolean> {
    const { run, context } = this.#given;
    const presence = performPresence(crowd, changes, run.pace, (change) =>
      this.#recorder.note({
        who: `speaker ${change.number}`,
        what: change.isOn ? 'switched on' : 'switched off',
        kind: 'log',
      }),
    );
    let saidUp = crowd.tally.up;
    try {
      await passTime(run.durationS, context.interrupted, (isToSay) => {
        const cost = this.#meter.read(run.count);
        this.#sample(crowd, people, cost);
        const { up } = crowd.tally;
        if (isToSay || Math.abs(up - saidUp) > TOLD_AT_ONCE_PART * run.count) {
          context.say(`${up} connected, ${crowd.tally.lost} links lost; ${describeCost(cost)}`);
          saidUp = up;
        }
        if (crowd.tally.isOutOfFiles) throw outOfFiles();
      });
    } finally {
      presence.stop();
    }
    return crowd.speakers.every((speaker) => speaker.isUp || !speaker.isOn || !speaker.hasTried);
  }

  #sample(crowd: Crowd, people: CrowdPeople | null, cost: OwnCost): void {
    const { tally } = crowd;
    this.#recorder.sample('sockets', null, 'speakers connected', '', tally.up);
    this.#recorder.sample('messages', null, 'from the bridge, all so far', '', tally.messageCount('in'));
    this.#recorder.sample('messages', null, 'to the bridge, all so far', '', tally.messageCount('out'));
    recordCost(this.#recorder, cost);
    if (people !== null) recordPeople(this.#recorder, people);
  }

  async #end(crowd: Crowd, people: CrowdPeople | null, outcome: RunReport['outcome']): Promise<void> {
    const { run, context } = this.#given;
    const { tally } = crowd;
    const cost = this.#meter.readWhole(run.count);
    const figures: readonly (readonly [string, number, string])[] = [
      ['speakers', run.count, ''],
      ['connected at the end', tally.up, ''],
      ['welcomes', tally.welcomed, ''],
      ['links lost', tally.lost, ''],
      ['attempts timed out', tally.timedOut, ''],
      ['attempts failed otherwise', tally.failed, ''],
      ['messages from the bridge', tally.messageCount('in'), ''],
      ['messages to the bridge', tally.messageCount('out'), ''],
      [
        'states reported',
        (tally.messages.out.get('stateSnapshot') ?? 0) + (tally.messages.out.get('stateDifference') ?? 0),
        '',
      ],
      ['commands taken', tally.messages.in.get('command') ?? 0, ''],
      ['memory of the simulator', cost.rssMb, 'MB'],
      ['memory each speaker', cost.rssKbEach, 'kB'],
    ];
    for (const [name, value, unit] of figures) this.#recorder.figure(name, value, unit);
    people?.stop();
    for (const [name, value, unit] of figures)
      context.print(`${name}: ${unit === '' ? value : `${value.toFixed(1)} ${unit}`}`);
    for (const { reason, count } of tally.reasons.list()) context.print(`  not let in ${count} times: ${reason}`);
    if (people !== null) describePeople(people, this.#recorder, context.print);
    context.print(`of the simulator itself: ${describeCost(cost)}`);
    context.print(outcome);
  }
}

function speakersOf(crowd: Crowd): readonly SpeakerId[] {
  return crowd.speakers.map(({ self }) => self.id);
}
