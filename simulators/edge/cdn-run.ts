/** One run of `tonearm simulate cdn`: opens the regions, says how a bridge is told of them, and leaves its report. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import { ControlDoor, type ControlRoute, readBody } from '#sim/proxy/control-door';
import type { Endpoint } from '#sim/proxy/endpoint';
import { networkControls } from '#sim/proxy/network-controls';
import { untilOver } from '#sim/proxy/network-run';
import { noteNetworkEvent, watchNetwork } from '#sim/proxy/watch-network';
import { RunRecorder } from '#sim/report/run-recorder';
import type { RunReport } from '#sim/report/run-report';
import type { SeededRandom } from '#sim/world/seeded-random';
import { parseMood } from './edge-mood.ts';
import { type EdgeServer, Region, type RegionPlan } from './region.ts';

const LOOK_EVERY = ms(1_000);

export interface CdnRunOptions {
  readonly regions: readonly RegionPlan[];
  readonly origin: URL;
  readonly server: EdgeServer;
  /** null: it is not controlled. */
  readonly control: Endpoint | null;
  /** null: until it is interrupted. */
  readonly minutes: number | null;
  readonly parameters: RunReport['parameters'];
  /** ISO 8601. */
  readonly startedAt: string;
}

export interface CdnRunPorts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  print(line: string): void;
  readonly interrupted: AbortSignal;
}

/** @throws TonearmError when an address cannot be listened on, or nginx cannot serve that origin */
export async function runCdn(ports: CdnRunPorts, options: CdnRunOptions): Promise<RunReport> {
  const { clock, random, print, interrupted } = ports;
  const { parameters, startedAt, origin, server } = options;
  const title = `Edges in ${options.regions.length} regions before ${origin.host}`;
  const recorder = new RunRecorder(clock, { kind: 'cdn', title, startedAt, parameters });
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-cdn-'));
  const ending: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const regions: Region[] = [];
    for (const plan of options.regions) {
      const told = noteNetworkEvent.bind(null, recorder, plan.name);
      const region = await Region.open(
        plan,
        { clock, random: random.fork(plan.name), told },
        { origin, server, folder },
      );
      ending.push(() => region.stop());
      regions.push(region);
      print(`${region.name} ${region.url} ${region.roundTripMs}ms ${region.mood}`);
    }
    print(`bridge: ${regions.map(({ name, url }) => `--edge ${url},${name}`).join(' ')}`);
    if (options.control !== null) {
      const control = await ControlDoor.open(options.control, cdnControls(regions, recorder));
      ending.push(() => control.close());
      print(`control ${control.url}`);
    }
    const finish = watchRegions(clock, regions, recorder);
    await untilOver(clock, options.minutes, interrupted);
    finish();
    return recorder.report(interrupted.aborted ? 'stopped' : 'passed');
  } finally {
    for (const end of ending.toReversed()) await end();
  }
}

const moodSchema = z.strictObject({ mood: z.string() });

function cdnControls(regions: readonly Region[], recorder: RunRecorder): readonly ControlRoute[] {
  const find = ({ region: name = '' }: Readonly<Record<string, string>>): Region => {
    const found = regions.find((region) => region.name === name);
    if (found !== undefined) return found;
    const known = regions.map((region) => region.name).join(', ');
    throw new TonearmError('input.unknown', `there is no region ${name.slice(0, 40)}; there are ${known}`, {
      field: 'region',
    });
  };
  const describe = (region: Region) => ({
    name: region.name,
    url: region.url,
    roundTripMs: region.roundTripMs,
    mood: region.mood,
    ...region.asked,
    network: region.way.network.state(),
  });
  return [
    { method: 'GET', path: '/state', answer: () => ({ regions: regions.map(describe) }) },
    {
      method: 'PUT',
      path: '/regions/{region}/mood',
      answer: (body, names) => {
        const region = find(names);
        const mood = parseMood(readBody(moodSchema, body, 'mood').mood, 'mood');
        region.setMood(mood);
        recorder.note({ who: region.name, what: `mood: ${mood}`, kind: mood === 'well' ? 'mended' : 'fault' });
        return { name: region.name, mood };
      },
    },
    ...networkControls((names) => find(names).way.network, '/regions/{region}'),
  ];
}

/** @returns to be called at the end */
function watchRegions(clock: Clock, regions: readonly Region[], recorder: RunRecorder): () => void {
  const finishing = regions.map(({ name, way }) => watchNetwork(clock, way.network, recorder, name));
  const look = () => {
    for (const { name, asked } of regions) {
      recorder.sample('requests', name, 'asked', '', asked.requests);
      recorder.sample('requests', name, 'for music', '', asked.music);
      recorder.sample('requests', name, 'spoilt', '', asked.spoilt);
    }
  };
  const tick = () => {
    look();
    timer = clock.setTimer('watch-regions', LOOK_EVERY, tick);
  };
  let timer = clock.setTimer('watch-regions', LOOK_EVERY, tick);
  return () => {
    timer.cancel();
    look();
    for (const finish of finishing) finish();
    for (const { name, asked } of regions) {
      recorder.figure(`${name}: requests`, asked.requests, '');
      recorder.figure(`${name}: for music`, asked.music, '');
      recorder.figure(`${name}: spoilt`, asked.spoilt, '');
    }
  };
}
