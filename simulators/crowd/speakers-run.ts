/**
 * One run of a crowd of speakers: they gather, live by their plans while people listen to them, and leave; and what all that
 * asked of the bridge and cost here is told.
 */
import { createSystemClock } from '#protocol/adapters/system-clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { SimulateContext, SimulateExitCode } from '#sim/command-line/simulate-context';
import { RunRecorder } from '#sim/report/run-recorder';
import type { RunReport } from '#sim/report/run-report';
import { type ReportPaths, writeReport } from '#sim/report/write-report';
import { SeededRandom } from '#sim/world/seeded-random';
import type { BridgeDoor } from './bridge-door.ts';
import { bridgePin } from './bridge-pin.ts';
import { Crowd } from './crowd.ts';
import type { CrowdRun } from './crowd-options.ts';
import { CrowdPeople } from './crowd-people.ts';
import type { CrowdState } from './crowd-state.ts';
import { outOfFiles } from './open-files.ts';
import { type OwnCost, OwnCostMeter } from './own-cost.ts';
import { passTime } from './pass-time.ts';
import { performPresence } from './perform-presence.ts';
import { type PresenceChange, planPresence } from './plan-presence.ts';
import { describeCost, describePeople, EACH_TOLD_FROM, recordCost, recordPeople } from './tell-crowd.ts';

/** All are in by then, or some never come: 20,000 handshakes on a small machine, with room. */
const GATHERED_WITHIN_MS = 180_000;
/** Nobody at all is let in by then: there is no bridge, or none for these. */
const FIRST_WITHIN_MS = 15_000;
/** Of the speakers: when so many more or fewer are connected, people hear of it at once. */
const TOLD_AT_ONCE_PART = 0.01;
const UNREACHABLE: SimulateExitCode = 3;
const NOT_PAIRED = /not paired/;
const WHEN_NOT_PAIRED =
  'a bridge that is not open takes in who it knows: --pair, or --register FOLDER while it is ended';

export interface SpeakersGiven {
  /** Where its report goes, and what of its flags stands in it. */
  readonly reports: ReportPaths;
  readonly kept: RunReport['parameters'];
  readonly run: CrowdRun;
  readonly context: SimulateContext;
  readonly door: BridgeDoor;
  readonly listeners: number;
}

/** One run, from the first dial to the last goodbye. */
export class SpeakersRun {
  readonly #given: SpeakersGiven;
  readonly #state: CrowdState | null;
  readonly #recorder: RunRecorder;
  readonly #meter = new OwnCostMeter();

  constructor(given: SpeakersGiven, state: CrowdState | null) {
    this.#given = given;
    this.#state = state;
    const { run, kept } = given;
    const parameters = { ...run.parameters, ...kept, listeners: given.listeners };
    const title = `${run.count} speakers at ${run.url}`;
    const startedAt = new Date().toISOString();
    this.#recorder = new RunRecorder(createSystemClock(), { kind: 'speakers', title, startedAt, parameters });
  }

  async perform(): Promise<SimulateExitCode> {
    const { run, context, reports } = this.#given;
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
      if (!(await this.#gather(crowd))) return UNREACHABLE;
      const people = await this.#people(crowd);
      const changes = planPresence(new SeededRandom(run.seed, 'presence'), {
        count: run.count,
        durationS: run.durationS * run.pace,
      });
      const isWhole = await this.#live(crowd, people, changes);
      const outcome = context.interrupted.aborted ? 'stopped' : isWhole ? 'passed' : 'failed';
      await this.#end(crowd, people, outcome);
      await writeReport(this.#recorder.report(outcome), reports);
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
    if (crowd.tally.up === 0 && !context.interrupted.aborted) {
      const whatToDo = NOT_PAIRED.test(worst?.reason ?? '') ? `; ${WHEN_NOT_PAIRED}` : '';
      context.say(`no speaker is let in at ${run.address}${why}${whatToDo}`);
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
      context.say(`nobody listens: ${reason}`);
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
          context.say(`${up} connected, ${crowd.tally.lost} links lost; ${describeCost(cost, run.count)}`);
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
    ];
    for (const [name, value, unit] of figures) this.#recorder.figure(name, value, unit);
    if (run.count >= EACH_TOLD_FROM) this.#recorder.figure('memory each speaker', cost.rssKbEach, 'kB');
    people?.stop();
    for (const [name, value, unit] of figures)
      context.print(`${name}: ${unit === '' ? value : `${value.toFixed(1)} ${unit}`}`);
    for (const { reason, count } of tally.reasons.list()) context.print(`  not let in ${count} times: ${reason}`);
    if (people !== null) describePeople(people, this.#recorder, context.print);
    context.print(`of the simulator itself: ${describeCost(cost, run.count)}`);
    context.print(outcome);
  }
}

function speakersOf(crowd: Crowd): readonly SpeakerId[] {
  return crowd.speakers.map(({ self }) => self.id);
}
