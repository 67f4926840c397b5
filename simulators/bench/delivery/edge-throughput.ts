/**
 * Requests per second of a warm edge beside nginx: the same ranges of 64 KiB of the same files over loopback, by the same load
 * generator (wrk, one thread, so that each has a core to itself), alternating. nginx serves plain files: what it is best at,
 * without the token that our edge checks on every request.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FILE_PATH } from '#protocol/wire/versions';
import { CountingOrigin, createOriginFile, type OriginFile } from '#sim/edge/counting-origin';
import { EdgeProcess } from '#sim/edge/edge-process';
import { missingForNginx, NginxProcess } from '#sim/edge/nginx-process';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const WRK = '/usr/bin/wrk';
const CONNECTIONS = 32;
const RANGE_BYTES = 64 * 1024;
/** Files of a track at 320 kbit/s each, and as many as there are qualities. */
const FILES = 4;
const FILE_BYTES = 8 * 1024 * 1024;
const ROUNDS = 5;
const ROUND_SECONDS = 4;

export async function measureEdgeThroughput({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const missing = existsSync(WRK) ? missingForNginx() : `there is no ${WRK} (apt-get install wrk)`;
  if (missing !== null) {
    say(`edge throughput is not measured: ${missing}`);
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-throughput-'));
  const files = Array.from({ length: FILES }, (_, number) => createOriginFile(number, FILE_BYTES));
  const origin = await CountingOrigin.start(files);
  const ours: number[] = [];
  const peer: number[] = [];
  const edge = await EdgeProcess.start({ origin: origin.url, cacheFolder: join(folder, 'cache') });
  try {
    const nginx = await startPeer(folder, files);
    try {
      const script = await writeScript(folder, files, await origin.bearer(files.map((file) => file.fileId)));
      const seconds = isSmoke ? 1 : ROUND_SECONDS;
      await load(edge.url, script, 1);
      for (let round = 0; round < (isSmoke ? 1 : ROUNDS); round += 1) {
        ours.push(await load(edge.url, script, seconds));
        peer.push(await load(nginx.url, script, seconds));
        say(
          `edge throughput: round ${round + 1}: ${Math.round(ours.at(-1) ?? 0)}/s, nginx ${Math.round(peer.at(-1) ?? 0)}/s`,
        );
      }
    } finally {
      await nginx.stop();
    }
  } finally {
    await edge.stop();
    await origin.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return [
    createFigure({
      ...{ key: 'edge, warm ranges of 64 KiB over loopback', unit: 'requests/s', values: ours, better: 'higher' },
      ...{ peer: { name: 'nginx', values: peer }, must: { ratio: 0.35 }, reach: { ratio: 0.7 } },
    }),
  ];
}

/** nginx over the same bytes, under the same paths. */
async function startPeer(folder: string, files: readonly OriginFile[]): Promise<NginxProcess> {
  const root = join(folder, 'root');
  await mkdir(join(root, FILE_PATH), { recursive: true });
  for (const file of files) await writeFile(join(root, FILE_PATH, file.fileId), file.bytes);
  return NginxProcess.startStatic(root);
}

/** Ranges one after the other through all files, as many speakers together would ask. */
async function writeScript(folder: string, files: readonly OriginFile[], authorization: string): Promise<string> {
  const path = join(folder, 'ranges.lua');
  const ranges = FILE_BYTES / RANGE_BYTES;
  await writeFile(
    path,
    `local ids = {${files.map((file) => `"${file.fileId}"`).join(',')}}
local requests = {}
for n = 0, ${ranges * FILES - 1} do
  local from = (n % ${ranges}) * ${RANGE_BYTES}
  requests[n] = wrk.format("GET", "${FILE_PATH}/" .. ids[math.floor(n / ${ranges}) + 1], { ["Host"] = "edge",
    ["Authorization"] = "${authorization}", ["Range"] = "bytes=" .. from .. "-" .. (from + ${RANGE_BYTES - 1}) })
end
local n = -1
request = function()
  n = (n + 1) % ${ranges * FILES}
  return requests[n]
end
`,
  );
  return path;
}

/** @returns requests per second; every answer must have been a good one */
async function load(url: string, script: string, seconds: number): Promise<number> {
  const args = [
    '--threads',
    '1',
    '--connections',
    String(CONNECTIONS),
    '--duration',
    `${seconds}s`,
    '--script',
    script,
    url,
  ];
  const { stdout } = await promisify(execFile)(WRK, args);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (rate === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk was not content:\n${stdout}`);
  return Number(rate);
}
