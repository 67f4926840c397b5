/**
 * How long a speaker waits for a manifest when many ask at once: a real bridge, kept to one core, with an album in all
 * its qualities; 200 requests a second from this process, sent on time whether or not earlier ones were answered
 * (open loop).
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { HouseholdSnapshot } from '#protocol/wire/household';
import { MANIFEST_PATH, SPEAKER_HEADER } from '#protocol/wire/versions';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const RATE = 48_000;
const REQUESTS_PER_SECOND = 200;
const SECONDS = 20;
/** Before it is measured: a bridge that has just started compiles its code. */
const WARM_UP_SECONDS = 3;
const P99_MUST_MS = 5;
const LADDER_FILES = 4;
/** Addresses of this machine that the speakers have: the bridge lets each ask 100 times a second. */
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];
const SOCKETS_PER_ADDRESS = 32;
const INGEST_WITHIN_MS = 300_000;
const ANSWER_WITHIN_MS = 5_000;

interface Size {
  readonly tracks: number;
  readonly trackSeconds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}
const FULL: Size = { tracks: 6, trackSeconds: 200, seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS };
const SMOKE: Size = { tracks: 2, trackSeconds: 5, seconds: 2, warmUpSeconds: 1 };

export async function measureManifestRate({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const size = isSmoke ? SMOKE : FULL;
  const house = await HouseholdProcesses.create();
  const agents = ADDRESSES.map((localAddress) => createAgent(localAddress));
  try {
    const music = join(house.folder, 'Album');
    await mkdir(music);
    for (let n = 0; n < size.tracks; n += 1) {
      const samples = fingerprintTrack(40 + n, size.trackSeconds * RATE);
      await writeFile(join(music, `0${n + 1} - Track.wav`), encodeWav({ left: samples, right: samples, rate: RATE }));
    }
    const bridge = await house.startBridge({ music });
    const paths = await completeTracks(house, size.tracks);
    await keepToOneCore(bridge.pid, say);
    const load = { url: house.url, paths, agents };
    await askOnTime(load, size.warmUpSeconds);
    const took = await askOnTime(load, size.seconds);
    const p50 = quantile(took, 0.5);
    const p99 = quantile(took, 0.99);
    say(`manifests at ${REQUESTS_PER_SECOND}/s: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, n=${took.length}`);
    return [
      createFigure({ key: 'manifest at 200/s on one core: p50', unit: 'ms', values: [p50], better: 'lower' }),
      createFigure({
        key: 'manifest at 200/s on one core: p99',
        unit: 'ms',
        values: [p99],
        must: P99_MUST_MS,
        better: 'lower',
      }),
    ];
  } finally {
    for (const agent of agents) agent.destroy();
    await house.stop();
  }
}

/** `localAddress` belongs to the options of each socket, which an agent takes as its own. */
function createAgent(localAddress: string): Agent {
  const options = { keepAlive: true, maxSockets: SOCKETS_PER_ADDRESS, localAddress };
  return new Agent(options);
}

/** Waits until every track has every quality, and asks for none before: a manifest is told so for a while. @returns their paths */
async function completeTracks(house: HouseholdProcesses, count: number): Promise<readonly string[]> {
  const isDone = ({ ingest }: HouseholdSnapshot) => !ingest.isRunning && ingest.done === count;
  await house.phone().until('the album encoded', isDone, INGEST_WITHIN_MS);
  const listed = (await (await fetch(`${house.url}/tonearm/v1/tracks`)).json()) as { items: readonly { id: string }[] };
  const paths = listed.items.map(({ id }) => `${MANIFEST_PATH}/${id}`);
  const ladders = await Promise.all(paths.map((path) => filesOf(`${house.url}${path}`)));
  if (ladders.length === count && ladders.every((files) => files === LADDER_FILES)) return paths;
  throw new Error(`the album has not all its qualities: ${ladders}`);
}

async function filesOf(url: string): Promise<number> {
  const answer = await fetch(url);
  const manifest = (await answer.json()) as { files?: readonly unknown[] };
  return answer.status === 200 ? (manifest.files?.length ?? 0) : 0;
}

async function keepToOneCore(pid: number, say: BenchOptions['say']): Promise<void> {
  try {
    await promisify(execFile)('taskset', ['-a', '-c', '-p', '0', String(pid)]);
  } catch (cause) {
    say(`the bridge has all cores, since taskset failed: ${String(cause)}`);
  }
}

interface Load {
  readonly url: string;
  readonly paths: readonly string[];
  readonly agents: readonly Agent[];
}

/** @returns milliseconds from each request to the last byte of its answer */
async function askOnTime(load: Load, seconds: number): Promise<readonly number[]> {
  const began = performance.now();
  const asked: Promise<number>[] = [];
  for (let n = 0; n < seconds * REQUESTS_PER_SECOND; n += 1) {
    const due = began + (n * 1000) / REQUESTS_PER_SECOND;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    // A timer that fires late is this process's doing and no wait for the bridge; the next is on time again.
    asked.push(ask(load, n, performance.now()));
  }
  return await Promise.all(asked);
}

function ask({ url, paths, agents }: Load, n: number, began: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const agent = agents[n % agents.length];
    const headers = { [SPEAKER_HEADER]: `bench-speaker-${n % 500}` };
    const path = paths[n % paths.length] ?? '';
    const request = get(`${url}${path}`, { ...(agent === undefined ? {} : { agent }), headers }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`a manifest was answered ${answer.statusCode}`));
      });
    });
    request.setTimeout(ANSWER_WITHIN_MS, () => request.destroy(new Error('a manifest did not come')));
    request.on('error', reject);
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
