/** `tonearm simulate network`: a network as bad as one likes, between real programs. */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { readWholeNumber } from '#protocol/adapters/flag-values';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { parseTrace } from '#sim/network/trace';
import { CLEAR } from '#sim/proxy/conditions';
import { formatEndpoint, parseEndpoint } from '#sim/proxy/endpoint';
import { isProfileName, PROFILES, planOf, refuseProfile } from '#sim/proxy/network-profiles';
import { ROUTES_MAX, type Route } from '#sim/proxy/network-proxy';
import { runNetwork } from '#sim/proxy/network-run';
import type { NetworkPlan } from '#sim/proxy/simulated-network';
import type { RunReport } from '#sim/report/run-report';
import { addReportFlags, checkReportPaths, writeReport } from '#sim/report/write-report';
import { NAMED_ROOMS_MAX, runRooms } from '#sim/rooms/rooms-run';
import { SeededRandom } from '#sim/world/seeded-random';
import type { Act, SimulateContext } from '../simulate-context.ts';
import { readControl, readMinutes, readSeed } from './network-flags.ts';

interface Flags {
  readonly listen?: readonly string[];
  readonly to?: readonly string[];
  readonly udp?: boolean;
  readonly profile: string;
  readonly seed: string;
  readonly namespaces?: string;
  readonly control?: string;
  readonly minutes?: string;
  readonly json?: string;
  readonly report?: string;
}

export function addNetwork(program: Command, act: Act): void {
  const profiles = Object.entries(PROFILES).map(([name, { about }]) => `  ${name.padEnd(16)} ${about}`);
  const several = (text: string, before: readonly string[] = []) => [...before, ...text.split(',')];
  addReportFlags(
    program
      .command('network')
      .description('a network as bad as one likes, between real programs')
      .addOption(
        new Option('--listen <host:port>', 'where programs connect; again for each way through').argParser(several),
      )
      .addOption(new Option('--to <host:port>', 'where that leads, in the same order').argParser(several))
      .option('--udp', 'datagrams too, on the same ports')
      .option('--profile <name>', 'one of those below, or a trace file (JSON)', 'clear')
      .option('--seed <number>', 'of what the profile leaves to chance', '1')
      .option('--namespaces <n>', `instead: as many rooms as network namespaces, at most ${NAMED_ROOMS_MAX}; root only`)
      .option('--control <host:port>', 'live control over HTTP; a port alone is one of this machine only')
      .option('--minutes <number>', 'end by itself')
      .addHelpText(
        'after',
        `\nProfiles:\n${profiles.join('\n')}\n\nA trace file is a list of {"duration_ms", "bandwidth_kbps", "latency_ms"}.
Control: GET /state, PUT /conditions {"down": {"delayMs": 200}}, POST /cut {"direction": "up|down|both",
"kind": "hold|swallow|reset"}, POST /heal, POST /reset-connections, POST /corrupt-next {"direction", "packets"}. With --namespaces: GET /state,
PUT /rooms/ROOM/address, POST /rooms/ROOM/unplug, POST /rooms/ROOM/plug.`,
      ),
  ).action(
    act(async (context, flags: Flags) => {
      const reports = { json: flags.json, report: flags.report };
      checkReportPaths(reports);
      if (flags.namespaces !== undefined) {
        await writeReport(await openRooms(flags, flags.namespaces, context), reports);
        return 0;
      }
      const routes = readRoutes(flags);
      const seed = readSeed(flags.seed);
      const random = new SeededRandom(seed, 'network');
      const plan = await readPlan(flags.profile, random);
      const report = await runNetwork(
        { clock: createSystemClock(), random, print: context.print, interrupted: context.interrupted },
        {
          routes,
          hasUdp: flags.udp === true,
          profile: { name: flags.profile, plan },
          control: flags.control === undefined ? null : readControl(flags.control),
          minutes: readMinutes(flags.minutes),
          parameters: {
            listen: String(flags.listen),
            to: String(flags.to),
            udp: flags.udp === true,
            profile: flags.profile,
            seed,
          },
          startedAt: new Date().toISOString(),
        },
      );
      await writeReport(report, reports);
      return 0;
    }),
  );
}

function openRooms(flags: Flags, text: string, context: SimulateContext): Promise<RunReport> {
  if (flags.listen !== undefined || flags.to !== undefined) {
    throw new TonearmError('input.invalid', '--namespaces stands alone, without --listen and --to', {
      field: '--namespaces',
    });
  }
  const count = readWholeNumber({ text, from: '--namespaces' }, 1, { least: 1, most: NAMED_ROOMS_MAX });
  return runRooms(
    { clock: createSystemClock(), print: context.print, interrupted: context.interrupted },
    {
      count,
      control: flags.control === undefined ? null : readControl(flags.control),
      minutes: readMinutes(flags.minutes),
      parameters: { namespaces: count },
      startedAt: new Date().toISOString(),
    },
  );
}

function readRoutes({ listen = [], to = [] }: Flags): readonly Route[] {
  const refuse = (rule: string): never => {
    throw new TonearmError('input.invalid', `--listen and --to ${rule}`, { field: '--listen' });
  };
  if (listen.length === 0) refuse('say what is passed on and where to; see --help');
  if (listen.length !== to.length) refuse('come in pairs');
  if (listen.length > ROUTES_MAX) refuse(`name at most ${ROUTES_MAX} ways`);
  return listen.map((text, place) => {
    const route = { listen: parseEndpoint(text, '--listen', true), to: parseEndpoint(to[place] ?? '', '--to', false) };
    if (formatEndpoint(route.listen) === formatEndpoint(route.to)) refuse(`are the same: ${text} would call itself`);
    return route;
  });
}

async function readPlan(text: string, random: SeededRandom): Promise<NetworkPlan> {
  if (isProfileName(text)) return planOf(text, random.fork('profile'));
  const content = await readFile(text, 'utf8').catch(() => refuseProfile(text));
  return { base: CLEAR, trace: parseTrace(content, text) };
}
