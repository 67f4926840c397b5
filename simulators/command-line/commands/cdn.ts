/** `tonearm simulate cdn`: its flags; the regions themselves are `simulators/edge`. */
import { type Command, Option } from 'commander';
import { readChoice } from '#protocol/adapters/flag-values';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { EDGES_MAX } from '#protocol/wire/manifest';
import { runCdn } from '#sim/edge/cdn-run';
import { describeMoods, type EdgeMood, parseMood } from '#sim/edge/edge-mood';
import { missingForNginx } from '#sim/edge/nginx-process';
import { EDGE_SERVERS, type RegionPlan } from '#sim/edge/region';
import { type Endpoint, parseEndpoint } from '#sim/proxy/endpoint';
import { addReportFlags, checkReportPaths, writeReport } from '#sim/report/write-report';
import { SeededRandom } from '#sim/world/seeded-random';
import type { Act } from '../simulate-context.ts';
import { readControl, readMinutes, readSeed } from './network-flags.ts';

const REGION = /^([0-9A-Za-z._-]{1,64}):(\d{1,4}(?:\.\d{1,3})?)ms$/;
/** As far as there is on Earth, and a satellite. */
const ROUND_TRIP_MS_MAX = 2_000;
const PORT_MAX = 65_535;

interface Flags {
  readonly regions: string;
  readonly origin: string;
  readonly mood?: readonly string[];
  readonly listen: string;
  readonly server: string;
  readonly seed: string;
  readonly control?: string;
  readonly minutes?: string;
  readonly json?: string;
  readonly report?: string;
}

export function addCdn(program: Command, act: Act): void {
  const several = (text: string, before: readonly string[] = []) => [...before, ...text.split(',')];
  addReportFlags(
    program
      .command('cdn')
      .description('edges in several regions, real ones, with distances and moods')
      .requiredOption('--regions <list>', 'names and round trips, the preferred first: eu-west:20ms,us-east:90ms')
      .requiredOption('--origin <url>', 'of the bridge (or edge) whose music they keep')
      .addOption(new Option('--mood <region=mood>', 'how an edge begins, again for each').argParser(several))
      .option('--listen <host:port>', 'of the first; the others have the ports after it', '127.0.0.1:0')
      .option('--server <name>', `${EDGE_SERVERS.join(' or ')}: what an edge is made of`, EDGE_SERVERS[0])
      .option('--seed <number>', 'of what moods leave to chance', '1')
      .option('--control <host:port>', 'live control over HTTP; a port alone is one of this machine only')
      .option('--minutes <number>', 'end by itself')
      .addHelpText(
        'after',
        `\nMoods:\n${describeMoods()}\n\nControl: GET /state, PUT /regions/REGION/mood {"mood": "lying"}, and for each region what
\`simulate network\` has: PUT /regions/REGION/conditions, POST /regions/REGION/cut, …`,
      ),
  ).action(
    act(async (context, flags: Flags) => {
      const reports = { json: flags.json, report: flags.report };
      checkReportPaths(reports);
      const seed = readSeed(flags.seed);
      const server = readChoice({ text: flags.server, from: '--server' }, EDGE_SERVERS[0], EDGE_SERVERS);
      const missing = server === 'nginx' ? missingForNginx() : null;
      if (missing !== null) throw new TonearmError('input.invalid', `--server: ${missing}`, { field: '--server' });
      const report = await runCdn(
        {
          clock: createSystemClock(),
          random: new SeededRandom(seed, 'cdn'),
          print: context.print,
          interrupted: context.interrupted,
        },
        {
          regions: readRegions(flags),
          origin: readOrigin(flags.origin),
          server,
          control: flags.control === undefined ? null : readControl(flags.control),
          minutes: readMinutes(flags.minutes),
          parameters: { regions: flags.regions, origin: flags.origin, mood: String(flags.mood ?? false), server, seed },
          startedAt: new Date().toISOString(),
        },
      );
      await writeReport(report, reports);
      return 0;
    }),
  );
}

function readRegions(flags: Flags): readonly RegionPlan[] {
  const first = parseEndpoint(flags.listen, '--listen', true);
  const regions = flags.regions.split(',').map((text, place) => {
    const [, name, roundTrip] = REGION.exec(text.trim()) ?? [];
    const roundTripMs = Number(roundTrip ?? Number.NaN);
    if (name === undefined || !(roundTripMs <= ROUND_TRIP_MS_MAX)) {
      return refuse(
        '--regions',
        `must be NAME:ROUNDTRIPms of at most ${ROUND_TRIP_MS_MAX}, not ${JSON.stringify(text.slice(0, 80))}`,
      );
    }
    return { name, roundTripMs, mood: 'well' as EdgeMood, listen: portAfter(first, place) };
  });
  if (new Set(regions.map(({ name }) => name)).size < regions.length) refuse('--regions', 'must name each region once');
  if (regions.length >= EDGES_MAX) refuse('--regions', `must name at most ${EDGES_MAX - 1} regions`);
  const moods = readMoods(
    flags.mood ?? [],
    regions.map(({ name }) => name),
  );
  return regions.map((region) => ({ ...region, mood: moods.get(region.name) ?? region.mood }));
}

function readMoods(given: readonly string[], known: readonly string[]): ReadonlyMap<string, EdgeMood> {
  return new Map(
    given.map((text) => {
      const [region = '', mood = ''] = text.split('=');
      if (!known.includes(region)) {
        refuse(
          '--mood',
          `must be REGION=MOOD with one of ${known.join(', ')}, not ${JSON.stringify(text.slice(0, 80))}`,
        );
      }
      return [region, parseMood(mood, '--mood')];
    }),
  );
}

function portAfter({ host, port }: Endpoint, place: number): Endpoint {
  if (port + place > PORT_MAX) refuse('--listen', 'leaves no port for each region');
  return { host, port: port === 0 ? 0 : port + place };
}

function readOrigin(text: string): URL {
  const url = URL.parse(text);
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search + url.hash === '';
  if (url !== null && isPlain && url.username === '' && url.password === '') return url;
  return refuse('--origin', `must be http://HOST:PORT or https://HOST:PORT, not ${JSON.stringify(text.slice(0, 80))}`);
}

function refuse(flag: string, rule: string): never {
  throw new TonearmError('input.invalid', `${flag} ${rule}`, { field: flag });
}
