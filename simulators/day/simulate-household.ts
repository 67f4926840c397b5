/** `tonearm simulate household`: the household from its first process to its report, with a day in between or without one. */
import { stat } from 'node:fs/promises';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { createSystemRandom } from '#protocol/adapters/system-random';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { BRIDGE_PORT_DEFAULT } from '#protocol/wire/versions';
import type { SimulateContext, SimulateExitCode } from '#sim/command-line/simulate-context';
import { firstFreePort, isPortFree, lanAddress } from '#sim/household/network-place';
import { SimulatedHousehold } from '#sim/household/simulated-household';
import { RunRecorder } from '#sim/report/run-recorder';
import { checkReportPaths, type ReportPaths, writeReport } from '#sim/report/write-report';
import { SeededRandom } from '#sim/world/seeded-random';
import { PEOPLE_NAMES, ROOM_NAMES } from './house-names.ts';
import { HouseRecord } from './house-record.ts';
import { LivedDay } from './lived-day.ts';
import { planDay } from './plan-day.ts';

const MS_PER_MINUTE = 60_000;
const PROBLEMS: SimulateExitCode = 1;

export interface SimulateHouseholdOptions extends ReportPaths {
  /** Speakers; at most as many as there are names. */
  readonly rooms: number;
  readonly phones: number;
  readonly seed: number;
  /** That a day takes. */
  readonly minutes: number;
  readonly hasDay: boolean;
  /** Null: the default one, or the next that is free. */
  readonly port: number | null;
  readonly musicFolder: string | null;
  readonly albumFolder: string;
  readonly sink: string;
  readonly hasMdns: boolean;
}

/** Runs until the day is over, or until it is interrupted; nothing is left behind then. */
export async function simulateHousehold(
  options: SimulateHouseholdOptions,
  context: SimulateContext,
): Promise<SimulateExitCode> {
  checkReportPaths(options);
  if (options.musicFolder !== null && !(await isFolder(options.musicFolder))) {
    throw new TonearmError('input.invalid', `--music: there is no folder ${options.musicFolder}`, { field: '--music' });
  }
  const ports = await choosePorts(options.port);
  const rooms = ROOM_NAMES.slice(0, options.rooms);
  const people = PEOPLE_NAMES.slice(0, options.phones);
  const clock = createSystemClock();
  const recorder = new RunRecorder(clock, {
    kind: 'household',
    title: `A day in a household: ${rooms.length} rooms, ${people.length} phones`,
    startedAt: new Date().toISOString(),
    parameters: parametersOf(options),
  });
  const record = new HouseRecord(recorder);
  const problem = (who: string, what: string): void => {
    record.problem(who, what);
    context.say(`! ${who}: ${what}`);
  };
  const house = new SimulatedHousehold(
    { ...options, rooms, owner: PEOPLE_NAMES[0] ?? 'Ada', ports },
    {
      broke: (who, what) => recorder.note({ who, what, kind: 'fault' }),
      mended: (who, what) => recorder.note({ who, what, kind: 'mended' }),
      problem,
    },
  );
  const day = new LivedDay({ clock, random: createSystemRandom(), recorder, record, say: context.say }, house);
  try {
    context.say(`Starting a bridge and ${rooms.length} speakers. Ctrl-C ends all of it.`);
    if (!(await orInterrupted(house.start(), context.interrupted))) return 0;
    for (const line of addressesOf(house, ports)) context.print(line);
    await day.letIn(options.hasDay ? people : people.slice(0, 1));
    if (options.hasDay && (await orInterrupted(day.music(), context.interrupted))) {
      const events = planDay(new SeededRandom(options.seed), { rooms, people });
      context.say(`A day of ${events.length} things to do, in ${options.minutes} minutes (seed ${options.seed}).`);
      await day.play(events, ms(options.minutes * MS_PER_MINUTE), context.interrupted);
    } else await interruption(context.interrupted);
  } finally {
    day.stop();
    await house.stop();
  }
  record.sumUp();
  const outcome = record.problems > 0 ? 'failed' : context.interrupted.aborted ? 'stopped' : 'passed';
  await writeReport(recorder.report(outcome), options);
  context.say(record.problems === 0 ? 'Nothing went wrong.' : `${record.problems} things went wrong.`);
  return record.problems === 0 ? 0 : PROBLEMS;
}

function addressesOf(house: SimulatedHousehold, { plain, tls }: { plain: number; tls: number }): readonly string[] {
  const row = (name: string, text: string): string => `${name.padEnd(12)} ${text}`;
  return [
    row('page', house.page),
    row('', '(lets whoever has it in as the owner; keep it to yourself)'),
    row('bridge', `http://${lanAddress()}:${plain}, by TLS at port ${tls}`),
    ...house.speakers.map(({ name, id, lanPort }) => row(name, `http://127.0.0.1:${lanPort}  ${id}`)),
    row('MQTT', 'off'),
  ];
}

/** Flags that are not as they are by themselves, so that the command that runs it again is short. */
function parametersOf({ rooms, phones, seed, minutes, hasDay, musicFolder, sink }: SimulateHouseholdOptions) {
  return {
    ...{ rooms, phones, seed },
    ...(hasDay ? { minutes } : { 'no-day': true }),
    ...(musicFolder === null ? {} : { music: musicFolder }),
    ...(sink === 'virtual' ? {} : { sink }),
  };
}

/** @throws TonearmError `config.port-in-use` */
async function choosePorts(wanted: number | null): Promise<{ plain: number; tls: number }> {
  const isFree = wanted === null || (await isPortFree(wanted));
  const plain = wanted ?? (await firstFreePort(BRIDGE_PORT_DEFAULT));
  const tls = plain === null ? null : await firstFreePort(plain + 1);
  if (!isFree || plain === null || tls === null) {
    throw new TonearmError('config.port-in-use', `--port: ${wanted ?? BRIDGE_PORT_DEFAULT} is in use`, {
      field: '--port',
    });
  }
  return { plain, tls };
}

/** @returns false when it was interrupted before */
async function orInterrupted(task: Promise<void>, interrupted: AbortSignal): Promise<boolean> {
  await Promise.race([task, interruption(interrupted)]);
  return !interrupted.aborted;
}

function interruption(interrupted: AbortSignal): Promise<void> {
  if (interrupted.aborted) return Promise.resolve();
  return new Promise((resolve) => interrupted.addEventListener('abort', () => resolve(), { once: true }));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (it) => it.isDirectory(),
    () => false,
  );
}
